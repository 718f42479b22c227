import { expect } from 'chai';

import { CONNECTION, FOREIGN_CLUSTER } from '../../src/liqo/kinds.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, objectsOn, ownObjectsOn, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

describe('a commit becomes a connection, and its revert takes it away', function () {
  this.timeout(90_000);
  const file = 'shortcuts/rome-milan.yaml';
  let scenario: Scenario;
  let emptyLeaves: readonly (readonly string[])[];

  const onBothLeaves = <T>(look: (leaf: ReturnType<Scenario['leaf']>) => Promise<T>) =>
    Promise.all(['rome', 'milan'].map((leaf) => look(scenario.leaf(leaf))));

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan'] });
    emptyLeaves = await onBothLeaves(objectsOn);
  });
  after(() => scenario.stop());

  it('pitfall 22: says over HTTP what it waits for while Liqo has no address for the gateway', async () => {
    await scenario.world.fault('milan', 'no-load-balancer-address');
    const commit = await scenario.commit({
      [file]: shortcutFile('rome-milan', {
        clusters: ['rome', 'milan'],
        server: 'milan',
        gateway: { serviceType: 'LoadBalancer' },
      }),
    });

    const waiting = await scenario.reason('rome-milan', 'EndpointPending');

    expect(waiting.phase).to.equal('Progressing');
    expect(waiting.revision).to.equal(`main@sha1:${commit}`);
    expect(waiting.file).to.equal(file);
    expect(waiting.plan.serverReason).to.equal('"milan" listens: spec.server says so.');
    expect(waiting.plan.waits.join()).to.include('GatewayServer/liqo-tenant-rome/rome on "milan"');
  });

  it('connects both leaves as soon as Liqo can', async () => {
    await scenario.world.fault('milan', 'no-load-balancer-address', { on: false });

    await scenario.ready('rome-milan');

    const rome = await findObject(scenario.leaf('rome'), CONNECTION, 'liqo-tenant-milan/gw-milan');
    const milan = await findObject(scenario.leaf('milan'), CONNECTION, 'liqo-tenant-rome/gw-rome');
    expect([statusOf(rome)['value'], statusOf(milan)['value']]).to.deep.equal([
      'Connected',
      'Connected',
    ]);
    const cr = await findObject(scenario.main(), SHORTCUT, 'liqo-shortcuts/rome-milan');
    const told = await scenario.shortcut('rome-milan');
    expect(told?.phase).to.equal('Ready');
    expect(statusOf(cr)['phase']).to.equal('Ready');
    expect(statusOf(cr)['conditions']).to.deep.equal(told?.conditions);
  });

  it('tells under which addresses each leaf reaches the other, although both have the same pod CIDR', async () => {
    const told = await scenario.shortcut('rome-milan');

    const [rome, milan] = told?.sides ?? [];
    expect([rome?.role, milan?.role]).to.deep.equal(['Client', 'Server']);
    expect(rome?.cidrs).to.deep.equal(milan?.cidrs);
    expect(rome?.cidrs?.pod).to.deep.equal(['10.200.0.0/16']);
    expect(rome?.seenAs?.pod).to.have.length(1);
    expect(rome?.seenAs?.pod).not.to.deep.equal(rome?.cidrs?.pod);
    expect(milan?.gateway?.endpoint).to.include({ port: 51840, protocol: 'UDP' });
  });

  it('lists it among the shortcuts and the leaves', async () => {
    const { counts, leaves, source } = await scenario.snapshot();

    expect(counts).to.include({ shortcuts: 1, ready: 1, leaves: 2, leavesReady: 2 });
    expect(leaves.map(({ shortcuts }) => shortcuts)).to.deep.equal([1, 1]);
    expect(source?.revisionApplied).to.equal(source?.revisionAttempted);
    const filtered = await scenario.http('/api/v1/shortcuts?leaf=rome&ready=True');
    expect(filtered.body).to.have.property('items').with.length(1);
  });

  it('says that it is being removed for as long as something is left', async () => {
    await scenario.world.fault('rome', 'gc-off');
    await scenario.git('rm', '-q', file);
    await scenario.commit({});

    const leaving = await eventually('told as deleting', async () => {
      const told = await scenario.shortcut('rome-milan');
      return told?.phase === 'Deleting' && told.plan.waits.length > 0
        ? { done: told }
        : { seen: told?.conditions };
    });

    expect(leaving.deleting).to.equal(true);
    await untilTrue('milan is clean', async () => {
      return (await ownObjectsOn(scenario.leaf('milan'))).length === 0;
    });
    expect(await ownObjectsOn(scenario.leaf('rome'))).to.include('Namespace/liqo-tenant-milan');
  });

  it('leaves nothing on either leaf but what Liqo itself leaves', async () => {
    await scenario.world.fault('rome', 'gc-off', { on: false });

    await scenario.gone('rome-milan');

    const [rome, milan] = await onBothLeaves(objectsOn);
    // As recorded from real Liqo: test/fixtures/recorded/reset.
    const liqoLeaves = (objects: readonly string[] = [], own = '', peer = '') =>
      [
        ...objects,
        `${FOREIGN_CLUSTER.kind}/${peer}`,
        `RouteConfiguration/liqo/${own}-node-gw-node`,
      ].sort();
    expect(rome).to.deep.equal(liqoLeaves(emptyLeaves[0], 'rome', 'milan'));
    expect(milan).to.deep.equal(liqoLeaves(emptyLeaves[1], 'milan', 'rome'));
    const { items } = await scenario.main().list(SHORTCUT, { signal });
    expect(items).to.deep.equal([]);
    expect(await scenario.shortcut('rome-milan')).to.equal(undefined);
    expect((await scenario.snapshot()).counts.shortcuts).to.equal(0);
  });
});

describe('leaves of different versions of Liqo', function () {
  this.timeout(120_000);
  const versions = {
    'one-zero': '1.0',
    'one-zero-too': '1.0',
    'one-one': '1.1',
    'one-two': '1.2',
    'one-two-too': '1.2',
    head: 'HEAD',
  } as const;
  const leaves = Object.keys(versions);
  const pairs = leaves.flatMap((a, index) => leaves.slice(index + 1).map((b) => [a, b] as const));
  const names = pairs.map(([a, b]) => `${a}-to-${b}`);
  const edits = (content: (name: string, pair: [string, string]) => string | undefined) =>
    Object.fromEntries(
      pairs.map(([a, b], index) => [
        `shortcuts/${names[index]}.yaml`,
        content(names[index] ?? '', [a, b]),
      ]),
    );
  let scenario: Scenario;

  before(async function () {
    this.timeout(240_000);
    const flags = { maxDeletions: '100', maxDeletionsPercent: '100' };
    scenario = await startScenario({ leaves, versions, flags });
  });
  after(() => scenario.stop());

  it(`connect with each other (${names.length} pairs)`, async () => {
    await scenario.commit(edits((name, clusters) => shortcutFile(name, { clusters })));

    await scenario.ready(...names);

    const found = (await scenario.snapshot()).leaves.map(({ name, liqoVersion }) => [
      name,
      liqoVersion.slice(0, 4),
    ]);
    expect(Object.fromEntries(found)).to.deep.equal({
      'one-zero': 'v1.0',
      'one-zero-too': 'v1.0',
      'one-one': 'v1.1',
      'one-two': 'v1.2',
      'one-two-too': 'v1.2',
      head: 'v1.2',
    });
  });

  it('disconnect again without a trace', async () => {
    await scenario.commit(edits(() => undefined));

    await scenario.gone(...names);

    for (const leaf of leaves) {
      const left = await objectsOn(scenario.leaf(leaf));
      expect(left.filter((object) => object.includes('liqo-tenant-'))).to.deep.equal([]);
      expect(await ownObjectsOn(scenario.leaf(leaf))).to.deep.equal([]);
    }
  });
});
