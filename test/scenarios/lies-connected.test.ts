import { expect } from 'chai';

import {
  CONFIGURATION,
  CONNECTION,
  FOREIGN_CLUSTER,
  GATEWAY_SERVER,
  PUBLIC_KEY,
} from '../../src/liqo/kinds.ts';
import { SECRET } from '../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import type { ShortcutDetail } from '../../src/status/snapshot.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, refAt, specOf, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';
import { makeSomeoneElses } from '../support/someone-elses.ts';

const FILE = 'shortcuts/rome-milan.yaml';
const NAMESPACES = { rome: 'liqo-tenant-milan', milan: 'liqo-tenant-rome' } as const;
const PEERS = { rome: 'milan', milan: 'rome' } as const;
type Leaf = keyof typeof PEERS;

const addressOf = (leaf: Leaf, prefix = ''): string =>
  `${NAMESPACES[leaf]}/${prefix}${PEERS[leaf]}`;

/**
 * What a leaf says and what is true (observed/README.md, "`Connected` says less than it seems"). A Connected that is no
 * longer renewed is in silence.test.ts, somebody's twin objects and keys in pitfalls-ownership.test.ts.
 */
describe('lies about a tunnel', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan'], flags: { resync: '1s' } });
    await wish();
    await scenario.ready('rome-milan');
  });
  after(() => scenario.stop());

  const wish = (spec: Partial<ShortcutSpec> = {}): Promise<string> =>
    scenario.commit({
      [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'], server: 'milan', ...spec }),
    });

  async function said(leaf: Leaf): Promise<unknown> {
    const found = await findObject(scenario.leaf(leaf), CONNECTION, addressOf(leaf, 'gw-'));
    return statusOf(found)['value'];
  }

  /** Waits until the service says something; answers with all that it then says. */
  async function untilTold(
    what: string,
    isTold: (found: ShortcutDetail) => boolean,
  ): Promise<ShortcutDetail> {
    return eventually(`told: ${what}`, async () => {
      const found = await scenario.shortcut('rome-milan');
      return found !== undefined && isTold(found) ? { done: found } : { seen: found };
    });
  }

  async function untilWhole(): Promise<void> {
    await untilTrulyConnected(scenario, 'rome', 'milan');
    await scenario.ready('rome-milan');
  }

  describe('that nobody mends', () => {
    beforeEach(async () => {
      await wish({ suspend: true });
      await untilTold('suspended', ({ conditions }) => conditions[0]?.reason === 'Suspended');
    });
    afterEach(async () => {
      await wish();
      await untilWhole();
    });

    const gone: readonly (readonly [Leaf, ResourceKind, string, RegExp])[] = (
      ['rome', 'milan'] as const
    ).flatMap((leaf) => [
      [leaf, CONFIGURATION, addressOf(leaf), /Held: Configuration\/.*: It is missing\.$/],
      [leaf, PUBLIC_KEY, addressOf(leaf), /Held: PublicKey\/.*: It is missing\.$/],
      [leaf, SECRET, addressOf(leaf, 'gw-'), /Held: Gateway\w+\/.*: Its key Secret is lost\.$/],
    ]);
    for (const [leaf, kind, address, message] of gone) {
      it(`lie: Connected, and the ${kind.kind} on ${leaf} is gone: not Ready, and what is missing is named`, async () => {
        await scenario.leaf(leaf).delete(refAt(kind, address), { signal });

        const { sides, phase } = await untilTold('missing', ({ conditions: [ready] }) => {
          return ready?.status === 'False' && message.test(ready.message);
        });

        expect([await said('rome'), await said('milan')]).to.deep.equal(['Connected', 'Connected']);
        expect(sides.map(({ connection }) => connection?.status)).to.deep.equal([
          'Connected',
          'Connected',
        ]);
        expect(phase).to.equal('Suspended');
      });
    }
  });

  describe('with the keys', () => {
    const wrong = {
      'three bytes': 'AAAA',
      'the key of another gateway': Buffer.alloc(32, 7).toString('base64'),
    };
    for (const leaf of ['rome', 'milan'] as const) {
      for (const [what, publicKey] of Object.entries(wrong)) {
        it(`lie: Connected, and our PublicKey on ${leaf} holds ${what}: the right one is put back`, async () => {
          const right = specOf(await findObject(scenario.leaf(leaf), PUBLIC_KEY, addressOf(leaf)));

          await scenario.patch(leaf, PUBLIC_KEY, addressOf(leaf), { spec: { publicKey } });

          await untilTrue('put back', async () => {
            const found = await findObject(scenario.leaf(leaf), PUBLIC_KEY, addressOf(leaf));
            return specOf(found)['publicKey'] === right['publicKey'];
          });
          await untilWhole();
          const { history } = (await scenario.shortcut('rome-milan'))!;
          expect(history.at(-1)?.message).to.include('PublicKey').and.include('kubectl-edit');
        });
      }
    }
  });

  it('lie: Connected, and the key Secret holds three bytes: Liqo’s word is not passed on, and that is said', async () => {
    const secret = await findObject(scenario.leaf('milan'), SECRET, addressOf('milan', 'gw-'));
    const { publicKey } = (secret as unknown as { readonly data: { readonly publicKey: string } })
      .data;
    const known = specOf(await findObject(scenario.leaf('rome'), PUBLIC_KEY, addressOf('rome')));
    const write = (key: string): Promise<void> =>
      scenario.patch('milan', SECRET, addressOf('milan', 'gw-'), { data: { publicKey: key } });
    await write('AAAA');

    const { conditions } = await untilTold('no key', ({ conditions: [ready] }) => {
      return ready?.reason === 'KeysPending';
    });

    expect(await said('rome')).to.equal('Connected');
    expect(conditions[0]?.message).to.match(
      /^Secret\/.*\/gw-rome on "milan": data\.publicKey is not a key of 32 bytes/,
    );
    const after = await findObject(scenario.leaf('rome'), PUBLIC_KEY, addressOf('rome'));
    expect(specOf(after)).to.deep.equal(known);
    await write(publicKey);
    await untilWhole();
  });

  it('lie: Connected on one side, and Error on the other: Degraded, and each side told apart', async () => {
    await scenario.world.fault('rome', 'gateway-stopped');

    const { conditions, sides } = await untilTold('Degraded', ({ phase }) => phase === 'Degraded');

    expect(await said('rome')).to.equal('Connected');
    expect(sides.map(({ connection }) => connection?.status)).to.deep.equal(['Connected', 'Error']);
    expect(conditions[0]).to.include({ status: 'False', reason: 'ConnectionLost' });
    expect(conditions[0]?.message).to.include('leaf "milan"');
    await scenario.world.fault('rome', 'gateway-stopped', { on: false });
    await untilWhole();
  });

  it('lie: enabled is false with the conditions of old: whose objects are there decides, and nothing is deleted', async () => {
    const foreignCluster = async () => {
      const found = await findObject(scenario.leaf('milan'), FOREIGN_CLUSTER, 'rome');
      const { modules } = statusOf(found) as { readonly modules: Modules };
      return modules.networking;
    };
    const before = await findObject(scenario.leaf('milan'), GATEWAY_SERVER, addressOf('milan'));
    await makeSomeoneElses(scenario, 'configuration', {
      leaf: 'milan',
      peer: 'rome',
      namespace: 'default',
    });
    await untilTrue('enabled is false', async () => !(await foreignCluster()).enabled);

    const { conditions } = await untilTold(
      'two of them',
      ({ conditions: [ready] }) => ready?.reason === 'OwnershipConflict',
    );

    const statuses = (await foreignCluster()).conditions.map(({ status }) => status);
    expect(statuses).to.include('Established').and.not.include('Error');
    expect(conditions[0]?.message).to.match(/^Configuration\/default\/rome on "milan"/);
    await scenario.leaf('milan').delete(refAt(CONFIGURATION, 'default/rome'), { signal });
    await untilWhole();
    const after = await findObject(scenario.leaf('milan'), GATEWAY_SERVER, addressOf('milan'));
    expect(after?.metadata.uid).to.equal(before?.metadata.uid);
  });

  it('lie: the endpoint, the key and the Connection of an earlier gateway, on one that was made again', async () => {
    const milan = scenario.leaf('milan');
    const former = (await findObject(milan, GATEWAY_SERVER, addressOf('milan')))!;
    const connection = (await findObject(milan, CONNECTION, addressOf('milan', 'gw-')))!;
    await scenario.world.fault('milan', 'gc-off');
    await milan.delete(refAt(GATEWAY_SERVER, addressOf('milan')), { signal });
    await milan.create(GATEWAY_SERVER, asNew(former), { signal });
    await untilTrue('the old status on the new gateway', async () => {
      const found = await findObject(milan, GATEWAY_SERVER, addressOf('milan'));
      const { endpoint, secretRef } = statusOf(found);
      const old = statusOf(former);
      return (
        found?.metadata.uid !== former.metadata.uid &&
        JSON.stringify([endpoint, secretRef]) ===
          JSON.stringify([old['endpoint'], old['secretRef']])
      );
    });

    // A gateway is known, and nothing of what it shows is taken for its own.
    await untilTold('not its own', ({ conditions: [ready], sides: [, side] }) => {
      const { gateway, connection: known } = side ?? {};
      const isDoubted = gateway !== undefined && gateway.endpoint === undefined;
      return ready?.status === 'False' && isDoubted && known?.status === 'Missing';
    });

    const left = await findObject(milan, CONNECTION, addressOf('milan', 'gw-'));
    expect(left?.metadata.uid).to.equal(connection.metadata.uid);
    await scenario.world.fault('milan', 'gc-off', { on: false });
    await untilWhole();
  });
});

interface Modules {
  readonly networking: {
    readonly enabled: boolean;
    readonly conditions: readonly { readonly status: string }[];
  };
}

/** What somebody would create who had kept the YAML. */
function asNew(object: KubeObject): KubeObject {
  const { name, namespace = '', labels = {}, annotations = {} } = object.metadata;
  const { apiVersion, kind } = object;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, annotations },
    spec: object['spec'],
  };
}
