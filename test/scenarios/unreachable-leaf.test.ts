import { expect } from 'chai';

import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import { LEAF_CLUSTER, SHORTCUT } from '../../src/model/kinds.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, ownObjectsOn, specOf, statusOf } from '../support/scenario-objects.ts';
import { signal, untilTrue } from '../support/scenario-wait.ts';

const DOWN = 'down';
const HANGING = 'hanging';
const SLOW = 'slow';
const FORBIDDEN = 'forbidden';
const UNWRITABLE = 'unwritable';
const DROPPED = 'dropped';
const EXPIRED = 'expired';
const SILENT = 'silent';
const VICTIMS = [DOWN, HANGING, SLOW, FORBIDDEN, UNWRITABLE, DROPPED, EXPIRED, SILENT] as const;
const WORLD_OF_VICTIMS = ['rome', 'milan', ...VICTIMS];

const fileOf = (leaf: string): string => `shortcuts/rome-${leaf}.yaml`;
const nameOf = (leaf: string): string => `rome-${leaf}`;

describe('a leaf that does not answer as it should', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  const fault = (...args: Parameters<Scenario['world']['fault']>) => scenario.world.fault(...args);
  const writesOn = (leaf: string): number => scenario.world.requests()[leaf]?.writes ?? 0;

  async function untilMTU(leaf: string, mtu: number): Promise<void> {
    await untilTrue(`the gateway of ${leaf} has its new MTU`, async () => {
      const { items } = await scenario.leaf(leaf).list(GATEWAY_CLIENT, { signal });
      const servers = await scenario.leaf(leaf).list(GATEWAY_SERVER, { signal });
      return [...items, ...servers.items].some((gateway) => specOf(gateway)['mtu'] === mtu);
    });
  }

  before(async function () {
    this.timeout(240_000);
    scenario = await startScenario({ leaves: WORLD_OF_VICTIMS, flags: { resync: '5s' } });
    await scenario.commit(
      Object.fromEntries(
        VICTIMS.map((leaf) => [
          fileOf(leaf),
          shortcutFile(nameOf(leaf), { clusters: ['rome', leaf] }),
        ]),
      ),
    );
    await scenario.ready(...VICTIMS.map(nameOf));
    await fault(DOWN, 'down');
    await fault(HANGING, 'hang');
    await fault(SLOW, 'slow', { ms: 300 });
    await fault(UNWRITABLE, 'forbidden', { user: SERVICE_USER, verb: 'patch' });
    scenario.world.resetRequests();
  });
  after(() => scenario.stop());

  it('does not delay the shortcuts of others', async function () {
    const startedAt = performance.now();
    await scenario.commit({
      'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
    });

    await scenario.ready('rome-milan');

    this.test!.title += ` (Ready ${Math.round(performance.now() - startedAt)} ms after the commit)`;
  });

  it('is told as Unknown when it refuses connections, and nothing is taken away', async () => {
    const told = await scenario.reason(nameOf(DOWN), 'LeafUnreachable');

    expect(told.phase).to.equal('Unknown');
    expect(told.conditions[0]).to.include({ type: 'Ready', status: 'Unknown' });
    expect(told.conditions[0]?.message).to.include(`leaf "${DOWN}"`);
    const leaf = await scenario.http(`/api/v1/leaves/${DOWN}`);
    expect(leaf.body).to.include({ phase: 'LeafUnreachable' });
    expect(await ownObjectsOn(scenario.leaf('rome'))).to.include(`Namespace/liqo-tenant-${DOWN}`);
  });

  it('heals by itself once it is back', async () => {
    await fault(DOWN, 'down', { on: false });

    await scenario.ready(nameOf(DOWN));

    expect(writesOn(DOWN)).to.equal(0);
  });

  it('is told as Unknown when it forbids to look, with what is missing, and heals', async () => {
    await fault(FORBIDDEN, 'forbidden', { user: SERVICE_USER, verb: 'list' });
    await fault(FORBIDDEN, 'forbidden', { user: SERVICE_USER, verb: 'watch' });
    await fault(FORBIDDEN, 'drop-watches');
    await scenario.reason(nameOf(FORBIDDEN), 'LeafForbidden');
    await untilTrue('the leaf says what is missing', async () => {
      const leaf = await findObject(scenario.main(), LEAF_CLUSTER, `liqo-shortcuts/${FORBIDDEN}`);
      return JSON.stringify(statusOf(leaf)['permissionsMissing']).includes('list configurations');
    });

    await fault(FORBIDDEN, 'forbidden', { on: false });

    await scenario.ready(nameOf(FORBIDDEN));
    expect(writesOn(FORBIDDEN)).to.equal(0);
  });

  it('takes changes again after it forbade them', async () => {
    const wish = { clusters: ['rome', UNWRITABLE] as [string, string], gateway: { mtu: 1300 } };
    await scenario.commit({ [fileOf(UNWRITABLE)]: shortcutFile(nameOf(UNWRITABLE), wish) });
    const told = await scenario.reason(nameOf(UNWRITABLE), 'LeafForbidden');
    expect(told.conditions[0]?.message).to.include(UNWRITABLE);

    await fault(UNWRITABLE, 'forbidden', { on: false });

    await untilMTU(UNWRITABLE, 1300);
    await scenario.ready(nameOf(UNWRITABLE));
  });

  it('is connected all the same when it is slow', async () => {
    const wish = { clusters: ['rome', SLOW] as [string, string], gateway: { mtu: 1300 } };
    await scenario.commit({ [fileOf(SLOW)]: shortcutFile(nameOf(SLOW), wish) });

    await untilMTU(SLOW, 1300);
    await scenario.ready(nameOf(SLOW));
  });

  for (const [leaf, trouble, how] of [
    [DROPPED, 'drop-watches', 'broke its watches'],
    [EXPIRED, 'expire-watches', 'let its watches expire'],
    [SILENT, 'silent-watches', 'says nothing more on its watches'],
  ] as const) {
    it(`has a drift put back after it ${how}`, async () => {
      await fault(leaf, trouble);
      const address = 'liqo-tenant-rome/rome';
      const configuration = await findObject(scenario.leaf(leaf), CONFIGURATION, address);
      const wanted = specOf(configuration)['remote'];
      const drift = { remote: { cidr: { pod: ['10.9.0.0/16'] } } };

      await scenario.patch(leaf, CONFIGURATION, address, { spec: drift });

      await untilTrue('put back', async () => {
        const found = await findObject(scenario.leaf(leaf), CONFIGURATION, address);
        return JSON.stringify(specOf(found)['remote']) === JSON.stringify(wanted);
      });
      await scenario.ready(nameOf(leaf));
    });
  }

  it('never makes anybody delete anything', () => {
    const deletions = Object.values(scenario.world.requests()).flatMap(({ byRequest }) =>
      Object.keys(byRequest).filter((request) => request.startsWith('delete')),
    );

    expect(deletions).to.deep.equal([]);
  });

  it('holds up a deletion, which says so, while the other side is cleaned up', async () => {
    await fault(DOWN, 'down');
    await scenario.reason(nameOf(DOWN), 'LeafUnreachable');

    await scenario.commit({ [fileOf(DOWN)]: undefined });
    const told = await scenario.reason(nameOf(DOWN), 'DeletionBlocked');

    expect(told.phase).to.equal('Deleting');
    expect(told.conditions[0]?.message).to.include(`shortcuts.liqo.io/forget-leaf: ${DOWN}`);
    await untilTrue('the other side is clean', async () => {
      const left = await ownObjectsOn(scenario.leaf('rome'));
      return !left.some((object) => object.includes(`liqo-tenant-${DOWN}`));
    });
    const { items } = await scenario.main().list(SHORTCUT, { signal });
    expect(items.map(({ metadata }) => metadata.name)).to.include(nameOf(DOWN));
  });

  it('is left alone by a deletion that is told to forget it', async () => {
    const annotations = { 'shortcuts.liqo.io/forget-leaf': DOWN };
    await scenario.patch('main', SHORTCUT, `liqo-shortcuts/${nameOf(DOWN)}`, {
      metadata: { annotations },
    });

    await scenario.gone(nameOf(DOWN));

    expect(await ownObjectsOn(scenario.leaf(DOWN))).to.include('Namespace/liqo-tenant-rome');
  });

  it('is taken up again, with what was left there, by a new shortcut for the same pair', async () => {
    await fault(DOWN, 'down', { on: false });
    // A start spares us the pause before the next try to connect.
    await scenario.stopService();
    await scenario.startService();
    await scenario.commit({
      [fileOf(DOWN)]: shortcutFile(nameOf(DOWN), { clusters: ['rome', DOWN] }),
    });

    await scenario.ready(nameOf(DOWN));

    await scenario.commit({ [fileOf(DOWN)]: undefined });
    await scenario.gone(nameOf(DOWN));
    expect(await ownObjectsOn(scenario.leaf(DOWN))).to.deep.equal([]);
  });
});
