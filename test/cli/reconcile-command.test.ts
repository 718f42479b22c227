import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';

import type { ReconcileReport } from '../../src/model/generated/report.ts';
import { PROBLEM_CODES } from '../../src/model/problem.ts';
import { createTempGit, type TempGit } from '../support/temp-git.ts';

const FIXTURES = resolve('test/fixtures/problems');
/** Codes that no committed file can cause. */
const MADE: ReadonlySet<string> = new Set(['too-many-files', 'path-not-found']);

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Through npm, as a user or a CI job would, with nothing of this process's environment that could change the outcome. */
function npmRunReconcile(...flags: readonly string[]): Promise<Ended> {
  return npmRunReconcileWith({}, ...flags);
}

function npmRunReconcileWith(
  variables: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(GITHUB|CI|KUBE|SHORTCUTS)/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), ...variables };
  const args = ['run', 'reconcile', '--', '--once', ...flags];
  return new Promise((done) => {
    execFile('npm', args, { env }, (error, stdout, stderr) => {
      done({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('npm run reconcile -- --once', function () {
  this.timeout(60_000);
  let folder: string;
  let report: string;
  let repository: TempGit;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shortcuts-cli-'));
    report = join(folder, 'report.json');
    repository = await createTempGit();
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await repository.remove();
  });

  async function readReport(): Promise<ReconcileReport> {
    return JSON.parse(await readFile(report, 'utf8')) as ReconcileReport;
  }

  describe('tells every kind of problem with exit code 1', () => {
    const warnings = new Set(['symlink-ignored']);

    for (const code of PROBLEM_CODES) {
      it(code, async function () {
        const fixture = MADE.has(code) ? resolve('examples') : join(FIXTURES, code);
        await cp(fixture, repository.root, { recursive: true });
        if (code === 'too-many-files') await writeTooManyFiles(repository.root);
        const path = code === 'path-not-found' ? 'nowhere' : '.';
        await repository.commit();

        const ended = await npmRunReconcile(
          ...['--offline', '--source', repository.root, '--path', path],
          ...['--output', 'json', '--output-file', report],
        );

        const { problems, exitCode } = await readReport();
        const found = problems.find((problem) => problem.code === code);
        expect(found, JSON.stringify(problems)).to.not.equal(undefined);
        expect(found?.severity).to.equal(warnings.has(code) ? 'warning' : 'error');
        expect(found?.line).to.be.at.least(1);
        expect(ended.exitCode).to.equal(warnings.has(code) ? 0 : 1);
        expect(exitCode).to.equal(ended.exitCode);
      });
    }
  });

  it('has a fixture for every code that a file can cause', async () => {
    const fixtures = await readdir(FIXTURES);

    expect([...fixtures, ...MADE]).to.have.members([...PROBLEM_CODES]);
  });

  it('exits with 0 for the examples, and the report follows its schema', async () => {
    const ended = await npmRunReconcile(
      ...[
        '--offline',
        '--worktree',
        '--path',
        'examples',
        '--output',
        'json',
        '--output-file',
        report,
      ],
    );

    const found = await readReport();
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const schema = JSON.parse(await readFile('schemas/report.schema.json', 'utf8')) as object;
    expect(ended.exitCode, ended.stderr).to.equal(0);
    expect(ajv.validate(schema, found), JSON.stringify(ajv.errors)).to.equal(true);
    expect(found.summary).to.include({ files: 5, valid: 5, invalid: 0 });
    expect(found.timing?.durationMs).to.be.at.least(0);
  });

  const usage = [
    {
      name: 'a flag that does not exist',
      flags: ['--nonsense'],
      says: /unknown option '--nonsense'/,
    },
    {
      name: 'a flag that does not exist, whose value it does not repeat',
      flags: ['--git-token=a-secret'],
      says: /unknown option '--git-token=…'/,
    },
    {
      name: 'a value that is wrong',
      flags: ['--offline', '--max-deletions', 'many'],
      says: /--max-deletions/,
    },
    {
      name: 'a source that is no repository',
      flags: ['--offline', '--source', tmpdir()],
      says: /repository/,
    },
    {
      name: 'a ref that does not exist',
      flags: ['--offline', '--ref', 'no-such-branch'],
      says: /no-such-branch/,
    },
    {
      name: 'a kubeconfig that cannot be read',
      flags: ['--kubeconfig', '/nonexistent', '--path', 'examples', '--worktree'],
      says: /kubeconfig/,
    },
  ];
  for (const { name, flags, says } of usage) {
    it(`exits with 2 for ${name}`, async () => {
      const ended = await npmRunReconcile(...flags);

      expect(ended.exitCode, ended.stdout).to.equal(2);
      expect(ended.stderr).to.match(says);
    });
  }

  it('exits with 3 when a commit deletes too much, and lists what is held', async () => {
    const leaves = Array.from({ length: 8 }, (_, index) => `leaf${index}`);
    for (const leaf of leaves) await repository.write({ [`leaves/${leaf}.yaml`]: aLeaf(leaf) });
    const pairs = leaves.slice(1).map((leaf) => ['leaf0', leaf] as const);
    for (const [a, b] of pairs)
      await repository.write({ [`shortcuts/${a}-${b}.yaml`]: aShortcut(a, b) });
    await repository.commit();
    await repository.git('tag', 'base');
    await repository.git('rm', '-rq', 'shortcuts');
    await repository.commit();

    const ended = await npmRunReconcile(
      ...['--offline', '--source', repository.root, '--base', 'base'],
      ...['--output', 'json', '--output-file', report],
    );

    const { guards, exitCode } = await readReport();
    expect(ended.exitCode).to.equal(3);
    expect(exitCode).to.equal(3);
    expect(guards[0]?.held).to.have.length(7);
  });

  it('exits with 4 for pending changes when asked to tell, else with 0', async () => {
    await cp(resolve('examples'), repository.root, { recursive: true });
    await repository.commit();
    await repository.git('tag', 'base');
    await repository.write({ ['shortcuts/rome-naples.yaml']: aShortcut('rome', 'naples') });
    await repository.commit();
    const flags = ['--offline', '--source', repository.root, '--base', 'base'];

    const plain = await npmRunReconcile(...flags);
    const detailed = await npmRunReconcile(...flags, '--detailed-exitcode');

    expect(plain.exitCode, plain.stderr).to.equal(0);
    expect(detailed.exitCode, detailed.stderr).to.equal(4);
    expect(detailed.stdout).to.contain('+ Shortcut/liqo-shortcuts/rome-naples (naples – rome)');
  });

  describe('in every form', () => {
    /** A file name that would be a workflow command, a link and an end of everything, in a folder of the repository. */
    const EVIL = '##[error]`--><img src=x>@octocat](x)\u202e.yaml';

    beforeEach(async () => {
      await repository.write({
        ['fleet/rome.yaml']: aLeaf('rome'),
        [`fleet/${EVIL}`]: aShortcut('rome', 'rome'),
      });
      await repository.commit();
    });

    const forms = [
      { output: 'text', says: String.raw`fleet/\u{23}#[error]` },
      { output: 'json', says: String.raw`"file": "fleet/\u0023#[error]` },
      { output: 'github', says: String.raw`::error file=fleet/\u{23}#[error]` },
      { output: 'junit', says: String.raw`file="fleet/\u{23}#[error]` },
      { output: 'sarif', says: '"uri": "fleet/%23%23%5Berror%5D' },
      { output: 'markdown', says: String.raw`fleet/\u{23}#[error]\u{60}-->` },
    ];
    for (const { output, says } of forms) {
      it(`names a file from the root of the repository, and steers nobody: ${output}`, async () => {
        const flags = ['--offline', '--source', repository.root, '--path', 'fleet'];

        const ended = await npmRunReconcile(...flags, '--output', output, '--output-file', report);

        const text = await readFile(report, 'utf8');
        expect(ended.exitCode, ended.stderr).to.equal(1);
        expect(text).to.include('self-link').and.include(says);
        expect(text).not.to.include('##[').and.not.include('\u202e');
      });
    }

    it('prints the same where no file is named, after the banner of npm', async () => {
      const flags = ['--offline', '--source', repository.root, '--output', 'junit'];

      await npmRunReconcile(...flags, '--output-file', report);
      const ended = await npmRunReconcile(...flags);

      const text = await readFile(report, 'utf8');
      expect(ended.stdout.slice(ended.stdout.indexOf('<?xml'))).to.equal(text);
    });

    it('also adds to the summary of a step, whatever is asked for', async () => {
      const summary = join(folder, 'summary.md');
      await writeFile(summary, 'of another step');
      const flags = ['--offline', '--source', repository.root, '--installation', 'hub'];

      const ended = await npmRunReconcileWith({ GITHUB_STEP_SUMMARY: summary }, ...flags);

      const text = await readFile(summary, 'utf8');
      expect(ended.stdout).to.include('error self-link');
      expect(text).to.match(/^of another step\n<!-- liqo-shortcuts report of hub -->\n/);
      expect(text).to.include('### Liqo Shortcuts: 1 error, 1 not compared');
    });

    it('does not fail because of a summary that cannot be written', async () => {
      const flags = ['--offline', '--worktree', '--path', 'examples'];

      const ended = await npmRunReconcileWith({ GITHUB_STEP_SUMMARY: folder }, ...flags);

      expect(ended.exitCode, ended.stderr).to.equal(0);
      expect(ended.stderr).to.include('warning: the file that GITHUB_STEP_SUMMARY names');
      expect(ended.stdout).to.include('5 valid');
    });

    it('is an error of the environment when the report cannot be written', async () => {
      const flags = ['--offline', '--worktree', '--path', 'examples', '--output-file', folder];

      const ended = await npmRunReconcile(...flags);

      expect(ended.exitCode).to.equal(2);
      expect(ended.stderr).to.include('--output-file: the file cannot be written');
    });

    it('writes further forms of the same report to their files', async () => {
      const [junit, markdown] = [join(folder, 'junit.xml'), join(folder, 'comment.md')];
      const also = ['--output-also', `junit=${junit},markdown=${markdown}`];

      const ended = await npmRunReconcile(
        ...['--offline', '--worktree', '--path', 'examples', '--installation', 'hub', ...also],
      );

      expect(ended.exitCode, ended.stderr).to.equal(0);
      expect(ended.stdout).to.include('5 valid');
      expect(await readFile(junit, 'utf8')).to.match(/^<\?xml/);
      const comment = await readFile(markdown, 'utf8');
      expect(comment).to.match(/^<!-- liqo-shortcuts report of hub -->\n/);
    });

    it('is an error of the environment when a further form cannot be written', async () => {
      const flags = ['--offline', '--worktree', '--path', 'examples'];

      const ended = await npmRunReconcile(...flags, '--output-also', `junit=${folder}`);

      expect(ended.exitCode).to.equal(2);
      expect(ended.stderr).to.include('--output-also junit: the file cannot be written');
    });

    it('names the forms where one is asked for that does not exist', async () => {
      const ended = await npmRunReconcile('--offline', '--output', 'xml');

      expect(ended.exitCode).to.equal(2);
      expect(ended.stderr).to.include('text, json, github, junit, sarif, markdown, code-quality');
    });
  });

  it('says 1 before 3: an invalid file in a commit that deletes too much', async () => {
    const leaves = Array.from({ length: 8 }, (_, index) => `leaf${index}`);
    for (const leaf of leaves) await repository.write({ [`leaves/${leaf}.yaml`]: aLeaf(leaf) });
    for (const leaf of leaves.slice(1)) {
      await repository.write({ [`shortcuts/leaf0-${leaf}.yaml`]: aShortcut('leaf0', leaf) });
    }
    await repository.commit();
    await repository.git('tag', 'base');
    await repository.git('rm', '-rq', 'shortcuts');
    await repository.write({ ['broken.yaml']: 'kind: [' });
    await repository.commit();

    const ended = await npmRunReconcile('--offline', '--source', repository.root, '--base', 'base');

    expect(ended.exitCode).to.equal(1);
  });
});

function aLeaf(name: string): string {
  return [
    'apiVersion: shortcuts.liqo.io/v1alpha1',
    'kind: LeafCluster',
    `metadata: { name: ${name} }`,
    `spec: { kubeconfigSecretRef: { name: ${name}-kubeconfig } }`,
    '',
  ].join('\n');
}

function aShortcut(a: string, b: string): string {
  return [
    'apiVersion: shortcuts.liqo.io/v1alpha1',
    'kind: Shortcut',
    `metadata: { name: ${a}-${b} }`,
    `spec: { clusters: [${a}, ${b}] }`,
    '',
  ].join('\n');
}

async function writeTooManyFiles(folder: string): Promise<void> {
  for (let index = 0; index <= 20_000; index += 1) {
    await writeFile(join(folder, `${index}.yaml`), '');
  }
}
