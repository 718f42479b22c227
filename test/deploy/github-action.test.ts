import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

import { COMMENT_AUTHOR, COMMENT_TOKEN, startCommentServer } from '../support/comment-server.ts';
import type { CommentServer } from '../support/comment-server.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { type ActionRun, checkOutProgram, runAction } from '../support/github-runner.ts';
import { makeTempDir, runGit } from '../support/temp-git.ts';

const MARKER = '<!-- liqo-shortcuts report of liqo-shortcuts -->';
const ROME_NAPLES = 'shortcuts/rome-naples.yaml';

/** The steps of the action run for real, in a clone of a repository, as in a job of GitHub Actions. */
describe('the GitHub Action', function () {
  this.timeout(120_000);
  let folder: string;
  let program: string;
  let origin: string;
  let workspace: string;
  let api: CommentServer;

  before(async () => {
    folder = await makeTempDir();
    program = await checkOutProgram(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    api = await startCommentServer();
    const job = join(folder, `job-${Math.random().toString(36).slice(2)}`);
    [origin, workspace] = [join(job, 'origin'), join(job, 'workspace')];
    await mkdir(origin, { recursive: true });
    await runGit(origin, ['init', '-q', '-b', 'main']);
    for (const part of ['leaves', 'shortcuts']) {
      await cp(resolve('examples', part), join(origin, part), { recursive: true });
    }
    await commit();
  });
  afterEach(() => api.close());

  async function commit(files: Readonly<Record<string, string | undefined>> = {}): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      if (content === undefined) await rm(join(origin, path));
      else await writeFile(join(origin, path), content);
    }
    await runGit(origin, ['add', '-A']);
    await runGit(origin, ['commit', '-q', '--allow-empty', '-m', 'change']);
    return runGit(origin, ['rev-parse', 'HEAD']);
  }

  /** A branch off main with one commit, and what actions/checkout takes of it: the trial merge with main. */
  async function proposal(
    files: Readonly<Record<string, string | undefined>>,
    branch = 'proposal',
  ): Promise<{ base: string; head: string }> {
    const base = await runGit(origin, ['rev-parse', 'main']);
    await runGit(origin, ['checkout', '-q', '-B', branch, 'main']);
    const head = await commit(files);
    await runGit(origin, ['checkout', '-q', '--detach', 'main']);
    await runGit(origin, ['merge', '-q', '--no-ff', '-m', 'merge', head]);
    await runGit(origin, ['update-ref', 'refs/pull/7/merge', 'HEAD']);
    await runGit(origin, ['checkout', '-q', 'main']);
    return { base, head };
  }

  /** As actions/checkout does it, with the history that `fetch-depth` asks for. */
  async function checkOut(ref: string, ...options: readonly string[]): Promise<void> {
    await rm(workspace, { recursive: true, force: true });
    await mkdir(workspace);
    await runGit(workspace, ['init', '-q']);
    await runGit(workspace, ['fetch', '-q', ...options, `file://${origin}`, ref]);
    await runGit(workspace, ['checkout', '-q', '--detach', 'FETCH_HEAD']);
  }

  function run(
    event: { readonly name: string; readonly payload: object },
    inputs: Readonly<Record<string, string>> = {},
  ): Promise<ActionRun> {
    const action = join(program, '.github/actions/check');
    return runAction(action, { workspace, inputs, event, api: api.url, token: COMMENT_TOKEN });
  }

  /** The job of a pull request, from its branch to its end. */
  async function check(
    files: Readonly<Record<string, string | undefined>>,
    inputs: Readonly<Record<string, string>> = {},
  ): Promise<ActionRun> {
    const { base } = await proposal(files);
    await checkOut('refs/pull/7/merge');
    return run(pullRequest(base), inputs);
  }

  function pullRequest(base: string): { name: string; payload: object } {
    const payload = { pull_request: { number: 7, title: 'Connect', base: { sha: base } } };
    return { name: 'pull_request', payload };
  }

  it('says what a valid pull request changes', async () => {
    const ended = await check({ [ROME_NAPLES]: shortcut('rome', 'naples') });

    expect(ended.code, ended.stdout + ended.stderr).to.equal(0);
    const { created, updated, deleted } = ended.outputs;
    expect({ created, updated, deleted }).to.deep.equal({
      created: '1',
      updated: '0',
      deleted: '0',
    });
    expect(ended.outputs['exit-code']).to.equal('0');
    expect(ended.stdout).to.match(/^::notice title=Liqo Shortcuts::/m);
    expect(ended.summary).to.include(MARKER).and.include('rome-naples');
    for (const name of ['report', 'markdown', 'sarif']) {
      expect(existsSync(ended.outputs[name] ?? ''), name).to.equal(true);
    }
    expect(api.requests, 'no comment was asked for').to.deep.equal([]);
  });

  it('annotates the line that is wrong, and fails', async () => {
    const ended = await check({ [ROME_NAPLES]: shortcut('rome', 'paris') });

    expect(ended.code).to.equal(1);
    expect(ended.outputs['exit-code']).to.equal('1');
    expect(ended.stdout).to.match(/^::error file=shortcuts\/rome-naples\.yaml,line=\d+,col=\d+/m);
    expect(ended.summary).to.include('1 error');
  });

  it('downloads the program once, by its lock file, and nothing that runs on its own', async () => {
    const ended = await check({});

    expect(ended.used.map(([name]) => name.split('@')[0])).to.deep.equal([
      'actions/setup-node',
      'actions/cache',
    ]);
    for (const [name] of ended.used) expect(name).to.match(/@[0-9a-f]{40}$/);
    const [, cache] = ended.used[1] ?? [];
    const lock = await runGit(program, ['hash-object', '--no-filters', 'package-lock.json']);
    expect(cache?.['key']).to.equal(`liqo-shortcuts-npm-Linux-${lock}`);
    expect(ended.npm).to.include(`${program}: npm ci --omit=dev --ignore-scripts`);
    expect(ended.npm.trim()).to.match(new RegExp(`--cache ${String(cache?.['path'])}$`));
  });

  it('runs nothing that stands in names and titles', async () => {
    const evil = '$(touch pwned)`touch pwned`";touch pwned;\'';
    const { base } = await proposal(
      { [`shortcuts/${evil}\n::error::injected.yaml`]: 'kind: [' },
      'x$(touch${IFS}pwned)',
    );
    await checkOut('refs/pull/7/merge');
    const event = {
      name: 'pull_request',
      payload: {
        pull_request: {
          ...{ number: 7, title: `${evil}\n::error::injected`, base: { sha: base } },
          head: { ref: 'x$(touch${IFS}pwned)' },
        },
      },
    };

    const ended = await run(event, { comment: 'true', path: '.', args: `--installation\n${evil}` });
    const valid = await run(event, { comment: 'true' });

    expect(ended.code, 'the name of the installation is refused').to.equal(2);
    expect(valid.code).to.equal(1);
    for (const at of [workspace, program, folder]) {
      expect(existsSync(join(at, 'pwned')), at).to.equal(false);
    }
    const commands = valid.stdout.split('\n').filter((line) => line.startsWith('::'));
    expect(commands.filter((line) => line.startsWith('::error'))).to.have.length(1);
    expect(valid.stdout).to.not.match(/^::error::injected/m);
  });

  describe('keeps one comment', () => {
    const inputs = { comment: 'true' };

    it('which a second push brings up to date, among many others', async () => {
      for (let index = 0; index < 120; index += 1) api.add('somebody', `remark ${index}`);

      const first = await check({ [ROME_NAPLES]: shortcut('rome', 'paris') }, inputs);
      const created = [...api.comments];
      const second = await check({ [ROME_NAPLES]: shortcut('rome', 'naples') }, inputs);
      const again = await run(pullRequest(await runGit(origin, ['rev-parse', 'main'])), inputs);

      expect(first.code).to.equal(1);
      expect(first.stdout).to.include('The comment is created');
      expect(second.stdout).to.include('The comment is updated');
      expect(again.stdout).to.include('The comment is unchanged');
      expect(created).to.have.length(121);
      expect(api.comments).to.have.length(121);
      expect(api.comments.at(-1)?.body)
        .to.match(new RegExp(`^${MARKER}\n`))
        .and.include('1 change');
    });

    it("and never writes over another's, even one with its marker", async () => {
      api.add('somebody', `${MARKER}\n\nnothing to see`);
      api.add(COMMENT_AUTHOR, `${MARKER.replace('of liqo', 'of another')}\n\nanother installation`);

      await check({ [ROME_NAPLES]: shortcut('rome', 'naples') }, inputs);

      expect(api.comments.map(({ body }) => body.split('\n').at(2))).to.deep.equal([
        'nothing to see',
        'another installation',
        '### Liqo Shortcuts: 1 change',
      ]);
    });

    for (const { refusal, says } of [
      { refusal: 403, says: 'the token may not write comments here' },
      { refusal: 503, says: 'the forge answered 503' },
    ]) {
      it(`unless the forge answers ${refusal}: that is said, and fails nothing`, async () => {
        api.refusal = refusal;

        const ended = await check({ [ROME_NAPLES]: shortcut('rome', 'naples') }, inputs);

        expect(ended.code, ended.stderr).to.equal(0);
        expect(ended.stdout).to.include(says);
        expect(ended.stdout + ended.stderr).to.not.include(COMMENT_TOKEN);
        expect(api.comments).to.deep.equal([]);
      });
    }
  });

  it('names the line to add where the base is not in the checkout', async () => {
    const { base } = await proposal({ [ROME_NAPLES]: shortcut('rome', 'naples') });
    await checkOut('refs/pull/7/merge', '--depth=1');

    const ended = await run(pullRequest(base));

    expect(ended.code).to.equal(2);
    expect(ended.stdout).to.match(/^::error .*"fetch-depth: 0"$/m);
    expect(ended.outputs['created']).to.equal('');
  });

  it('does not take what others merged meanwhile for a part of the pull request', async () => {
    const { head } = await proposal({ [ROME_NAPLES]: shortcut('rome', 'naples') });
    const moved = await commit({ 'shortcuts/milan-naples.yaml': undefined });
    await checkOut(head);
    await runGit(workspace, ['fetch', '-q', `file://${origin}`, 'main']);

    const ended = await run(pullRequest(moved));

    expect(ended.code, ended.stdout).to.equal(0);
    expect(ended.outputs).to.include({ created: '1', deleted: '0' });
  });

  it('looks at a repository that is checked out beside others', async () => {
    const { base } = await proposal({ [ROME_NAPLES]: shortcut('rome', 'paris') });
    await checkOut('refs/pull/7/merge');
    await rename(workspace, `${workspace}-fleet`);
    await mkdir(workspace);
    await rename(`${workspace}-fleet`, join(workspace, 'fleet'));

    const ended = await run(pullRequest(base), { source: 'fleet', path: 'shortcuts' });

    expect(ended.code, ended.stderr).to.equal(0);
    expect(ended.stdout).to.include('::warning file=shortcuts/rome-naples.yaml');
    expect(ended.outputs).to.include({ created: '1', deleted: '0' });
  });

  describe('compares', () => {
    const NONE = '0'.repeat(40);
    let before: string;
    let after: string;

    beforeEach(async () => {
      before = await runGit(origin, ['rev-parse', 'main']);
      after = await commit({ 'shortcuts/milan-naples.yaml': undefined });
      await checkOut(after);
    });

    for (const { name, event, deleted } of [
      {
        name: 'a push with what was there before',
        event: () => ({ name: 'push', payload: { before, after } }),
        deleted: '1',
      },
      {
        name: 'a new branch with nothing',
        event: () => ({ name: 'push', payload: { before: NONE, after } }),
        deleted: '0',
      },
      {
        name: 'a merge queue with what it builds on',
        event: () => ({ name: 'merge_group', payload: { merge_group: { base_sha: before } } }),
        deleted: '1',
      },
      {
        name: 'a run by hand with nothing',
        event: () => ({ name: 'workflow_dispatch', payload: {} }),
        deleted: '0',
      },
    ]) {
      it(name, async () => {
        const ended = await run(event(), { comment: 'true' });

        expect(ended.code, ended.stdout).to.equal(0);
        expect(ended.outputs['deleted']).to.equal(deleted);
        expect(ended.stdout).to.include('There is no pull request to comment on');
      });
    }

    it('a forced push with nothing, and says why', async () => {
      const payload = { before: 'a'.repeat(40), after };

      const ended = await run({ name: 'push', payload });

      expect(ended.code).to.equal(0);
      expect(ended.stdout).to.match(/^::warning .*compared with nothing/m);
    });

    it('with the base that is given', async () => {
      const ended = await run({ name: 'workflow_dispatch', payload: {} }, { base: before });

      expect(ended.outputs['deleted']).to.equal('1');
    });
  });

  for (const { why, event, inputs } of [
    { why: 'pull_request_target', event: 'pull_request_target', inputs: {} },
    { why: 'a mode that does not exist', event: 'push', inputs: { mode: 'toString' } },
    {
      why: 'a file name with a line break, which would be another output',
      event: 'push',
      inputs: { 'output-file': 'report.json\nexit-code=0' },
    },
    { why: 'a base that does not exist', event: 'push', inputs: { base: '--upload-pack=x' } },
  ]) {
    it(`refuses ${why}`, async () => {
      await checkOut('main');

      const ended = await run({ name: event, payload: {} }, inputs);

      expect(ended.code).to.equal(2);
      expect(ended.stdout).to.match(/^::error title=Liqo Shortcuts::/m);
    });
  }

  function shortcut(...clusters: [string, string]): string {
    return shortcutFile('rome-naples', { clusters });
  }
});
