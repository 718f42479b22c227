import { expect } from 'chai';
import { ClusterForbiddenError } from '../../../src/errors/errors.ts';
import { CONFIG_MAP, SECRET } from '../../../src/model/kinds.ts';
import { refOf, type ResourceKind } from '../../../src/model/kube-object.ts';
import { valueAt } from '../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../src/sandbox/liqo/kinds.ts';
import { createTunnelNetwork } from '../../../src/sandbox/liqo/tunnel-network.ts';
import { startLeaf, stopAll, tenant, type TestLeaf } from './leaf-pair.ts';
import { type Applied, type AppliedSide, applyPair } from './recorded/applied-pair.ts';
import { grant, HUB } from './recorded/recorded-rights.ts';

const signal = new AbortController().signal;

// probes/e-ssa-pair and rbac/reconciler-watch-and-apply: rome is the client, naples with 10.203.0.0/16 the server.
describe('a tunnel by server-side apply, with the recorded rights of a reconciler', () => {
  let rome: TestLeaf;
  let naples: TestLeaf;
  let applied: readonly Applied[];

  const asHub = (leaf: TestLeaf, podCIDR: string): AppliedSide => ({
    id: leaf.id,
    podCIDR,
    client: leaf.server.client({ user: HUB, outside: true }),
  });

  before(async () => {
    const network = createTunnelNetwork();
    rome = await startLeaf('rome', network, { address: '172.30.0.12' });
    naples = await startLeaf('naples', network, {
      address: '172.30.0.14',
      podCIDR: '10.203.0.0/16',
    });
    for (const leaf of [rome, naples]) {
      leaf.server.addUser(HUB);
      await grant(leaf, 'reconciler-watch-and-apply.yaml');
    }
    applied = await applyPair(asHub(rome, '10.200.0.0/16'), asHub(naples, '10.203.0.0/16'));
  });
  after(() => stopAll(rome, naples));

  it('takes eight writes and two namespaces', () => {
    expect(applied.map(({ side, object }) => `${side.id} ${object.kind}`)).to.have.members([
      'rome Namespace',
      'naples Namespace',
      'rome Configuration',
      'naples Configuration',
      'naples GatewayServer',
      'rome GatewayClient',
      'rome PublicKey',
      'naples PublicKey',
    ]);
  });

  it('is no change at all when it is applied again', async () => {
    for (const { side, kind, object } of applied) {
      const what = `${object.kind} on ${side.id}`;
      const before = await side.client.get(refOf(kind, object), { signal });

      const after = await side.client.apply(kind, object, { signal, force: true });

      expect(after.metadata.resourceVersion, what).to.equal(before.metadata.resourceVersion);
    }
  });

  it('gets one field from others: spec.local of the Configurations', async () => {
    for (const { side, kind, object } of applied) {
      const stored = await side.client.get(refOf(kind, object), { signal });
      const others = Object.keys(stored['spec'] ?? {}).filter(
        (field) => valueAt(object['spec'], field) === undefined,
      );
      const isConfiguration = object.kind === 'Configuration';
      if (object.kind === 'Namespace') expect(others).to.deep.equal(['finalizers']);
      else expect(others, object.kind).to.deep.equal(isConfiguration ? ['local'] : []);
    }
  });

  it('belongs to the one who applied and to Liqo, as recorded', async () => {
    const ours = ['liqo-shortcuts:Apply'];
    const status = 'liqo-controller-manager:Update/status';
    const recorded: Readonly<Record<string, readonly string[]>> = {
      Namespace: ours,
      Configuration: [...ours, 'liqo-controller-manager:Update', status],
      GatewayServer: [...ours, status],
      GatewayClient: [...ours, status],
      PublicKey: ours,
    };
    for (const { side, kind, object } of applied) {
      const { metadata } = await side.client.get(refOf(kind, object), { signal });
      const managers = (metadata.managedFields ?? []).map(({ manager, operation, subresource }) =>
        [`${manager}:${operation}`, subresource].filter((part) => part !== undefined).join('/'),
      );
      expect(managers, `${object.kind} on ${side.id}`).to.deep.equal(recorded[object.kind]);
    }
  });

  it('can be watched and deleted', async () => {
    // Keys first: those of a deleted gateway go by themselves.
    for (const { side, kind, object } of applied.toReversed()) {
      if (object.kind === 'Namespace') continue;
      const { resourceVersion } = await side.client.list(kind, { signal });
      const stopping = new AbortController();
      const events = side.client.watch(kind, { resourceVersion, signal: stopping.signal });
      await side.client.delete(refOf(kind, object), { signal });

      for await (const event of events) {
        if (event.type === 'DELETED') break;
      }
      stopping.abort();
    }
  });

  it('is refused what the rules do not say', async () => {
    const hub = rome.server.client({ user: HUB, outside: true });
    const forbidden: readonly (readonly [ResourceKind, string])[] = [
      [SECRET, tenant('naples')],
      [kinds.SERVICE, tenant('naples')],
      [kinds.DEPLOYMENT, tenant('naples')],
      [kinds.WG_CLIENT_TEMPLATE, 'liqo'],
      [CONFIG_MAP, 'default'],
    ];
    for (const [kind, namespace] of forbidden) {
      const answer = await hub.list(kind, { namespace, signal }).catch((error: unknown) => error);
      expect(answer, kind.kind).to.be.instanceOf(ClusterForbiddenError);
    }
  });
});
