import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { startGitServer } from '../support/git-server.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { startProgram } from '../support/scenario-process.ts';
import { createTempGit, makeTempDir, runGit, type TempGit } from '../support/temp-git.ts';

const LEAVES = Array.from({ length: 8 }, (_, index) => `leaf${index}`);
const SHORTCUTS = LEAVES.slice(1).map((leaf) => ['leaf0', leaf] as const);

/** A repository whose tag `base` holds seven shortcuts. */
async function createFleet(): Promise<TempGit> {
  const temp = await createTempGit();
  const leaves = LEAVES.map((leaf) => [`leaves/${leaf}.yaml`, leafFile(leaf)]);
  const shortcuts = SHORTCUTS.map(([a, b]) => [
    `shortcuts/${a}-${b}.yaml`,
    shortcutFile(`${a}-${b}`, { clusters: [a, b] }),
  ]);
  await temp.commit(Object.fromEntries([...leaves, ...shortcuts]) as Record<string, string>);
  await temp.git('tag', 'base');
  return temp;
}

describe('the exit code of one pass, where several things are wrong', function () {
  this.timeout(60_000);
  let temp: TempGit;
  let dir: string;
  const nobody = { KUBECONFIG: '/nonexistent/kubeconfig' };

  before(async () => {
    [temp, dir] = await Promise.all([createFleet(), makeTempDir()]);
  });
  beforeEach(() => temp.git('reset', '-q', '--hard', 'base'));
  after(async () => {
    await Promise.all([temp.remove(), rm(dir, { recursive: true, force: true })]);
  });

  function once(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return runInProcess(['reconcile', '--once', '--source', temp.root, ...flags], { env });
  }

  async function deleteAll(): Promise<void> {
    await temp.git('rm', '-rq', 'shortcuts');
    await temp.commit();
  }

  it('is 1 before 2: a file is wrong, and no cluster can be reached', async () => {
    await temp.commit({ 'bad.yaml': 'kind: [' });

    const { code, stdout, stderr } = await once([], nobody);

    expect(code).to.equal(1);
    expect(stdout).to.include('yaml-parse-error');
    expect(stderr).to.include('error: credential of cluster "main"');
  });

  it('is 1 before 2: a file is wrong, and the base is not there', async () => {
    await temp.commit({ 'bad.yaml': 'kind: [' });

    const { code, stdout, stderr } = await once(['--offline', '--base', 'nowhere']);

    expect(code).to.equal(1);
    expect(stdout).to.include('yaml-parse-error');
    expect(stderr).to.include('error: "nowhere" does not exist');
  });

  it('is 3 before 2: a guard refuses, and no cluster can be reached', async () => {
    await deleteAll();

    const { code, stdout, stderr } = await once(['--base', 'base'], nobody);

    expect(code).to.equal(3);
    expect(stdout).to.include('deletion-guard');
    expect(stderr).to.include('error: credential of cluster "main"');
  });

  it('is 3 before 4: a guard refuses, and changes are pending', async () => {
    await deleteAll();
    await temp.commit({ 'leaves/new.yaml': leafFile('new') });

    const { code } = await once(['--offline', '--base', 'base', '--detailed-exitcode']);

    expect(code).to.equal(3);
  });

  it('is 2 where the base is not there, and all else is well', async () => {
    expect((await once(['--offline', '--base', 'nowhere'])).code).to.equal(2);
  });

  for (const flag of ['--apply', '--wait']) {
    it(`is 2 for ${flag} without a cluster: nothing would be written, and the job be green`, async () => {
      const { code, stderr } = await once([flag]);

      expect(code).to.equal(2);
      expect(stderr).to.include('error: there is no main cluster to write to');
    });
  }

  it('is 0 without a cluster where nobody asked for one, and the output says that it is offline', async () => {
    const jobs: readonly Readonly<Record<string, string>>[] = [
      {},
      { GITHUB_EVENT_NAME: 'pull_request', SHORTCUTS_WAIT: 'true' },
      { CI_MERGE_REQUEST_IID: '7' },
    ];
    for (const env of jobs) {
      const { code, stdout } = await once([], env);

      expect(code).to.equal(0);
      expect(stdout).to.include('offline, no cluster was asked');
    }
  });

  it('is 2 where it was called off before its end', async () => {
    const server = await startGitServer(temp.root);
    server.fault = { on: /./, fault: { kind: 'silence' } };
    const flags = ['--once', '--offline', '--source', `${server.url}/.git`];
    const program = startProgram('reconcile', ...flags);
    await server.asked(/./);

    program.kill('SIGTERM');

    expect(await program.ended).to.deep.equal({ code: 2, signal: null });
    expect(program.stderr()).to.include('error: called off before the end');
    await server.stop();
  });

  it('is 2 for a base that a shallow clone does not have, with the line that mends it', async () => {
    await temp.commit({ 'leaves/new.yaml': leafFile('new') });
    const clone = join(dir, 'clone');
    await runGit(temp.root, ['clone', '-q', '--depth', '1', `file://${temp.root}`, clone]);
    const base = await temp.git('rev-parse', 'base');

    for (const ref of [base, base.slice(0, 12), 'origin/gone', 'base']) {
      const flags = ['reconcile', '--once', '--offline', '--source', clone, '--base', ref];
      const { code, stderr } = await runInProcess(flags);

      expect(code, ref).to.equal(2);
      expect(stderr, ref)
        .to.include(`"${ref}" is not in this clone, which is shallow`)
        .and.include('"fetch-depth: 0"')
        .and.include('GIT_DEPTH: "0"');
    }
  });
});
