import { expect } from 'chai';

import {
  CONFIGURATION,
  CONNECTION,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  PUBLIC_KEY,
} from '../../src/liqo/kinds.ts';
import { NAMESPACE, SECRET } from '../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import { untilTrulyConnected } from '../support/matching-keys.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, refAt, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';

const ROME = 'liqo-tenant-milan';
const MILAN = 'liqo-tenant-rome';

interface Edit {
  readonly leaf: string;
  readonly kind: ResourceKind;
  readonly address: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whom the history names. */
  readonly by?: string;
  /** With its number in NETWORK.md section 14. */
  readonly pitfall?: string;
}

const EDITS: readonly Edit[] = [
  {
    leaf: 'rome',
    kind: NAMESPACE,
    address: ROME,
    body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } },
  },
  {
    leaf: 'milan',
    kind: CONFIGURATION,
    address: `${MILAN}/rome`,
    body: { spec: { remote: { cidr: { pod: ['10.9.0.0/16'] } } } },
  },
  {
    leaf: 'milan',
    kind: GATEWAY_SERVER,
    address: `${MILAN}/rome`,
    body: { spec: { mtu: 1200 } },
    pitfall: 'pitfall 9',
  },
  {
    leaf: 'milan',
    kind: GATEWAY_SERVER,
    address: `${MILAN}/rome`,
    body: { spec: { endpoint: { loadBalancerIP: '203.0.113.9' } } },
  },
  {
    leaf: 'rome',
    kind: GATEWAY_CLIENT,
    address: `${ROME}/milan`,
    body: { spec: { endpoint: { port: 7 } } },
  },
  {
    leaf: 'rome',
    kind: PUBLIC_KEY,
    address: `${ROME}/milan`,
    body: { spec: { publicKey: Buffer.alloc(32, 7).toString('base64') } },
  },
  {
    leaf: 'milan',
    kind: PUBLIC_KEY,
    address: `${MILAN}/rome`,
    body: { metadata: { labels: { 'liqo.io/remote-cluster-id': null } } },
    // Who takes a field away leaves no name in managedFields.
    by: 'somebody',
  },
];

type Deletion = readonly [leaf: string, kind: ResourceKind, address: string, pitfall?: string];

const DELETIONS: readonly Deletion[] = [
  ['rome', CONFIGURATION, `${ROME}/milan`],
  ['milan', GATEWAY_SERVER, `${MILAN}/rome`, 'pitfall 11'],
  ['rome', GATEWAY_CLIENT, `${ROME}/milan`, 'pitfall 11'],
  ['milan', PUBLIC_KEY, `${MILAN}/rome`],
  ['rome', CONNECTION, `${ROME}/gw-milan`, 'pitfall 19'],
  ['milan', CONNECTION, `${MILAN}/gw-rome`, 'pitfall 19'],
  ['milan', NAMESPACE, MILAN],
];

const KEY_SECRETS: readonly Deletion[] = [
  ['rome', SECRET, `${ROME}/gw-milan`],
  ['milan', SECRET, `${MILAN}/gw-rome`],
];

function numbered(pitfall: string | undefined, what: string): string {
  return pitfall === undefined ? what : `${pitfall}: ${what}`;
}

describe('somebody changes what is ours', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: ['rome', 'milan'] });
    await scenario.commit({
      'shortcuts/a.yaml': shortcutFile('rome-milan', {
        clusters: ['rome', 'milan'],
        server: 'milan',
      }),
    });
    await scenario.ready('rome-milan');
  });
  after(() => scenario.stop());

  /** Both sides report a live connection of gateways that know each other's present keys. */
  async function untilWhole(): Promise<void> {
    await untilTrue('both leaves hold all and are connected', async () => {
      const found = await Promise.all([
        findObject(scenario.leaf('rome'), CONNECTION, `${ROME}/gw-milan`),
        findObject(scenario.leaf('milan'), CONNECTION, `${MILAN}/gw-rome`),
        findObject(scenario.leaf('rome'), PUBLIC_KEY, `${ROME}/milan`),
        findObject(scenario.leaf('milan'), PUBLIC_KEY, `${MILAN}/rome`),
      ]);
      return (
        found.every((object) => object !== undefined) &&
        found.slice(0, 2).every((connection) => statusOf(connection)['value'] === 'Connected')
      );
    });
    await scenario.ready('rome-milan');
  }

  for (const { leaf, kind, address, body, by = '"kubectl-edit"', pitfall } of EDITS) {
    it(numbered(pitfall, `puts back ${kind.kind} ${JSON.stringify(body)}`), async () => {
      const before = await findObject(scenario.leaf(leaf), kind, address);

      await scenario.patch(leaf, kind, address, body);

      await untilTrue('put back', async () => {
        const found = await findObject(scenario.leaf(leaf), kind, address);
        return found !== undefined && wishOf(found) === wishOf(before);
      });
      await untilWhole();
      const told = await scenario.shortcut('rome-milan');
      const corrections = told?.history.filter(({ reason }) => reason === 'Drift') ?? [];
      expect(corrections.at(-1)?.message).to.include(kind.kind).and.include(`changed by ${by}`);
    });
  }

  async function deleteAndAwait(leaf: string, kind: ResourceKind, address: string): Promise<void> {
    const before = await findObject(scenario.leaf(leaf), kind, address);

    await scenario.leaf(leaf).delete(refAt(kind, address), { signal });

    await untilTrue('made again', async () => {
      const found = await findObject(scenario.leaf(leaf), kind, address);
      return found !== undefined && found.metadata.uid !== before?.metadata.uid;
    });
    await untilWhole();
    await untilTrulyConnected(scenario, 'rome', 'milan');
  }

  for (const [leaf, kind, address, pitfall] of DELETIONS) {
    it(numbered(pitfall, `has ${kind.kind} again after somebody deleted it on ${leaf}`), () =>
      deleteAndAwait(leaf, kind, address),
    );
  }

  it('reports a gateway key that was exchanged, and gives the peer the new one', async () => {
    const before = await findObject(scenario.leaf('milan'), PUBLIC_KEY, `${MILAN}/rome`);

    await scenario.world.fault('rome', 'key-rotated');

    await untilTrue('milan knows another key', async () => {
      const found = await findObject(scenario.leaf('milan'), PUBLIC_KEY, `${MILAN}/rome`);
      return found !== undefined && wishOf(found) !== wishOf(before);
    });
    await untilWhole();
  });

  it('follows a gateway to another address', async () => {
    const before = await findObject(scenario.leaf('rome'), GATEWAY_CLIENT, `${ROME}/milan`);

    await scenario.world.fault('milan', 'gateway-moved');

    await untilTrue('rome dials another address', async () => {
      const found = await findObject(scenario.leaf('rome'), GATEWAY_CLIENT, `${ROME}/milan`);
      expect(found?.metadata.uid).to.equal(before?.metadata.uid);
      return wishOf(found) !== wishOf(before);
    });
    await untilWhole();
  });

  it('pitfall 10: says that the tunnel is lost, and that it is back', async () => {
    await scenario.world.fault('rome', 'tunnel-lost');
    await eventually('it says what to check', async () => {
      const ready = (await scenario.shortcut('rome-milan'))?.conditions[0];
      const isTold = ready?.reason === 'ConnectionLost' && ready.message.includes('check that UDP');
      return isTold ? { done: true } : { seen: ready };
    });
    await untilTrue('down on both sides', async () => {
      return (await scenario.shortcut('rome-milan'))?.phase === 'Down';
    });

    await scenario.world.fault('rome', 'tunnel-lost', { on: false });

    await untilWhole();
  });

  describe('that no watch tells of', () => {
    before(async () => {
      await scenario.stopService();
      await scenario.startService({ resync: '1s' });
      await scenario.ready('rome-milan');
    });

    for (const [leaf, kind, address] of KEY_SECRETS) {
      it(`has the key ${kind.kind} again after somebody deleted it on ${leaf}`, () =>
        deleteAndAwait(leaf, kind, address));
    }
  });
});

/** Everything that people may want of an object: its labels and its spec. */
function wishOf(object: KubeObject | undefined): string {
  return JSON.stringify([object?.metadata.labels, object?.['spec']], sortKeys);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
