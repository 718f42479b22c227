import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import type { ReconcileReport } from '../../src/model/generated/report.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import { DEFAULT_NAMESPACE } from '../../src/model/names.ts';
import { type Ran, runInProcess } from '../support/run-in-process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { signal } from '../support/scenario-wait.ts';

const GITHUB = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_ACTIONS: 'true' };
const GITLAB = { CI_MERGE_REQUEST_IID: '7', GITLAB_CI: 'true' };

/** One installation, and passes over it one after the other, as the jobs of a pipeline make them. */
describe('one pass over real clusters', function () {
  this.timeout(120_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan'], service: false });
    await scenario.commit({
      'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
    });
  });
  after(() => scenario.stop());

  function once(
    flags: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ran & { readonly report: () => ReconcileReport }> {
    const given = ['reconcile', '--once', '--source', scenario.world.repositoryDir, ...flags];
    const KUBECONFIG = join(scenario.world.kubeconfigDir, 'service.yaml');
    return runInProcess(given, { env: { KUBECONFIG, ...env } }).then((ran) => ({
      ...ran,
      report: () => JSON.parse(ran.stdout) as ReconcileReport,
    }));
  }

  async function shortcuts(): Promise<readonly string[]> {
    const { items } = await scenario.main().list(SHORTCUT, { signal });
    return items.map(({ metadata }) => metadata.name);
  }

  for (const [name, flags, env] of [
    ['--dry-run', ['--dry-run'], {}],
    ['the job of a pull request', [], GITHUB],
    ['the job of a merge request', [], GITLAB],
  ] as const) {
    it(`plans and writes nothing: ${name}`, async () => {
      scenario.world.resetRequests();

      const { code, report, stderr } = await once(
        [...flags, '--output', 'json', '--detailed-exitcode'],
        env,
      );

      expect(code, stderr).to.equal(4);
      expect(report().mode).to.equal('dry-run');
      expect(report().summary).to.include({ create: 3, delete: 0 });
      expect(report().objects).not.to.deep.equal([]);
      expect(await shortcuts()).to.deep.equal([]);
      const writes = Object.values(scenario.world.requests()).map((counts) => counts.writes);
      expect(writes).to.deep.equal([0, 0, 0]);
    });
  }

  it('says the same bytes for the same world, but for timing, which holds memory too', async () => {
    const flags = ['--dry-run', '--output', 'json'];
    const [first, second] = [await once(flags), await once(flags)];

    const withoutTiming = (text: string) => text.replace(/"timing": \{[^}]*\}/, '');
    expect(withoutTiming(second.stdout)).to.equal(withoutTiming(first.stdout));
    expect(first.report().timing?.peakMemoryBytes).to.be.greaterThan(10_000_000);
    expect(first.report().timing?.durationMs).to.be.greaterThan(0);
  });

  it('applies in the job of a pull request only when told to, and waits with words on standard error', async () => {
    const { code, report, stderr } = await once(['--apply', '--wait', '--output', 'json'], GITHUB);

    expect(code, stderr).to.equal(0);
    expect(report().mode).to.equal('apply');
    expect(report().results).to.deep.include.members([
      {
        ...report().results[0],
        resource: `Shortcut/${DEFAULT_NAMESPACE}/rome-milan`,
        ready: 'True',
        reason: 'Connected',
      },
    ]);
    expect(stderr).to.match(/^Shortcut\/liqo-shortcuts\/rome-milan: \w+: /m);
    expect(await shortcuts()).to.deep.equal(['rome-milan']);
  });

  it('has nothing pending afterwards', async () => {
    const { code, stdout } = await once(['--dry-run', '--detailed-exitcode']);

    expect(code, stdout).to.equal(0);
    expect(stdout).to.include('0 to create, 0 to update, 0 to delete, 3 unchanged');
  });

  it('says what is wrong with exit code 1 although all clusters answer, and brings what is right', async () => {
    await scenario.commit({ 'broken.yaml': 'kind: [', 'shortcuts/rome-milan.yaml': undefined });

    const { code, stdout } = await once([]);

    expect(code).to.equal(1);
    expect(stdout).to.include('yaml-parse-error');
    expect(await shortcuts()).to.deep.equal(['rome-milan']);
    await scenario.commit({ 'broken.yaml': undefined });
  });

  it('is refused by the guard with exit code 3 until that very commit is allowed', async () => {
    const commit = await scenario.git('rev-parse', 'HEAD');
    const held = await once(['--max-deletions', '0', '--output', 'json']);
    const left = await shortcuts();
    const allowed = await once([
      ...['--max-deletions', '0', '--allow-deletions-at', commit.slice(0, 12), '--wait'],
    ]);

    expect(held.code).to.equal(3);
    expect(held.report().guards.map((guard) => guard.code)).to.deep.equal(['deletion-guard']);
    expect(left).to.deep.equal(['rome-milan']);
    expect(allowed.code, allowed.stderr).to.equal(0);
    expect(await shortcuts()).to.deep.equal([]);
  });

  it('touches nothing that somebody made by hand, with exit code 3', async () => {
    const spec = { clusters: ['rome', 'milan'] };
    const metadata = { name: 'by-hand', namespace: DEFAULT_NAMESPACE };
    const { apiVersion, kind } = SHORTCUT;
    await scenario.main().create(SHORTCUT, { apiVersion, kind, metadata, spec }, { signal });
    await scenario.commit({
      'shortcuts/by-hand.yaml': shortcutFile('by-hand', {
        clusters: ['rome', 'milan'],
        server: 'rome',
      }),
    });

    const { code, report } = await once(['--output', 'json']);

    expect(code).to.equal(3);
    expect(report().guards.map((guard) => guard.code)).to.deep.equal(['ownership']);
    const { items } = await scenario.main().list(SHORTCUT, { signal });
    expect(items[0]?.['spec']).to.not.include({ server: 'rome' });
  });

  it('waits no longer than it is told, and ends with exit code 2 and the reason', async () => {
    await scenario.world.fault('milan', 'down');

    const { code, stdout, stderr } = await once(['--wait', '--timeout', '8s']);

    // The file of the shortcut made by hand still is a guard's matter, which weighs more.
    expect(code, stderr).to.equal(3);
    expect(stdout).to.match(/by-hand: LeafUnreachable/);
    await scenario.commit({ 'shortcuts/by-hand.yaml': undefined });
    const without = await once(['--wait', '--timeout', '8s']);
    expect(without.code, without.stderr).to.equal(2);
    expect(without.stderr).to.include('timed out waiting for every shortcut to be Ready');
    await scenario.world.fault('milan', 'down', { on: false });
  });

  it('writes the report to a file for npm, which prints a banner', async () => {
    const file = join(scenario.dir, 'report.json');

    const { stdout } = await once(['--dry-run', '--output', 'json', '--output-file', file]);

    expect(stdout).to.equal('');
    expect(JSON.parse(await readFile(file, 'utf8'))).to.include({ kind: 'ReconcileReport' });
  });

  it('colours nothing that is no terminal', async () => {
    const { stdout, stderr } = await once(['--dry-run']);

    expect(stdout + stderr).not.to.include('\u001b');
  });
});
