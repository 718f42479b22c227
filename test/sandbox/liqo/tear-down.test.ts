import { expect } from 'chai';
import { SECRET } from '../../../src/model/kinds.ts';
import type { ResourceKind } from '../../../src/model/kube-object.ts';
import { uidOf, valueAt } from '../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../src/sandbox/liqo/kinds.ts';
import {
  connect,
  connectionValue,
  createServer,
  createConfiguration,
  eventually,
  find,
  startPair,
  stopAll,
  tenant,
  type TestLeaf,
  untilConnection,
} from './leaf-pair.ts';

const signal = new AbortController().signal;
const KINDS: readonly ResourceKind[] = [
  ...Object.values(kinds).filter(({ kind, namespaced }) => namespaced && kind !== 'Node'),
  SECRET,
];

async function left(leaf: TestLeaf, namespace: string): Promise<readonly string[]> {
  const lists = await Promise.all(
    KINDS.map((kind) => leaf.client.list(kind, { namespace, signal })),
  );
  return lists
    .flatMap(({ items }) => items.map(({ kind, metadata }) => `${kind}/${metadata.name}`))
    .sort();
}

async function disconnect(rome: TestLeaf, milan: TestLeaf): Promise<void> {
  const client = { kind: kinds.GATEWAY_CLIENT, namespace: tenant('milan'), name: 'milan' };
  const server = { kind: kinds.GATEWAY_SERVER, namespace: tenant('rome'), name: 'rome' };
  await rome.client.delete(client, { signal });
  await milan.client.delete(server, { signal });
}

describe('order of creation on a simulated leaf', () => {
  it('is the recorded one', async () => {
    const { rome, milan } = await startPair('1.2', { pace: 'recorded' });
    const created: { readonly what: string; readonly version: number }[] = [];
    const stopping = new AbortController();
    const watches = KINDS.map(async (kind) => {
      const options = { namespace: tenant('rome'), resourceVersion: '', signal: stopping.signal };
      const list = await milan.client.list(kind, { signal });
      const events = milan.client.watch(kind, {
        ...options,
        resourceVersion: list.resourceVersion,
      });
      for await (const event of events) {
        if (event.type !== 'ADDED') continue;
        const { metadata } = event.object;
        const name = event.object.kind === 'Pod' ? '' : metadata.name;
        created.push({
          what: `${event.object.kind}/${name}`,
          version: Number(metadata.resourceVersion),
        });
      }
    });
    try {
      await connect(rome, milan);
      await eventually('the last object', async () =>
        Promise.resolve(created.some(({ what }) => what.startsWith('GeneveTunnel'))),
      );
    } finally {
      stopping.abort();
      await Promise.allSettled(watches);
      await stopAll(rome, milan);
    }
    const order = created.toSorted((a, b) => a.version - b.version).map(({ what }) => what);
    const recorded = [
      'GatewayServer/rome',
      'WgGatewayServer/rome',
      'ServiceAccount/rome',
      'Secret/gw-rome',
      'Deployment/gw-rome',
      'Service/gw-rome',
      'Pod/',
      'InternalFabric/rome',
      'RouteConfiguration/rome-node-gw',
      'GeneveTunnel/rome-milan-node',
    ];
    const relevant = order.filter((what) => recorded.includes(what));
    expect(relevant.filter((what) => what !== 'Pod/')).to.deep.equal(
      recorded.filter((what) => what !== 'Pod/'),
    );
    expect(relevant.indexOf('Pod/')).to.be.greaterThan(relevant.indexOf('Deployment/gw-rome'));
    expect(order.indexOf('Network/rome-pod-10-200-0-0-16')).to.be.lessThan(
      order.indexOf('Network/rome-external-10-70-0-0-16'),
    );
    expect(order.indexOf('Connection/gw-rome')).to.be.greaterThan(order.indexOf('PublicKey/rome'));
  }).timeout(30_000);
});

describe('tear-down on a simulated leaf', () => {
  let rome: TestLeaf;
  let milan: TestLeaf;

  beforeEach(async () => {
    ({ rome, milan } = await startPair('1.2', {
      steps: { pingInterval: 10, refreshInterval: 40, finalizer: 100 },
    }));
    await connect(rome, milan);
  });

  afterEach(() => stopAll(rome, milan));

  it('leaves after disconnect and reset what the recordings show', async () => {
    await disconnect(rome, milan);
    const configured = [
      'Configuration/rome',
      'FirewallConfiguration/rome-masquerade-bypass',
      'FirewallConfiguration/rome-remap-externalcidr',
      'FirewallConfiguration/rome-remap-podcidr',
      'Network/rome-external-10-70-0-0-16',
      'Network/rome-pod-10-200-0-0-16',
      'RouteConfiguration/rome-gw-ext',
    ];
    await eventually(
      'gateways gone',
      async () => (await left(milan, tenant('rome'))).join() === configured.join(),
    );
    const binding = await find(
      milan,
      kinds.CLUSTER_ROLE_BINDING,
      '',
      'liqo-gateway-liqo-tenant-rome-rome',
    );
    expect(binding).to.equal(undefined);

    const configuration = { kind: kinds.CONFIGURATION, namespace: tenant('rome'), name: 'rome' };
    await milan.client.delete(configuration, { signal });
    await eventually('all gone', async () => (await left(milan, tenant('rome'))).length === 0);
    const cluster = await eventually('ForeignCluster disabled', async () => {
      const { items } = await milan.client.list(kinds.FOREIGN_CLUSTER, { signal });
      const isOff = valueAt(items[0], 'status.modules.networking.enabled') === false;
      return isOff ? items[0] : undefined;
    });
    expect(cluster.metadata.name).to.equal('rome');
  });

  it('lets a gateway made again too early carry the endpoint of the dying one', async () => {
    const former = await find(milan, kinds.GATEWAY_SERVER, tenant('rome'), 'rome');
    const endpoint = valueAt(former, 'status.endpoint');
    const ref = { kind: kinds.GATEWAY_SERVER, namespace: tenant('rome'), name: 'rome' };
    await milan.client.delete(ref, { signal });
    const again = await createServer(milan, 'rome');

    const stale = await eventually('old endpoint on the new gateway', async () => {
      const server = await find(milan, kinds.GATEWAY_SERVER, tenant('rome'), 'rome');
      return valueAt(server, 'status.endpoint') === undefined ? undefined : server;
    });
    expect(uidOf(stale)).to.equal(uidOf(again));
    expect(valueAt(stale, 'status.endpoint')).to.deep.equal(endpoint);

    await eventually('a WgGateway of its own, and its own Deployment', async () => {
      const wg = await find(milan, kinds.WG_GATEWAY_SERVER, tenant('rome'), 'rome');
      const server = await find(milan, kinds.GATEWAY_SERVER, tenant('rome'), 'rome');
      return (
        wg?.metadata.ownerReferences?.[0]?.uid === uidOf(again) &&
        valueAt(wg, 'status.internalEndpoint.ip') !== undefined &&
        valueAt(server, 'status.serverRef.uid') === uidOf(wg)
      );
    });
  });

  it('ruins a connection made anew while the garbage collector stood still', async () => {
    milan.server.faults.garbageCollection(false);
    const server = { kind: kinds.GATEWAY_SERVER, namespace: tenant('rome'), name: 'rome' };
    await milan.client.delete(server, { signal });
    await createServer(milan, 'rome');
    expect(await connectionValue(milan, 'rome')).to.equal('Connected');

    milan.server.faults.garbageCollection(true);
    await eventually('Secret and Connection gone', async () => {
      const secret = await find(milan, SECRET, tenant('rome'), 'gw-rome');
      return secret === undefined && (await connectionValue(milan, 'rome')) === undefined;
    });
    await untilConnection('Error', [rome, 'milan']);
  });

  it('of one side leaves the other in Error', async () => {
    const client = { kind: kinds.GATEWAY_CLIENT, namespace: tenant('milan'), name: 'milan' };
    await rome.client.delete(client, { signal });

    await untilConnection('Error', [milan, 'rome']);
  });

  it('and re-creation of a Configuration gets fresh Networks in the end', async () => {
    const ref = { kind: kinds.CONFIGURATION, namespace: tenant('rome'), name: 'rome' };
    await milan.client.delete(ref, { signal });
    const again = await createConfiguration(milan, 'rome');

    await eventually('configured with Networks of its own', async () => {
      const { items } = await milan.client.list(kinds.NETWORK, {
        namespace: tenant('rome'),
        signal,
      });
      const configuration = await find(milan, kinds.CONFIGURATION, tenant('rome'), 'rome');
      return (
        items.length === 2 &&
        items.every(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uidOf(again)) &&
        valueAt(configuration, 'status.remote.cidr.pod') !== undefined
      );
    });
  });
});
