import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { CONFIGURATION } from '../../src/liqo/kinds.ts';
import { EVENT } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
if (!hasKubectl) console.warn('!! kubectl is not installed: "kubectl describe" is SKIPPED');

interface SeenEvent extends KubeObject {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly reportingInstance: string;
  readonly regarding: { readonly kind: string; readonly name: string };
}

describe('Events on the main cluster', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({
      leaves: ['rome', 'milan'],
      flags: { maxDeletions: '0' },
    });
    await scenario.commit({ [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }) });
    await scenario.ready('rome-milan');
  });
  after(() => scenario.stop());

  async function events(regarding: string): Promise<readonly SeenEvent[]> {
    const { items } = await scenario.main().list(EVENT, { signal });
    return (items as readonly SeenEvent[]).filter((event) => {
      return `${event.regarding.kind}/${event.regarding.name}` === regarding;
    });
  }

  async function event(regarding: string, reason: string): Promise<SeenEvent> {
    return eventually(`${regarding} has an Event ${reason}`, async () => {
      const seen = await events(regarding);
      const found = seen.find((one) => one.reason === reason);
      return found === undefined ? { seen: seen.map((one) => one.reason) } : { done: found };
    });
  }

  it('tell how a shortcut comes up, and who says so', async () => {
    const connected = await event('Shortcut/rome-milan', 'Connected');

    expect(connected.type).to.equal('Normal');
    expect(connected.note).to.match(/^Ready: False \(\w+\) → True: /);
    const { leader } = await scenario.snapshot();
    expect(connected.reportingInstance).to.equal(leader);
  });

  it('tell that a leaf is known', async () => {
    expect((await event('LeafCluster/rome', 'Connected')).type).to.equal('Normal');
  });

  it('tell who changed what was put back', async () => {
    await scenario.patch('rome', CONFIGURATION, 'liqo-tenant-milan/milan', {
      spec: { remote: { cidr: { pod: ['10.99.0.0/16'] } } },
    });

    const drift = await event('Shortcut/rome-milan', 'DriftCorrected');
    expect(drift.type).to.equal('Warning');
    expect(drift.note).to.include('"kubectl-edit"').and.include('liqo-tenant-milan/milan');
    await scenario.ready('rome-milan');
  });

  it('tell that a leaf is lost, on the leaf and on its shortcuts, and that it is back', async () => {
    await scenario.world.fault('milan', 'down');
    for (const one of ['LeafCluster/milan', 'Shortcut/rome-milan']) {
      expect((await event(one, 'LeafUnreachable')).type).to.equal('Warning');
    }
    await scenario.world.fault('milan', 'down', { on: false });
    await scenario.ready('rome-milan');

    await eventually('both say that it is back', async () => {
      const notes = (await events('Shortcut/rome-milan')).map(({ note }) => note);
      return notes.some((note) => note.startsWith('Ready: Unknown (LeafUnreachable) → True'))
        ? { done: true }
        : { seen: notes };
    });
  });

  it('tell once, however often it is looked at, that a deletion is held back', async () => {
    await scenario.commit({ [FILE]: undefined });
    const held = await event('Shortcut/rome-milan', 'DeletionBlocked');
    expect(held.type).to.equal('Warning');

    const before = (await scenario.snapshot()).source?.lastPollAt;
    scenario.look();
    await eventually('it is looked at again', async () => {
      const seen = (await scenario.snapshot()).source?.lastPollAt;
      return seen === before ? { seen } : { done: seen };
    });
    const all = await events('Shortcut/rome-milan');
    expect(all.filter(({ reason }) => reason === 'DeletionBlocked')).to.have.length(1);
    expect(all.find(({ reason }) => reason === 'DeletionBlocked')).not.to.have.property('series');
  });

  (hasKubectl ? it : it.skip)('are shown by kubectl describe', async () => {
    const kubeconfig = join(scenario.world.kubeconfigDir, 'main.yaml');
    const { stdout, stderr } = await promisify(execFile)('kubectl', [
      ...['--kubeconfig', kubeconfig, '-n', 'liqo-shortcuts', 'describe', 'shortcut', 'rome-milan'],
    ]);

    expect(stdout, stderr).to.match(/Events:/);
    expect(stdout).to.match(/Warning +DriftCorrected +\S+ .*liqo-shortcuts/);
  });

  it('tell that a connection was removed', async () => {
    const commit = await scenario.git('rev-parse', 'HEAD');
    await scenario.stopService();
    await scenario.startService({ allowDeletionsAt: commit.trim() });
    await scenario.gone('rome-milan');

    expect((await event('Shortcut/rome-milan', 'Disconnected')).note).to.include('"rome"');
  });

  it('hold nothing that is secret', async () => {
    const { items } = await scenario.main().list(EVENT, { signal });
    const text = JSON.stringify(items);

    expect(items.length).to.be.greaterThan(5);
    for (const server of [scenario.world.main, scenario.world.leaves.get('rome')!.server]) {
      const token = /token: (\S+)/.exec(server.kubeconfig('liqo-shortcuts'))?.[1];
      expect(token).to.be.a('string').with.length.greaterThan(5);
      expect(text).not.to.include(token);
    }
  });

  it('are not written anew by a service that finds all as it was', async () => {
    await scenario.stopService();
    scenario.world.resetRequests();
    await scenario.startService();
    await eventually('all is looked at', async () => {
      const { counts, source } = await scenario.snapshot();
      return counts.leavesReady === 2 && source?.revisionApplied !== undefined
        ? { done: true }
        : { seen: counts };
    });

    const { byRequest = {} } = scenario.world.requests()['main'] ?? {};
    expect(Object.keys(byRequest).filter((request) => request.includes(' events '))).to.deep.equal(
      [],
    );
  });
});

describe('Events about a repository in trouble', function () {
  this.timeout(90_000);
  const PATH = 'fleet/shortcuts/rome-milan.yaml';
  const SOUND = shortcutFile('rome-milan', { clusters: ['rome', 'milan'] });
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan'], service: false });
    await scenario.commit({
      'fleet/leaves/rome.yaml': leafFile('rome'),
      'fleet/leaves/milan.yaml': leafFile('milan'),
      [PATH]: SOUND,
    });
    await scenario.startService({ path: 'fleet' });
    await scenario.ready('rome-milan');
  });
  after(() => scenario.stop());

  async function event(kind: string, reason: string): Promise<SeenEvent> {
    return eventually(`${kind} has an Event ${reason}`, async () => {
      const { items } = await scenario.main().list(EVENT, { signal });
      const seen = items as readonly SeenEvent[];
      const found = seen.find((one) => one.regarding.kind === kind && one.reason === reason);
      return found === undefined ? { seen: seen.map((one) => one.note) } : { done: found };
    });
  }

  it('tell, on what would be deleted, which invalid file stops it', async () => {
    await scenario.commit({ [PATH]: undefined, 'fleet/bad.yaml': 'kind: [' });

    const held = await event('Shortcut', 'DeletionBlocked');
    expect(held.type).to.equal('Warning');
    expect(held.note).to.include('fleet/bad.yaml:1 (yaml-parse-error)');
    await scenario.commit({ [PATH]: SOUND, 'fleet/bad.yaml': undefined });
  });

  it('tell, on the Lease, that the folder has vanished, and that it is back', async () => {
    await scenario.commit({ fleet: undefined });
    const failed = await event('Lease', 'SourceUnavailable');
    await scenario.git('revert', '--no-edit', 'HEAD');
    scenario.look();

    expect((await event('Lease', 'SourceRead')).type).to.equal('Normal');
    expect(failed.type).to.equal('Warning');
    expect(failed.note).to.include('folder "fleet"').and.include('nothing is deleted');
    await scenario.ready('rome-milan');
  });
});
