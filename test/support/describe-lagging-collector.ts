import { expect } from 'chai';

import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import type { LeafScope } from '../../src/liqo/leaf-rules.ts';
import { SECRET } from '../../src/model/kinds.ts';
import type { ResourceKind } from '../../src/model/kube-object.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import type { FaultArguments, FaultName } from '../../src/sandbox/faults.ts';
import { grantRights } from './leaf-rights.ts';
import { untilTrulyConnected } from './matching-keys.ts';
import { type Scenario, startScenario } from './scenario.ts';
import { shortcutFile } from './scenario-files.ts';
import { findObject, refAt } from './scenario-objects.ts';
import { eventually, signal, untilTrue } from './scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';
/** The client, and the server. */
const LEAVES = ['rome', 'milan'] as const;
type Leaf = (typeof LEAVES)[number];

/** What is wrong with the collector, and where. */
export interface Trouble {
  readonly name: string;
  readonly leaves: readonly Leaf[];
  readonly fault: FaultName;
  readonly args?: FaultArguments;
}

/**
 * Declares what must come out right in the end whatever the collector does, with the least rights of a scope on both leaves:
 * a new gateway would take over what the old one left, and lose it with that (NETWORK.md 9.3).
 */
export function describeLaggingCollector(scope: LeafScope, troubles: readonly Trouble[]): void {
  describe(`a garbage collector that lags, in the scope ${scope}`, function () {
    this.timeout(120_000);
    let scenario: Scenario;

    before(async function () {
      this.timeout(60_000);
      scenario = await startScenario({ leaves: [...LEAVES], service: false });
      for (const leaf of LEAVES) {
        const peers = LEAVES.filter((other) => other !== leaf);
        await grantRights(scenario.leaf(leaf), { scope, peers });
      }
      await scenario.startService();
      await scenario.commit(wish());
      await scenario.ready('rome-milan');
    });
    after(() => scenario.stop());

    const wish = (spec: Partial<ShortcutSpec> = {}) => ({
      [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'], server: 'milan', ...spec }),
    });
    const gateway = (leaf: Leaf): readonly [ResourceKind, string] =>
      leaf === 'rome'
        ? [GATEWAY_CLIENT, 'liqo-tenant-milan/milan']
        : [GATEWAY_SERVER, 'liqo-tenant-rome/rome'];
    const configuration = (leaf: Leaf): readonly [ResourceKind, string] => [
      CONFIGURATION,
      leaf === 'rome' ? 'liqo-tenant-milan/milan' : 'liqo-tenant-rome/rome',
    ];

    async function uidOf(leaf: Leaf): Promise<string | undefined> {
      return (await findObject(scenario.leaf(leaf), ...gateway(leaf)))?.metadata.uid;
    }

    async function removeGateway(leaf: Leaf): Promise<void> {
      const [kind, address] = gateway(leaf);
      await scenario.leaf(leaf).delete(refAt(kind, address), { signal });
    }

    /** As `liqoctl network reset` does it: gateways, then Configurations, on both leaves, and no waiting. */
    async function resetByHand(): Promise<void> {
      await Promise.all(LEAVES.map(removeGateway));
      for (const leaf of LEAVES) {
        await scenario.leaf(leaf).delete(refAt(...configuration(leaf)), { signal });
      }
    }

    async function inTrouble({ leaves, fault, args }: Trouble, on: boolean): Promise<void> {
      await Promise.all(leaves.map((leaf) => scenario.world.fault(leaf, fault, { ...args, on })));
    }

    /** A collector that stands still is waited for, and the status says so. */
    async function untilDraining(): Promise<void> {
      await eventually('it says what it waits for', async () => {
        const told = await scenario.shortcut('rome-milan');
        const [ready] = told?.conditions ?? [];
        const isTold =
          ready?.status === 'False' &&
          (told?.plan.waits ?? []).some((wait) => wait.includes('waiting for it to be gone'));
        return isTold ? { done: true } : { seen: [told?.conditions, told?.plan] };
      });
    }

    async function untilWhole(before: readonly (string | undefined)[]): Promise<void> {
      await untilTrue('both gateways are others', async () => {
        const after = await Promise.all(LEAVES.map(uidOf));
        return after.every((uid, index) => uid !== undefined && uid !== before[index]);
      });
      await untilTrulyConnected(scenario, 'rome', 'milan');
      await scenario.ready('rome-milan');
    }

    for (const trouble of troubles) {
      describe(trouble.name, () => {
        let before: readonly (string | undefined)[];

        beforeEach(async () => {
          before = await Promise.all(LEAVES.map(uidOf));
          await inTrouble(trouble, true);
        });
        afterEach(() => inTrouble(trouble, false));

        it('pitfall 11, pitfall 12: mends what somebody reset by hand', async () => {
          await resetByHand();
          if (trouble.fault === 'gc-off') await untilDraining();
          await inTrouble(trouble, false);

          await untilWhole(before);
        });

        it('pitfall 11, pitfall 12: connects again what was removed and committed again', async () => {
          await scenario.commit({ [FILE]: undefined });
          await untilTrue('on its way out, or gone', async () => {
            const told = await scenario.shortcut('rome-milan');
            return told === undefined || told.deleting;
          });
          await scenario.commit(wish());
          if (trouble.fault === 'gc-off') {
            await untilTrue('the gateways are gone', async () => {
              const uids = await Promise.all(LEAVES.map(uidOf));
              return uids.every((uid, index) => uid !== before[index]);
            });
          }
          await inTrouble(trouble, false);

          await untilWhole(before);
        });

        it('swaps the roles and swaps them back', async () => {
          await scenario.commit(wish({ server: 'rome' }));
          await untilTrue('the gateways are gone', async () => {
            const uids = await Promise.all(LEAVES.map(uidOf));
            return uids.every((uid) => uid === undefined);
          });
          await scenario.commit(wish());
          await inTrouble(trouble, false);

          await untilWhole(before);
        });
      });
    }

    it('pitfall 12: tells how a Secret that nobody owns, and so nobody takes, can be got out of the way', async () => {
      const before = await Promise.all(LEAVES.map(uidOf));
      await scenario.patch('milan', SECRET, 'liqo-tenant-rome/gw-rome', {
        metadata: { ownerReferences: null },
      });

      await removeGateway('milan');

      await eventually('it names the Secret, and what to do', async () => {
        const told = await scenario.shortcut('rome-milan');
        const ready = told?.conditions[0];
        const isTold =
          ready?.reason === 'Draining' &&
          ready.message.startsWith('Secret/liqo-tenant-rome/gw-rome on "milan"') &&
          ready.message.endsWith('delete it');
        return isTold ? { done: true } : { seen: told?.conditions };
      });
      await scenario.leaf('milan').delete(refAt(SECRET, 'liqo-tenant-rome/gw-rome'), { signal });
      await untilTrulyConnected(scenario, 'rome', 'milan');
      await scenario.ready('rome-milan');
      expect(await uidOf('milan')).not.to.equal(before[1]);
    });
  });
}
