import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { NAMESPACE, SECRET } from '../../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../../src/model/kube-object.ts';
import { createLogger } from '../../../src/runtime/logger.ts';
import { type ApiServer, createApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { textAt, uidOf, valueAt } from '../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../src/sandbox/liqo/kinds.ts';
import type { LiqoVersion } from '../../../src/sandbox/liqo/liqo-version.ts';
import {
  createLiqoLeaf,
  type LiqoLeaf,
  type LiqoLeafOptions,
} from '../../../src/sandbox/liqo/liqo-leaf.ts';
import {
  createTunnelNetwork,
  type TunnelNetwork,
} from '../../../src/sandbox/liqo/tunnel-network.ts';

const signal = new AbortController().signal;

/** One leaf under test: its API server, its simulated Liqo, and an administrator's client. */
export interface TestLeaf {
  readonly id: string;
  readonly server: ApiServer;
  readonly liqo: LiqoLeaf;
  readonly client: KubeClient;
}

export interface TestLeafOptions {
  readonly version?: LiqoVersion;
  readonly podCIDR?: string;
  readonly address?: string;
  readonly options?: Partial<LiqoLeafOptions>;
}

/** Pings often enough that a lost link shows at once. */
export const FAST = { pingInterval: 10, refreshInterval: 40 };

export async function startLeaf(
  id: string,
  network: TunnelNetwork,
  { version = '1.2', podCIDR = '10.200.0.0/16', address, options }: TestLeafOptions = {},
): Promise<TestLeaf> {
  const server = createApiServer({ name: id });
  const liqo = createLiqoLeaf({
    client: server.client({ fieldManager: 'liqo-controller-manager' }),
    clusterID: id,
    version,
    podCIDRs: [podCIDR],
    externalCIDR: '10.70.0.0/16',
    pace: 'instant',
    steps: FAST,
    network,
    logger: createLogger({ level: 'silent' }),
    ...(address === undefined ? {} : { nodes: [{ name: `${id}-node`, address }] }),
    ...options,
  });
  await liqo.install({ signal });
  await liqo.start();
  return { id, server, liqo, client: server.client() };
}

/** rome (client) and milan (server) as in the recordings. */
export async function startPair(
  version: LiqoVersion = '1.2',
  options: Partial<LiqoLeafOptions> = {},
): Promise<{ readonly rome: TestLeaf; readonly milan: TestLeaf; readonly network: TunnelNetwork }> {
  const network = createTunnelNetwork();
  const rome = await startLeaf('rome', network, { version, address: '172.30.0.12', options });
  const milan = await startLeaf('milan', network, { version, address: '172.30.0.13', options });
  return { rome, milan, network };
}

export async function stopAll(...leaves: readonly TestLeaf[]): Promise<void> {
  for (const leaf of leaves) await leaf.liqo.stop();
}

/** The value once it is there: a condition, never a fixed pause. */
export async function eventually<T>(
  what: string,
  read: () => Promise<T | undefined | false>,
  timeoutMs = 8_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await sleep(5);
  }
}

export async function find(
  leaf: TestLeaf,
  kind: ResourceKind,
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  const list = await leaf.client.list(kind, { namespace, signal }).catch(() => ({ items: [] }));
  return list.items.find((object) => object.metadata.name === name);
}

export function tenant(peer: string): string {
  return `liqo-tenant-${peer}`;
}

function labelled(kind: ResourceKind, peer: string, rest: object, labels: object = {}): KubeObject {
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name: peer,
      namespace: tenant(peer),
      labels: { 'liqo.io/remote-cluster-id': peer, ...labels },
    },
    ...rest,
  };
}

export async function createNamespace(on: TestLeaf, peer: string): Promise<void> {
  const labels = { 'liqo.io/remote-cluster-id': peer, 'liqo.io/tenant-namespace': 'true' };
  await on.client
    .create(
      NAMESPACE,
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: tenant(peer), labels } },
      { signal },
    )
    .catch(() => undefined);
}

export async function createConfiguration(
  on: TestLeaf,
  peer: string,
  { pod = ['10.200.0.0/16'], external = ['10.70.0.0/16'] } = {},
): Promise<KubeObject> {
  await createNamespace(on, peer);
  const spec = { remote: { cidr: { pod, external } } };
  return on.client.create(kinds.CONFIGURATION, labelled(kinds.CONFIGURATION, peer, { spec }), {
    signal,
  });
}

export async function createServer(
  on: TestLeaf,
  peer: string,
  endpoint: object = { port: 51840, serviceType: 'NodePort' },
  spec: object = {},
): Promise<KubeObject> {
  await createNamespace(on, peer);
  const serverTemplateRef = {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind: 'WgGatewayServerTemplate',
    name: 'wireguard-server',
    namespace: 'liqo',
  };
  const object = labelled(kinds.GATEWAY_SERVER, peer, {
    spec: { mtu: 1340, endpoint, serverTemplateRef, ...spec },
  });
  return on.client.create(kinds.GATEWAY_SERVER, object, { signal });
}

export async function createClient(
  on: TestLeaf,
  peer: string,
  endpoint: object,
  mtu = 1340,
): Promise<KubeObject> {
  await createNamespace(on, peer);
  const clientTemplateRef = {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind: 'WgGatewayClientTemplate',
    name: 'wireguard-client',
    namespace: 'liqo',
  };
  const object = labelled(kinds.GATEWAY_CLIENT, peer, {
    spec: { mtu, endpoint, clientTemplateRef },
  });
  return on.client.create(kinds.GATEWAY_CLIENT, object, { signal });
}

/** The public key that a side's Secret holds, when it belongs to the gateway given. */
export async function publicKeyOf(
  on: TestLeaf,
  peer: string,
  gateway: KubeObject,
): Promise<string> {
  return eventually(`key Secret on ${on.id}`, async () => {
    const secret = await find(on, SECRET, tenant(peer), `gw-${peer}`);
    const owner = secret?.metadata.ownerReferences?.[0]?.uid;
    return owner === uidOf(gateway) ? textAt(secret, 'data.publicKey') : undefined;
  });
}

export async function createPublicKey(
  on: TestLeaf,
  peer: string,
  publicKey: string,
  owner: KubeObject,
): Promise<void> {
  const labels = { 'networking.liqo.io/gateway-resource': 'true' };
  const object = labelled(kinds.PUBLIC_KEY, peer, { spec: { publicKey } }, labels);
  const { apiVersion, kind, metadata } = owner;
  const reference = { apiVersion, kind, name: metadata.name, uid: uidOf(owner) };
  await on.client.create(
    kinds.PUBLIC_KEY,
    { ...object, metadata: { ...object.metadata, ownerReferences: [reference] } },
    { signal },
  );
}

export async function endpointOf(
  on: TestLeaf,
  peer: string,
): Promise<{ readonly addresses: readonly string[]; readonly port: number }> {
  return eventually(`endpoint on ${on.id}`, async () => {
    const server = await find(on, kinds.GATEWAY_SERVER, tenant(peer), peer);
    const endpoint = valueAt(server, 'status.endpoint') as
      { addresses?: readonly string[]; port: number; protocol: string } | undefined;
    return endpoint?.addresses === undefined
      ? undefined
      : { ...endpoint, addresses: endpoint.addresses };
  });
}

export function connectionValue(on: TestLeaf, peer: string): Promise<string | undefined> {
  return find(on, kinds.CONNECTION, tenant(peer), `gw-${peer}`).then((connection) =>
    textAt(connection, 'status.value'),
  );
}

export async function untilConnection(
  value: string,
  ...sides: readonly (readonly [TestLeaf, string])[]
): Promise<void> {
  for (const [leaf, peer] of sides) {
    await eventually(
      `Connection on ${leaf.id} is ${value}`,
      async () => (await connectionValue(leaf, peer)) === value,
    );
  }
}

/** The best order (liqo/observed/README.md): everything as soon as what it needs is there. */
export async function connect(client: TestLeaf, server: TestLeaf): Promise<void> {
  await createConfiguration(client, server.id);
  await createConfiguration(server, client.id);
  const gatewayServer = await createServer(server, client.id);
  const endpoint = await endpointOf(server, client.id);
  const gatewayClient = await createClient(client, server.id, { ...endpoint, protocol: 'UDP' });
  const serverKey = await publicKeyOf(server, client.id, gatewayServer);
  await createPublicKey(client, server.id, serverKey, gatewayClient);
  const clientKey = await publicKeyOf(client, server.id, gatewayClient);
  await createPublicKey(server, client.id, clientKey, gatewayServer);
  await untilConnection('Connected', [client, server.id], [server, client.id]);
}
