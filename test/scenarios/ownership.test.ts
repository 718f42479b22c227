import { expect } from 'chai';

import { CONFIGURATION, CONNECTION } from '../../src/liqo/kinds.ts';
import { API_VERSION, SHORTCUT } from '../../src/model/kinds.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, objectsOn, ownObjectsOn, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

const PAIR: [string, string] = ['rome', 'milan'];
const FILE = 'shortcuts/rome-milan.yaml';
const LEAVES = ['rome', 'milan'] as const;

describe('whose a connection is', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: [...LEAVES] });
  });
  after(() => scenario.stop());

  const wish = (spec: Partial<ShortcutSpec> = {}, annotations = {}) => ({
    [FILE]: shortcutFile('rome-milan', { clusters: PAIR, ...spec }, annotations),
  });
  const remove = () => scenario.commit({ [FILE]: undefined });
  const tenantObjects = async (): Promise<readonly string[]> => {
    const all = await Promise.all(LEAVES.map((leaf) => objectsOn(scenario.leaf(leaf))));
    return all.flat().filter((object) => object.includes('liqo-tenant-'));
  };
  const ownObjects = async (): Promise<readonly string[]> =>
    (await Promise.all(LEAVES.map((leaf) => ownObjectsOn(scenario.leaf(leaf))))).flat();
  const leafWrites = (): number =>
    LEAVES.reduce((sum, leaf) => sum + (scenario.world.requests()[leaf]?.writes ?? 0), 0);
  const connection = async (): Promise<unknown> => {
    const found = await findObject(scenario.leaf('rome'), CONNECTION, 'liqo-tenant-milan/gw-milan');
    return statusOf(found)['value'];
  };

  it('pitfall 1: leaves the tunnel to whoever wants it when its deletionPolicy is Orphan', async () => {
    await scenario.commit(wish({ deletionPolicy: 'Orphan', server: 'milan' }));
    await scenario.ready('rome-milan');
    const before = await tenantObjects();

    await remove();
    await scenario.gone('rome-milan');

    expect(await tenantObjects()).to.deep.equal(before);
    expect(await ownObjects()).to.deep.equal([]);
    expect(await connection()).to.equal('Connected');
  });

  it('pitfall 1: reports the connection of somebody else with its health, and does not touch it', async () => {
    scenario.world.resetRequests();

    await scenario.commit(wish({ server: 'milan' }));
    const told = await scenario.reason('rome-milan', 'ForeignConnection');

    expect(told.sides.map((side) => side.connection?.status)).to.deep.equal([
      'Connected',
      'Connected',
    ]);
    expect(told.conditions[0]?.message).to.include('shortcuts.liqo.io/adopt');
    expect(leafWrites()).to.equal(0);
  });

  it('pitfall 1: leaves it to its owner when the shortcut goes', async () => {
    const before = await tenantObjects();

    await remove();
    await scenario.gone('rome-milan');

    expect(await tenantObjects()).to.deep.equal(before);
    expect(leafWrites()).to.equal(0);
    expect(await connection()).to.equal('Connected');
  });

  it('takes it over when told to, without a cut of the tunnel', async () => {
    const gateway = async () =>
      (await findObject(scenario.leaf('rome'), CONNECTION, 'liqo-tenant-milan/gw-milan'))?.metadata
        .uid;
    const before = await gateway();
    expect(before).to.be.a('string');

    await scenario.commit(wish({ server: 'milan' }, { 'shortcuts.liqo.io/adopt': 'true' }));
    await scenario.ready('rome-milan');

    expect(await gateway()).to.equal(before);
    expect(await ownObjects()).to.include('Configuration/liqo-tenant-milan/milan');
  });

  it('holds everything as it is while it is suspended', async () => {
    await scenario.commit(wish({ server: 'milan', suspend: true }));
    await scenario.reason('rome-milan', 'Suspended');
    const rome = scenario.leaf('rome');
    const ref = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };
    await rome.delete(ref, { signal });
    scenario.world.resetRequests();

    await eventually('it says that something is missing', async () => {
      const told = await scenario.shortcut('rome-milan');
      const applied = told?.conditions.find(({ type }) => type === 'Applied');
      return applied?.status === 'False' ? { done: true } : { seen: told?.conditions };
    });

    expect(leafWrites()).to.equal(0);
    await scenario.commit(wish({ server: 'milan' }));
    await untilTrue('made again', async () => {
      return (
        (await findObject(rome, CONFIGURATION, 'liqo-tenant-milan/milan')) !== undefined &&
        (await scenario.shortcut('rome-milan'))?.phase === 'Ready'
      );
    });
  });

  it('holds its own deletion while it is suspended', async () => {
    await scenario.commit(wish({ server: 'milan', suspend: true }));
    await scenario.reason('rome-milan', 'Suspended');
    const before = await ownObjects();

    await scenario
      .main()
      .delete({ kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' }, { signal });

    const told = await eventually('told as deleting', async () => {
      const found = await scenario.shortcut('rome-milan');
      return found?.deleting === true ? { done: found } : { seen: found };
    });
    expect(told.plan.blocked.join()).to.include('suspended');
    expect(await ownObjects()).to.deep.equal(before);
    await scenario.patch('main', SHORTCUT, 'liqo-shortcuts/rome-milan', {
      spec: { suspend: false },
    });
    // What is deleted by hand and still wanted in Git comes again, with the suspension of the file.
    await eventually('all cleaned up', async () => {
      const left = await ownObjects();
      return left.length === 0 ? { done: true } : { seen: left };
    });
  });

  it('lets the older of two shortcuts for one pair have it, and then the younger', async () => {
    await scenario.commit(wish({ server: 'milan' }));
    await scenario.ready('rome-milan');
    await untilNextSecond();
    await scenario.main().create(
      SHORTCUT,
      {
        apiVersion: API_VERSION,
        kind: 'Shortcut',
        metadata: { name: 'by-hand', namespace: 'liqo-shortcuts' },
        spec: { clusters: ['milan', 'rome'], server: 'rome' },
      },
      { signal },
    );
    const told = await scenario.reason('by-hand', 'DuplicatePair');
    expect(told.phase).to.equal('Stalled');
    expect(told.conditions[0]?.message).to.include('rome-milan');

    await remove();
    await scenario.gone('rome-milan');

    await scenario.ready('by-hand');
    const { sides } = (await scenario.shortcut('by-hand')) ?? {};
    expect(sides?.find(({ role }) => role === 'Server')?.cluster).to.equal('rome');
  });

  it('leaves only the namespaces that it did not make once the last one is gone', async () => {
    await scenario
      .main()
      .delete({ kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'by-hand' }, { signal });

    await scenario.gone('by-hand');

    expect(await tenantObjects()).to.deep.equal([
      'Namespace/liqo-tenant-milan',
      'Namespace/liqo-tenant-rome',
    ]);
  });
});

/** Creation times have whole seconds, and the older of two is what counts. */
async function untilNextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1_000);
  await untilTrue('another second', () => Promise.resolve(Math.floor(Date.now() / 1_000) > second));
}
