import { cp, readFile, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';

import { findGithubProblems } from '../support/github-parser.ts';
import { readPipeline } from '../support/gitlab-runner.ts';
import { runProgramIn } from '../support/scenario-process.ts';
import { createTempGit, type TempGit } from '../support/temp-git.ts';

const FLEET = 'examples/fleet-repository';

interface Step {
  readonly uses: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

function readYaml(path: string): unknown {
  return parse(readFileSync(path, 'utf8'));
}

/** A repository as its README describes it, copied by somebody into one of their own. */
describe('the fleet repository of the examples', function () {
  this.timeout(60_000);
  let repository: TempGit;

  before(async () => {
    repository = await createTempGit();
    await cp(FLEET, repository.root, { recursive: true });
    await repository.commit();
  });
  after(() => repository.remove());

  it('is valid as it is', async () => {
    const ended = await runProgramIn(repository.root, 'reconcile', '--once', '--offline');

    expect(ended.code, ended.stdout + ended.stderr).to.equal(0);
    expect(ended.stdout).to.include('5 valid');
  });

  it('is no part of the examples around it', async () => {
    const flags = ['--offline', '--worktree', '--path', 'examples', '--output', 'json'];

    const ended = await runProgramIn('.', 'reconcile', '--once', ...flags);

    expect(ended.code, ended.stderr).to.equal(0);
    expect(JSON.parse(ended.stdout)).to.have.nested.property('summary.files', 5);
  });

  it('has a workflow that GitHub takes, with inputs that the Action has', () => {
    const name = `${FLEET}/.github/workflows/check.yaml`;
    const content = readFileSync(name, 'utf8');
    const { jobs } = parse(content) as {
      readonly jobs: { readonly shortcuts: { readonly steps: readonly Step[] } };
    };
    const [checkout, check] = jobs.shortcuts.steps;
    const { inputs } = readYaml('.github/actions/check/action.yml') as { readonly inputs: object };

    expect(findGithubProblems('workflow', { name, content })).to.deep.equal([]);
    expect(checkout?.uses).to.match(/^actions\/checkout@[0-9a-f]{40}$/);
    expect(checkout?.with).to.include({ 'fetch-depth': 0, 'persist-credentials': false });
    expect(check?.uses).to.match(/\/\.github\/actions\/check@v\d/);
    expect(inputs).to.include.all.keys(Object.keys(check?.with ?? {}));
  });

  it('has a pipeline that GitLab takes', async () => {
    await cp('deploy/gitlab/liqo-shortcuts.gitlab-ci.yml', join(repository.root, '.template.yml'));
    const file = join(repository.root, '.gitlab-ci.yml');
    const text = await readFile(file, 'utf8');
    await repository.git('remote', 'add', 'origin', 'git@gitlab.example:acme/fleet.git');
    await repository.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
    await writeFile(file, text.replace(/remote: \S+/, 'local: .template.yml'));
    await repository.git('add', '-A');

    const jobs = await readPipeline(repository.root);

    expect(jobs, JSON.stringify(jobs)).to.be.an('object').with.property('liqo-shortcuts:check');
    expect(text).to.match(/remote: \S+\/deploy\/gitlab\/liqo-shortcuts\.gitlab-ci\.yml$/m);
  });

  it('asks for a hook that there is', () => {
    const { repos } = readYaml(`${FLEET}/.pre-commit-config.yaml`) as {
      readonly repos: readonly { readonly hooks: readonly { readonly id: string }[] }[];
    };
    const hooks = readYaml('.pre-commit-hooks.yaml') as readonly { readonly id: string }[];

    const asked = repos.flatMap((repo) => repo.hooks.map(({ id }) => id));
    expect(hooks.map(({ id }) => id)).to.include.members(asked);
  });

  it('tells an editor the schema of each file, twice the same', () => {
    const { 'yaml.schemas': schemas } = JSON.parse(
      readFileSync(`${FLEET}/.vscode/settings.json`, 'utf8'),
    ) as { readonly 'yaml.schemas': Readonly<Record<string, string>> };

    for (const [address, glob] of Object.entries(schemas)) {
      const name = address.split('/').at(-1) ?? '';
      const { $id } = JSON.parse(readFileSync(`schemas/${name}`, 'utf8')) as { $id: string };
      expect(address).to.equal($id);
      const folder = glob.split('/')[1] ?? '';
      const example = readFileSync(`${FLEET}/${folder}/${EXAMPLES[folder] ?? ''}`, 'utf8');
      expect(example.split('\n')[0]).to.equal(`# yaml-language-server: $schema=${$id}`);
    }
    expect(Object.keys(schemas)).to.have.length(2);
  });
});

const EXAMPLES: Readonly<Record<string, string>> = {
  leaves: 'rome.yaml',
  shortcuts: 'rome-milan.yaml',
};
