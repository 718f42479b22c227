import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../../src/liqo/kinds.ts';
import { tenantNamespaceName } from '../../src/liqo/labels.ts';
import type { LeafScope } from '../../src/liqo/leaf-rules.ts';
import { LEAF_CLUSTER, SHORTCUT } from '../../src/model/kinds.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { grantRights, type LeafGrant, rightsOf } from '../support/leaf-rights.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, ownObjectsOn, refAt, specOf, statusOf } from '../support/scenario-objects.ts';
import { signal, untilTrue } from '../support/scenario-wait.ts';
import { UsedRights } from '../support/used-rights.ts';

type Pair = readonly [server: string, client: string];

interface Life {
  readonly name: string;
  readonly scopes: Readonly<Record<string, LeafScope>>;
  readonly pairs: readonly Pair[];
  /** True: the files of deploy/leaf-rbac/ are applied as they are, to leaves whose one peer is milan. */
  readonly isDelivered?: boolean;
}

const LIVES: readonly Life[] = [
  {
    name: 'rights in tenant namespaces alone on both leaves',
    scopes: { rome: 'strict', milan: 'strict' },
    pairs: [['rome', 'milan']],
  },
  {
    name: 'rights in all namespaces on both leaves',
    scopes: { rome: 'cluster', milan: 'cluster' },
    pairs: [['rome', 'milan']],
  },
  {
    name: 'a leaf of each kind, connected with one another',
    scopes: { rome: 'strict', milan: 'cluster', naples: 'namespaced' },
    pairs: [
      ['rome', 'milan'],
      ['milan', 'naples'],
      ['naples', 'rome'],
    ],
  },
  {
    name: 'the manifests as they are delivered',
    scopes: { rome: 'strict', naples: 'namespaced', milan: 'cluster' },
    pairs: [
      ['rome', 'milan'],
      ['naples', 'milan'],
    ],
    isDelivered: true,
  },
];

const DELIVERED = join(import.meta.dirname, '../../deploy/leaf-rbac');

for (const { name: title, scopes, pairs, isDelivered = false } of LIVES) {
  describe(`the whole life with ${title}`, function () {
    this.timeout(120_000);
    const leaves = Object.keys(scopes);
    const names = pairs.map((pair) => pair.join('-'));
    const used = new UsedRights();
    let scenario: Scenario;

    function grantOn(leaf: string): LeafGrant {
      const scope = scopes[leaf] ?? 'strict';
      const manifest = isDelivered && readFileSync(join(DELIVERED, `${scope}.yaml`), 'utf8');
      const peers = pairs.flatMap(([a, b]) => (a === leaf ? [b] : b === leaf ? [a] : []));
      return { scope, peers, ...(manifest !== false && { manifest }) };
    }

    before(async () => {
      const { createServer } = used;
      scenario = await startScenario({ leaves, createServer, service: false });
      for (const leaf of leaves) await grantRights(scenario.leaf(leaf), grantOn(leaf));
      await scenario.startService();
    });
    after(() => scenario.stop());

    type Wish = Partial<ShortcutSpec> & { readonly annotations?: Readonly<Record<string, string>> };

    async function wish(more: (pair: Pair) => Wish): Promise<void> {
      const files = pairs.map((pair): readonly [string, string] => {
        const [server] = pair;
        const { annotations, ...spec } = more(pair);
        const whole = { clusters: [...pair] as [string, string], server, ...spec };
        const shortcut = pair.join('-');
        return [`shortcuts/${shortcut}.yaml`, shortcutFile(shortcut, whole, annotations)];
      });
      await scenario.commit(Object.fromEntries(files));
    }

    const remove = (): Promise<string> =>
      scenario.commit(
        Object.fromEntries(names.map((shortcut) => [`shortcuts/${shortcut}.yaml`, undefined])),
      );
    const gateway = async (pair: Pair, side: 'server' | 'client') => {
      const [leaf, peer] = side === 'server' ? pair : ([pair[1], pair[0]] as const);
      const kind = side === 'server' ? GATEWAY_SERVER : GATEWAY_CLIENT;
      const address = `${tenantNamespaceName(peer)}/${peer}`;
      return { leaf, kind, address, found: await findObject(scenario.leaf(leaf), kind, address) };
    };
    const ownObjects = async (): Promise<readonly string[]> =>
      (await Promise.all(leaves.map((leaf) => ownObjectsOn(scenario.leaf(leaf))))).flat();

    async function untilWhole(): Promise<void> {
      for (const [a, b] of pairs) await untilTrulyConnected(scenario, a, b);
      await scenario.ready(...names);
    }

    it('connects', async () => {
      await wish(() => ({}));

      await untilWhole();
    });

    it('changes in place what can be changed', async () => {
      const before = await Promise.all(pairs.map((pair) => gateway(pair, 'server')));

      await wish(() => ({ gateway: { mtu: 1300 } }));

      for (const [index, pair] of pairs.entries()) {
        await untilTrue('the gateway has its new MTU', async () => {
          const { found } = await gateway(pair, 'server');
          expect(found?.metadata.uid).to.equal(before[index]?.found?.metadata.uid);
          return specOf(found)['mtu'] === 1300;
        });
      }
      await untilWhole();
    });

    it('makes again what cannot, and back', async () => {
      await wish(([, client]) => ({ server: client }));
      for (const [server, client] of pairs) {
        await untilTrue('the other side listens', async () => {
          const { found } = await gateway([client, server], 'server');
          return found !== undefined;
        });
      }
      await untilWhole();

      await wish(() => ({}));

      for (const pair of pairs) {
        await untilTrue('the first side listens again', async () => {
          return (await gateway(pair, 'server')).found !== undefined;
        });
      }
      await untilWhole();
    });

    it('puts back what somebody changed or deleted', async () => {
      for (const pair of pairs) {
        const { leaf, kind, address, found } = await gateway(pair, 'client');
        await scenario.leaf(leaf).delete(refAt(kind, address), { signal });
        await scenario.patch(leaf, CONFIGURATION, address, {
          spec: { remote: { cidr: { pod: ['10.9.0.0/16'] } } },
        });

        await untilTrue('made again, and put back', async () => {
          const { found: again } = await gateway(pair, 'client');
          const configuration = await findObject(scenario.leaf(leaf), CONFIGURATION, address);
          const isBack = !JSON.stringify(specOf(configuration)).includes('10.9.0.0/16');
          return isBack && again !== undefined && again.metadata.uid !== found?.metadata.uid;
        });
      }

      await untilWhole();
    });

    it('disconnects', async () => {
      await remove();

      await scenario.gone(...names);

      expect(await ownObjects()).to.deep.equal([]);
    });

    it('leaves its connections to somebody else, and adopts those of somebody else', async () => {
      await wish(() => ({ deletionPolicy: 'Orphan' }));
      await untilWhole();
      await remove();
      await scenario.gone(...names);
      expect(await ownObjects()).to.deep.equal([]);

      await wish(() => ({ annotations: { 'shortcuts.liqo.io/adopt': 'true' } }));

      await untilWhole();
      expect(await ownObjects()).to.include.members(
        pairs.map(([, peer]) => `GatewayServer/${tenantNamespaceName(peer)}/${peer}`),
      );
    });

    it('disconnects what Kubernetes takes away only in part, since somebody took its owners away', async () => {
      await scenario.stopService();
      for (const [a, b] of pairs) {
        for (const [leaf, peer] of [[a, b] as const, [b, a] as const]) {
          const address = `${tenantNamespaceName(peer)}/${peer}`;
          await scenario.patch(leaf, PUBLIC_KEY, address, { metadata: { ownerReferences: null } });
        }
      }
      for (const name of names) {
        await scenario.main().delete(refAt(SHORTCUT, `liqo-shortcuts/${name}`), { signal });
      }
      await remove();
      await scenario.startService();

      await scenario.gone(...names);

      expect(await ownObjects()).to.deep.equal([]);
    });

    for (const leaf of leaves) {
      it(`has on ${leaf} all the rights that it used, and used all that it has`, async () => {
        const { missing, unused } = used.compare(leaf, rightsOf(grantOn(leaf)));

        expect(missing).to.deep.equal([]);
        expect(unused).to.deep.equal([]);
        // How far its rights reach is found out by trying to list everywhere.
        expect(used.refusedOn(leaf).filter((right) => !/^list \S+$/.test(right))).to.deep.equal([]);
        const told = await findObject(scenario.main(), LEAF_CLUSTER, `liqo-shortcuts/${leaf}`);
        expect(statusOf(told)['permissionsMissing'] ?? []).to.deep.equal([]);
      });
    }
  });
}
