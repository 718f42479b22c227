import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

import {
  COMMENT_AUTHOR,
  COMMENT_TOKEN,
  type CommentServer,
  startCommentServer,
} from '../support/comment-server.ts';
import { checkOutProgram, writeFakeNpm } from '../support/github-runner.ts';
import { type GitlabJob, readPipeline, runGitlabJob } from '../support/gitlab-runner.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { makeTempDir, runGit } from '../support/temp-git.ts';

const TEMPLATE = 'deploy/gitlab/liqo-shortcuts.gitlab-ci.yml';
const REPORTS = '.liqo-shortcuts/reports';
const MARKER = '<!-- liqo-shortcuts report of liqo-shortcuts -->';
const VERSION = 'v9.9.9';

/** The job of the template, as GitLab makes it of an `include:`, run for real in a clone. */
describe('the GitLab template', function () {
  this.timeout(120_000);
  let folder: string;
  let program: string;
  let tools: { readonly bin: string; readonly log: string };
  let workspace: string;
  let base: string;
  let api: CommentServer;

  before(async () => {
    folder = await makeTempDir();
    program = await checkOutProgram(folder);
    for (const args of [
      ['init', '-q', '-b', 'main'],
      ['add', '-A'],
      ['commit', '-q', '-m', 'release'],
      ['tag', VERSION],
    ]) {
      await runGit(program, args);
    }
    tools = await writeFakeNpm(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    api = await startCommentServer();
    workspace = join(await mkdtemp(join(folder, 'job-')), 'workspace');
    await mkdir(workspace);
    await runGit(workspace, ['init', '-q', '-b', 'main']);
    await runGit(workspace, ['remote', 'add', 'origin', 'git@gitlab.example:acme/fleet.git']);
    await runGit(workspace, [
      'symbolic-ref',
      'refs/remotes/origin/HEAD',
      'refs/remotes/origin/main',
    ]);
    for (const part of ['leaves', 'shortcuts']) {
      await cp(resolve('examples', part), join(workspace, part), { recursive: true });
    }
    await mkdir(join(workspace, '.gitlab'));
    await cp(TEMPLATE, join(workspace, '.gitlab/check.yml'));
    base = await commit({ '.gitlab-ci.yml': pipeline() });
  });
  afterEach(() => api.close());

  function pipeline(inputs: Readonly<Record<string, string>> = {}): string {
    const given = { repository: program, version: VERSION, ...inputs };
    return JSON.stringify({ include: [{ local: '.gitlab/check.yml', inputs: given }] });
  }

  async function commit(files: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      await writeFile(join(workspace, path), content);
    }
    await runGit(workspace, ['add', '-A']);
    await runGit(workspace, ['commit', '-q', '-m', 'change']);
    return runGit(workspace, ['rev-parse', 'HEAD']);
  }

  async function job(): Promise<GitlabJob> {
    const read = await readPipeline(workspace);
    if (typeof read === 'string') throw new Error(read);
    const { 'liqo-shortcuts:check': found } = read;
    return found!;
  }

  async function run(variables: Readonly<Record<string, string>>) {
    const path = { PATH: `${tools.bin}:${process.env['PATH'] ?? ''}` };
    const all = { ...path, CI_API_V4_URL: `${api.url}/api/v4`, ...variables };
    const { code, stdout, stderr } = await runGitlabJob(await job(), {
      folder: workspace,
      variables: all,
    });
    return { code, output: stdout + stderr };
  }

  /** The variables of a merge request's job (docs.gitlab.com/ci/variables/predefined_variables). */
  const mergeRequest = (token = '') => ({
    CI_PIPELINE_SOURCE: 'merge_request_event',
    CI_MERGE_REQUEST_IID: '7',
    CI_MERGE_REQUEST_PROJECT_ID: 'acme/fleet',
    CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
    LIQO_SHORTCUTS_NOTE_TOKEN: token,
  });

  const read = (name: string) => readFile(join(workspace, REPORTS, name), 'utf8');

  it('is a job by GitLab schema, for merge requests and the default branch', async () => {
    const { stage, rules, artifacts, variables } = await job();

    expect(stage).to.equal('test');
    expect(rules.map((rule) => rule.if)).to.deep.equal([
      '$CI_PIPELINE_SOURCE == "merge_request_event"',
      '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    ]);
    expect(variables['GIT_DEPTH']).to.equal('0');
    expect(artifacts.when).to.equal('always');
  });

  it('is refused where an input or a key does not exist', async () => {
    await commit({ '.gitlab-ci.yml': pipeline({ mode: 'destroy' }) });
    const mode = await readPipeline(workspace);
    const template = await readFile(TEMPLATE, 'utf8');
    await commit({
      '.gitlab-ci.yml': pipeline(),
      '.gitlab/check.yml': template.replace('  artifacts:', '  artefacts:'),
    });
    const key = await readPipeline(workspace);

    expect(mode).to.be.a('string').and.match(/mode/);
    expect(key)
      .to.be.a('string')
      .and.match(/artefacts/);
  });

  it('says what a merge request changes, with every artifact that it names', async () => {
    await commit({ 'shortcuts/rome-naples.yaml': shortcut('rome', 'naples') });

    const ended = await run(mergeRequest());

    expect(ended.code, ended.output).to.equal(0);
    expect(ended.output).to.include('+ Shortcut/liqo-shortcuts/rome-naples');
    expect(ended.output).to.include('LIQO_SHORTCUTS_NOTE_TOKEN is not set');
    const { artifacts } = await job();
    for (const path of [...artifacts.paths, ...Object.values(artifacts.reports)]) {
      expect(existsSync(join(workspace, path)), path).to.equal(true);
    }
    expect(await read('note.md')).to.include(MARKER);
    expect(api.requests).to.deep.equal([]);
  });

  it('fails with the problem beside its line, and keeps one note up to date', async () => {
    api.add('somebody', `${MARKER}\n\nnothing to see`);
    await commit({ 'shortcuts/rome-naples.yaml': shortcut('rome', 'paris') });
    const invalid = await run(mergeRequest(COMMENT_TOKEN));
    const issues = JSON.parse(await read('code-quality.json')) as readonly object[];
    await commit({ 'shortcuts/rome-naples.yaml': shortcut('rome', 'naples') });
    const valid = await run(mergeRequest(COMMENT_TOKEN));

    expect(invalid.code, invalid.output).to.equal(1);
    expect(issues).to.have.length(1);
    expect(issues[0]).to.have.nested.property('location.path', 'shortcuts/rome-naples.yaml');
    expect(invalid.output).to.include('The comment is created');
    expect(valid.code, valid.output).to.equal(0);
    expect(valid.output).to.include('The comment is updated');
    expect(api.comments.map(({ author }) => author)).to.deep.equal(['somebody', COMMENT_AUTHOR]);
    expect(valid.output).to.not.include(COMMENT_TOKEN);
  });

  it('goes on where the token may not write', async () => {
    api.refusal = 403;

    const ended = await run(mergeRequest(COMMENT_TOKEN));

    expect(ended.code, ended.output).to.equal(0);
    expect(ended.output).to.include('the token may not write comments here');
  });

  it('names the setting where the base is not in the clone', async () => {
    const ended = await run({
      ...mergeRequest(),
      CI_MERGE_REQUEST_DIFF_BASE_SHA: 'a'.repeat(40),
    });

    expect(ended.code).to.equal(2);
    expect(ended.output).to.include('set GIT_DEPTH to "0"');
  });

  it('does not take what others merged meanwhile for a part of the merge request', async () => {
    await runGit(workspace, ['checkout', '-q', '-b', 'proposal']);
    const head = await commit({ 'shortcuts/rome-naples.yaml': shortcut('rome', 'naples') });
    await runGit(workspace, ['checkout', '-q', 'main']);
    await runGit(workspace, ['rm', '-q', 'shortcuts/milan-naples.yaml']);
    const target = await commit({});
    await runGit(workspace, ['merge', '-q', '--no-ff', '-m', 'merge', head]);

    const merged = await run({
      ...mergeRequest(),
      CI_MERGE_REQUEST_TARGET_BRANCH_SHA: target,
    });

    expect(merged.code, merged.output).to.equal(0);
    expect(JSON.parse(await read('report.json'))).to.deep.nested.include({
      'summary.create': 1,
      'summary.delete': 0,
    });
  });

  it('compares a push with what was there before', async () => {
    await runGit(workspace, ['rm', '-q', 'shortcuts/milan-naples.yaml']);
    const after = await commit({});

    const ended = await run({ CI_COMMIT_BEFORE_SHA: base, CI_COMMIT_SHA: after });

    expect(ended.code, ended.output).to.equal(0);
    expect(ended.output).to.include('- Shortcut/liqo-shortcuts/milan-naples');
  });

  it('takes inputs as texts, whatever is in them', async () => {
    await commit({
      '.gitlab-ci.yml': pipeline({
        path: 'shortcuts',
        installation: '$(touch pwned)`touch pwned`',
      }),
    });

    const ended = await run(mergeRequest());

    expect(ended.code).to.equal(2);
    expect(ended.output).to.include('--installation');
    expect(existsSync(join(workspace, 'pwned'))).to.equal(false);
  });

  function shortcut(...clusters: [string, string]): string {
    return shortcutFile('rome-naples', { clusters });
  }
});
