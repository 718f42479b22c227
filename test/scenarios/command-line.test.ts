import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

import type { ReconcileReport } from '../../src/model/generated/report.ts';
import type { Snapshot } from '../../src/status/snapshot.ts';
import { type ProgramProcess, runProgram, startProgram } from '../support/scenario-process.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { eventually, signal } from '../support/scenario-wait.ts';
import { makeTempDir, runGit } from '../support/temp-git.ts';

const execute = promisify(execFile);

/** What a new user does: one command line, and then Git, a browser, a second terminal and kubectl. */
describe('the sandbox on the command line', function () {
  this.timeout(90_000);
  const name = 'rome-naples';
  let dir: string;
  let repository: string;
  let sandbox: ProgramProcess;
  let dashboard: string;

  before(async () => {
    dir = await makeTempDir();
    repository = join(dir, 'repository');
    await start('--fresh');
  });
  after(async () => {
    sandbox.kill('SIGKILL');
    await sandbox.ended;
    await rm(dir, { recursive: true, force: true });
  });

  async function start(...flags: readonly string[]): Promise<void> {
    sandbox = startProgram(
      ...['sandbox', '--dir', dir, '--pace', 'instant', '--poll', '1s', '--http', '127.0.0.1:0'],
      ...flags,
    );
    dashboard = await sandbox.printed(/(http:\/\/127\.0\.0\.1:\d+\/)/);
  }

  async function untilCounts(expected: Partial<Snapshot['counts']>): Promise<Snapshot> {
    return eventually(`counts ${JSON.stringify(expected)}`, async () => {
      const response = await fetch(new URL('/api/v1/status', dashboard), { signal });
      const snapshot = (await response.json()) as Snapshot;
      const counts = new Map(Object.entries(snapshot.counts));
      const isSo = Object.entries(expected).every(([key, value]) => counts.get(key) === value);
      return isSo ? { done: snapshot } : { seen: snapshot };
    });
  }

  async function commitFile(content: string | undefined): Promise<void> {
    const file = join(repository, `shortcuts/${name}.yaml`);
    if (content === undefined) await rm(file);
    else await writeFile(file, content);
    await runGit(repository, ['add', '-A']);
    await runGit(repository, ['commit', '-q', '-m', 'change']);
  }

  const kubeconfig = (cluster: string): string => join(dir, 'kubeconfig', `${cluster}.yaml`);

  async function reconcileOnce(...flags: readonly string[]): Promise<ReconcileReport> {
    const { code, stdout, stderr } = await runProgram(
      ...['reconcile', '--once', '--source', repository, '--kubeconfig', kubeconfig('service')],
      ...['--output', 'json', ...flags],
    );
    expect(stdout, stderr).to.match(/^\{/);
    const report = JSON.parse(stdout) as ReconcileReport;
    expect(code).to.equal(report.exitCode);
    return report;
  }

  it('connects the examples and says where the dashboard is', async () => {
    await untilCounts({ shortcuts: 2, ready: 2, leaves: 3, leavesReady: 3 });

    const page = await fetch(dashboard, { signal });
    expect(await page.text()).to.include('<html');
    expect(sandbox.stdout()).to.include('git commit').and.include('kubectl').and.include('fault');
  });

  it('shows before the merge what a commit would do, and changes nothing', async () => {
    await runGit(repository, ['checkout', '-q', '-b', 'proposal']);
    await commitFile(shortcutFile(name, { clusters: ['rome', 'naples'] }));

    const report = await reconcileOnce('--ref', 'proposal', '--dry-run', '--detailed-exitcode');

    expect(report.exitCode).to.equal(4);
    expect(report.changes.filter(({ action }) => action !== 'keep')).to.have.length(1);
    expect(new Set(report.objects.map(({ cluster, kind }) => `${kind} on ${cluster}`))).to.include(
      'Namespace on rome',
    );
    await untilCounts({ shortcuts: 2, ready: 2 });
  });

  it('writes the comment for it, with the name by which the main cluster knows the installation', async () => {
    const { stdout, stderr } = await runProgram(
      ...['reconcile', '--once', '--source', repository, '--kubeconfig', kubeconfig('service')],
      ...['--ref', 'proposal', '--dry-run', '--output', 'markdown'],
    );

    expect(stdout, stderr).to.match(/^<!-- liqo-shortcuts report of main -->\n/);
    expect(stdout).to.match(/^### Liqo Shortcuts: \d+ changes/m);
    expect(stdout).to.include(`- **create** \`Shortcut/liqo-shortcuts/${name}\``);
  });

  it('connects what is merged', async () => {
    await runGit(repository, ['checkout', '-q', 'main']);
    await runGit(repository, ['merge', '-q', '--ff-only', 'proposal']);

    await untilCounts({ shortcuts: 3, ready: 3 });

    const report = await reconcileOnce('--dry-run', '--detailed-exitcode');
    expect(report.exitCode).to.equal(0);
    expect(report.summary).to.include({ create: 0, update: 0, delete: 0, unchanged: 6 });
    expect(report.objects).to.deep.equal([]);
  });

  it('makes a leaf fail on command from a second terminal, and mends it', async () => {
    const broken = await runProgram('sandbox', '--dir', dir, 'fault', 'naples', 'down');
    expect(broken).to.include({ code: 0, stdout: 'naples: down on\n' });
    await untilCounts({ ready: 1, unknown: 2, leavesReady: 2 });

    const mended = await runProgram('sandbox', '--dir', dir, 'fault', 'naples', 'down', '--off');
    expect(mended.code).to.equal(0);
    await untilCounts({ ready: 3, leavesReady: 3 });
  });

  it('says what it does not know', async () => {
    for (const [leaf, fault] of [
      ['paris', 'down'],
      ['rome', 'flood'],
    ] as const) {
      const { code, stderr } = await runProgram('sandbox', '--dir', dir, 'fault', leaf, fault);
      expect(code).to.equal(2);
      expect(stderr).to.match(/^error: /);
    }
  });

  it('can be asked with kubectl, where that is installed', async function () {
    const kubectl = async (cluster: string, ...args: readonly string[]): Promise<string> => {
      const all = ['--kubeconfig', kubeconfig(cluster), '--cache-dir', join(dir, 'cache'), ...args];
      return (await execute('kubectl', all)).stdout;
    };
    const isInstalled = await execute('kubectl', ['version', '--client']).then(
      () => true,
      () => false,
    );
    if (!isInstalled) this.skip();

    const shortcuts = await kubectl('main', '-n', 'liqo-shortcuts', 'get', 'shortcuts');
    expect(shortcuts).to.match(/NAME +CLUSTERS +READY +REASON +LATENCY +AGE/);
    expect(shortcuts).to.match(new RegExp(`${name} .* True +Connected`));
    const connections = await kubectl('rome', 'get', 'connections', '-A');
    expect(connections.match(/Connected/g)).to.have.length(2);
  });

  it('takes away what is removed from Git', async () => {
    await commitFile(undefined);

    await untilCounts({ shortcuts: 2, ready: 2 });
  });

  it('ends well, and goes on where it stopped', async () => {
    sandbox.kill('SIGINT');
    expect((await sandbox.ended).code, sandbox.stderr()).to.equal(0);

    await start();

    const { leaves } = await untilCounts({ shortcuts: 2, ready: 2, leavesReady: 3 });
    expect(leaves.map(({ shortcuts }) => shortcuts)).to.deep.equal([2, 1, 1]);
  });
});

describe('one pass on the command line', function () {
  this.timeout(90_000);
  let dir: string;
  let world: ProgramProcess;

  before(async () => {
    dir = await makeTempDir();
    const flags = ['--dir', dir, '--fresh', '--pace', 'instant', '--no-service'];
    world = startProgram('sandbox', ...flags);
    await world.printed(/The embedded world is up/);
  });
  after(async () => {
    world.kill('SIGTERM');
    expect((await world.ended).code).to.equal(0);
    await rm(dir, { recursive: true, force: true });
  });

  const once = (...flags: readonly string[]) =>
    runProgram(
      ...['reconcile', '--once', '--source', join(dir, 'repository')],
      ...['--kubeconfig', join(dir, 'kubeconfig/service.yaml'), ...flags],
    );

  it('brings a revision to the leaves and waits until it is true', async () => {
    const { code, stdout, stderr } = await once('--wait');

    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/^✓ Shortcut\/liqo-shortcuts\/rome-milan: Connected/m);
    expect(stdout).to.match(/^✓ Shortcut\/liqo-shortcuts\/milan-naples: Connected/m);
  });

  it('has nothing to do the second time', async () => {
    const { code, stdout, stderr } = await once('--detailed-exitcode');

    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('0 to create, 0 to update, 0 to delete, 5 unchanged');
  });

  it('takes away what is removed, and says so', async () => {
    await runGit(join(dir, 'repository'), ['rm', '-q', 'shortcuts/rome-milan.yaml']);
    await runGit(join(dir, 'repository'), ['commit', '-q', '-m', 'change']);

    const { code, stdout, stderr } = await once('--wait');

    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/^- Shortcut\/liqo-shortcuts\/rome-milan/m);
    expect(stdout).not.to.include('✓ Shortcut/liqo-shortcuts/rome-milan');
  });

  it('is an error of the environment when a leaf is out of reach', async () => {
    const broken = await runProgram('sandbox', '--dir', dir, 'fault', 'naples', 'down');
    expect(broken.code).to.equal(0);

    const { code, stdout } = await once();

    expect(code).to.equal(2);
    expect(stdout).to.match(/^\? Shortcut\/liqo-shortcuts\/milan-naples: LeafUnreachable/m);
  });
});
