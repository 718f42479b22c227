import { expect } from 'chai';

import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, specOf } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

describe('the wish for a connection, or the leaves, change', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    const versions = { turin: '1.1', pisa: '1.1' } as const;
    scenario = await startScenario({ leaves: ['rome', 'milan', 'turin', 'pisa'], versions });
    await scenario.commit({
      ...wish({ server: 'milan' }),
      'shortcuts/old.yaml': shortcutFile('turin-pisa', {
        clusters: ['turin', 'pisa'],
        server: 'pisa',
      }),
    });
    await scenario.ready('rome-milan', 'turin-pisa');
  });
  after(() => scenario.stop());

  const server = () => findObject(scenario.leaf('milan'), GATEWAY_SERVER, 'liqo-tenant-rome/rome');
  const client = () => findObject(scenario.leaf('rome'), GATEWAY_CLIENT, 'liqo-tenant-milan/milan');

  /** Waits until the spec of an object shows what is expected, and all is Ready again. */
  async function untilSpec(
    find: () => Promise<KubeObject | undefined>,
    expected: Readonly<Record<string, unknown>>,
  ): Promise<KubeObject> {
    const found = await eventually(`spec with ${JSON.stringify(expected)}`, async () => {
      const object = await find();
      const spec = object === undefined ? {} : specOf(object);
      const isSo = Object.entries(expected).every(([path, value]) => at(spec, path) === value);
      return object !== undefined && isSo ? { done: object } : { seen: spec };
    });
    await scenario.ready('rome-milan');
    return found;
  }

  interface Change {
    readonly what: string;
    readonly gateway: NonNullable<ShortcutSpec['gateway']>;
    readonly server?: Readonly<Record<string, unknown>>;
    readonly client?: Readonly<Record<string, unknown>>;
  }
  const changes: readonly Change[] = [
    { what: 'MTU', gateway: { mtu: 1400 }, server: { mtu: 1400 }, client: { mtu: 1400 } },
    {
      what: 'service type to LoadBalancer',
      gateway: { serviceType: 'LoadBalancer' },
      server: { 'endpoint.serviceType': 'LoadBalancer' },
      client: { 'endpoint.port': 51840 },
    },
    {
      what: 'port',
      gateway: { serviceType: 'LoadBalancer', port: 51999 },
      server: { 'endpoint.port': 51999 },
      client: { 'endpoint.port': 51999 },
    },
    {
      what: 'node port',
      gateway: { serviceType: 'NodePort', nodePort: 31234 },
      server: { 'endpoint.nodePort': 31234 },
      client: { 'endpoint.port': 31234 },
    },
    {
      what: 'back to the defaults',
      gateway: {},
      server: { mtu: 1340, 'endpoint.nodePort': undefined, 'endpoint.port': 51840 },
      client: { mtu: 1340 },
    },
  ];
  for (const change of changes) {
    it(`pitfall 7: changes in place: ${change.what}`, async () => {
      const [serverBefore, clientBefore] = await Promise.all([server(), client()]);

      await scenario.commit(wish({ server: 'milan', gateway: change.gateway }));

      const serverAfter = await untilSpec(server, change.server ?? {});
      const clientAfter = await untilSpec(client, change.client ?? {});
      expect(serverAfter.metadata.uid).to.equal(serverBefore?.metadata.uid);
      expect(clientAfter.metadata.uid).to.equal(clientBefore?.metadata.uid);
    });
  }

  it('dials what the wish says, where that is not what the server sees of itself', async () => {
    const clientEndpoint = { address: '198.51.100.1', port: 4500 };
    await scenario.commit(wish({ server: 'milan', gateway: { clientEndpoint } }));
    await scenario.reason('rome-milan', 'ConnectionLost');
    expect(at(specOf(await client()), 'endpoint.port')).to.equal(4500);

    await scenario.commit(wish({ server: 'milan' }));

    await scenario.ready('rome-milan');
    expect(at(specOf(await client()), 'endpoint.port')).not.to.equal(4500);
  });

  it('pitfall 2: swaps the roles, and never has both kinds of gateway for one pair on a leaf', async () => {
    const before = await Promise.all(['rome', 'milan'].map((leaf) => gateways(leaf)));
    const watching = new AbortController();
    const followers = before.map(({ follow }) => follow(watching.signal));

    await scenario.commit(wish({ server: 'rome' }));

    await eventually('rome listens', async () => {
      const { sides } = (await scenario.shortcut('rome-milan')) ?? {};
      const roles = sides?.map(({ role }) => role).join();
      return roles === 'Server,Client' ? { done: true } : { seen: roles };
    });
    await scenario.ready('rome-milan');
    watching.abort();
    for (const [index, kinds] of (await Promise.all(followers)).entries()) {
      expect(kinds.every((present) => present.size <= 1)).to.equal(true);
      expect([...(kinds.at(-1) ?? [])]).to.deep.equal([
        [GATEWAY_SERVER, GATEWAY_CLIENT][index]?.kind,
      ]);
    }
  });

  it('keeps the roles when the wish leaves the choice open again', async () => {
    await scenario.commit(wish({ server: 'auto' }));

    await eventually('the choice is explained anew', async () => {
      const told = await scenario.shortcut('rome-milan');
      const reason = told?.plan.serverReason;
      return reason === '"rome" listens: it does already.' ? { done: true } : { seen: reason };
    });
    await scenario.ready('rome-milan');
  });

  it('tells the peer of new CIDRs in place, where Liqo looks at the change', async () => {
    await changeCIDR('milan', 'rome', '10.222.0.0/16', (before, after) =>
      expect(after).to.equal(before),
    );
  });

  it('makes the Configuration again for new CIDRs, where Liqo would not look', async () => {
    await changeCIDR('turin', 'pisa', '10.223.0.0/16', (before, after) =>
      expect(after).not.to.equal(before),
    );
  });

  async function changeCIDR(
    leaf: string,
    peer: string,
    cidr: string,
    compareUIDs: (before: string | undefined, after: string | undefined) => void,
  ): Promise<void> {
    const find = () =>
      findObject(scenario.leaf(peer), CONFIGURATION, `liqo-tenant-${leaf}/${leaf}`);
    const name = ['rome', 'milan'].includes(leaf) ? 'rome-milan' : 'turin-pisa';
    const before = await find();

    await scenario.world.fault(leaf, 'cidr-changed', { cidr });

    const after = await eventually(`${peer} knows ${cidr}`, async () => {
      const found = await find();
      const told = await scenario.shortcut(name);
      const cidrs = told?.sides.find(({ cluster }) => cluster === leaf)?.cidrs?.pod;
      const isKnown = JSON.stringify(found?.['spec'] ?? {}).includes(cidr);
      return isKnown && cidrs?.join() === cidr ? { done: found } : { seen: [found, cidrs] };
    });
    await scenario.ready(name);
    compareUIDs(before?.metadata.uid, after?.metadata.uid);
  }

  /** Which kinds of gateways a leaf has, now and after each change. */
  async function gateways(leaf: string) {
    const admin = scenario.leaf(leaf);
    const kinds = [GATEWAY_SERVER, GATEWAY_CLIENT];
    const lists = await Promise.all(kinds.map((kind) => admin.list(kind, { signal })));
    const present = kinds.filter((_, index) => (lists[index]?.items.length ?? 0) > 0);
    return {
      follow: async (watching: AbortSignal): Promise<readonly ReadonlySet<string>[]> => {
        const events = await Promise.all(
          kinds.map((kind, index) =>
            changesOf(admin, kind, lists[index]?.resourceVersion ?? '', watching),
          ),
        );
        const now = new Set(present.map(({ kind }) => kind));
        const inOrder = events.flat().toSorted((a, b) => a.version - b.version);
        return inOrder.map(({ type, kind }) => {
          if (type === 'DELETED') now.delete(kind);
          else now.add(kind);
          return new Set(now);
        });
      },
    };
  }
});

function wish(spec: Partial<ShortcutSpec>): Readonly<Record<string, string>> {
  const clusters: [string, string] = ['rome', 'milan'];
  return { 'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters, ...spec }) };
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], value);
}

interface Change {
  readonly type: string;
  readonly kind: string;
  readonly version: number;
}

/** What a watch tells until it is called off. */
async function changesOf(
  client: KubeClient,
  kind: ResourceKind,
  resourceVersion: string,
  watching: AbortSignal,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  try {
    for await (const event of client.watch(kind, { resourceVersion, signal: watching })) {
      if (event.type === 'BOOKMARK') continue;
      const version = Number(event.object.metadata.resourceVersion);
      changes.push({ type: event.type, kind: kind.kind, version });
    }
  } catch {
    // Called off: what was told so far is what counts.
  }
  return changes;
}
