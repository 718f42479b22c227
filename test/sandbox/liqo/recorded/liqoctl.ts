import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../../../src/model/kube-object.ts';
import { listAt, textAt, uidOf, valueAt } from '../../../../src/sandbox/liqo/fields.ts';
import type { AnswerBody, HttpCaller } from '../../kubernetes/http-caller.ts';

/** One request, as the recordings have it. */
export interface LiqoctlRequest {
  readonly verb: string;
  readonly uri: string;
  readonly code: number;
}

/** One cluster as liqoctl works on it. */
export interface LiqoctlSide {
  readonly id: string;
  readonly caller: HttpCaller;
  /** Everything that was asked so far. */
  readonly requests: LiqoctlRequest[];
}

/** An answer that ends liqoctl's run (exit code 1), with the API server's own words. */
export class LiqoctlError extends Error {}

const NETWORKING = '/apis/networking.liqo.io/v1beta1';
const METHODS: Readonly<Record<string, string>> = { create: 'POST', delete: 'DELETE' };
const POLL_MS = 20;
const GIVE_UP_MS = 10_000;

type Pair = readonly [side: LiqoctlSide, peer: LiqoctlSide];

/** Flags of `liqoctl network connect` (NETWORK.md section 4.1). */
export interface ConnectFlags {
  readonly mtu?: number;
  /** `--gw-server-service-…`. */
  readonly serviceType?: 'NodePort' | 'LoadBalancer' | 'ClusterIP';
  readonly port?: number;
  readonly nodePort?: number;
  readonly loadBalancerIP?: string;
  readonly serverTemplate?: string;
  readonly clientTemplate?: string;
  /** `--gw-client-address` and `--gw-client-port`. */
  readonly clientEndpoint?: { readonly address: string; readonly port: number };
}

/**
 * `liqoctl network connect --wait`, with a NodePort unless said otherwise: v1.2.0's requests in its order (NETWORK.md
 * section 4.2).
 */
export async function connect(
  client: LiqoctlSide,
  server: LiqoctlSide,
  flags: ConnectFlags = {},
): Promise<void> {
  const { serverTemplate = 'wireguard-server', clientTemplate = 'wireguard-client' } = flags;
  const atClient: Pair = [client, server];
  const atServer: Pair = [server, client];
  const both = [atClient, atServer];
  await identify(both);
  await identify(both);
  const own = new Map<string, object>();
  for (const [side] of both) {
    await clusterID(side);
    own.set(side.id, await ownCIDRs(side));
  }
  for (const [side, peer] of both) {
    const spec = { remote: { cidr: own.get(peer.id) } };
    await ensure([side, peer], 'configurations', { kind: 'Configuration', spec });
  }
  for (const pair of both)
    await until(async () => isConfigured(await listFor(pair, 'configurations')));
  await must(
    server,
    'get',
    `${NETWORKING}/namespaces/liqo/wggatewayservertemplates/${serverTemplate}`,
  );
  await must(
    client,
    'get',
    `${NETWORKING}/namespaces/liqo/wggatewayclienttemplates/${clientTemplate}`,
  );
  for (const pair of both) await listFor(pair, 'configurations');
  await listFor(atClient, 'gatewayservers');
  await listFor(atServer, 'gatewayclients');
  const gatewayServer = await ensureServer(atServer, flags);
  const endpoint = dialled(await endpointOf(atServer), flags);
  const gatewayClient = await ensureClient(atClient, endpoint, flags);
  await ensureKey(atClient, await keyOf(atServer, 'gatewayservers'), gatewayClient);
  await ensureKey(atServer, await keyOf(atClient, 'gatewayclients'), gatewayServer);
  for (const pair of [atServer, atClient]) {
    await until(async () => (await listFor(pair, 'connections')).length > 0);
  }
  for (const [side, peer] of both) {
    const connection = `${pathOf([side, peer], 'connections')}/gw-${peer.id}`;
    await until(
      async () => textAt(await must(side, 'get', connection), 'status.value') === 'Connected',
    );
  }
}

/** `liqoctl network disconnect`: deletes what it finds by label, and does not wait. The namespaces must be there. */
export async function disconnect(client: LiqoctlSide, server: LiqoctlSide): Promise<void> {
  for (const pair of pairsOf(client, server)) {
    await clusterID(pair[0]);
    if (!(await hasNamespace(pair))) throw new LiqoctlError('tenant namespace not found');
  }
  await removeFound(pairsOf(client, server), 'gatewayclients');
  await removeFound(pairsOf(client, server), 'gatewayservers');
}

/** `liqoctl network reset`: disconnect, and the Configurations. */
export async function reset(client: LiqoctlSide, server: LiqoctlSide): Promise<void> {
  await disconnect(client, server);
  await removeFound(pairsOf(client, server), 'configurations');
}

function pairsOf(client: LiqoctlSide, server: LiqoctlSide): readonly Pair[] {
  return [
    [client, server],
    [server, client],
  ];
}

async function removeFound(pairs: readonly Pair[], plural: string): Promise<void> {
  for (const pair of pairs) {
    for (const { metadata } of await listFor(pair, plural)) {
      await must(pair[0], 'delete', `${pathOf(pair, plural)}/${metadata.name}`);
    }
  }
}

async function identify(pairs: readonly Pair[]): Promise<void> {
  for (const pair of pairs) {
    await clusterID(pair[0]);
    await ensureNamespace(pair);
  }
}

async function clusterID(side: LiqoctlSide): Promise<void> {
  const selector = 'app.kubernetes.io%2Fname+in+%28clusterid-configmap%29';
  await must(side, 'list', `/api/v1/namespaces/liqo/configmaps?labelSelector=${selector}`);
}

/** Found by label; without the right to list, only one with the default name will do. */
async function hasNamespace([side, peer]: Pair): Promise<boolean> {
  const root = '/api/v1/namespaces';
  const selector = `liqo.io%2Fremote-cluster-id%3D${peer.id}%2Cliqo.io%2Ftenant-namespace`;
  const found = await ask(side, 'list', `${root}?labelSelector=${selector}`);
  if (found.code === 403) await must(side, 'get', `${root}/${tenantOf(peer)}`);
  else if (found.code !== 200) throw new LiqoctlError(found.message);
  return found.code === 403 || found.items.length > 0;
}

async function ensureNamespace(pair: Pair): Promise<void> {
  const [side, peer] = pair;
  if (await hasNamespace(pair)) return;
  const security = ['enforce', 'audit', 'warn'].map(
    (mode) => [`pod-security.kubernetes.io/${mode}`, 'privileged'] as const,
  );
  const labels = {
    'liqo.io/remote-cluster-id': peer.id,
    'liqo.io/tenant-namespace': 'true',
    ...Object.fromEntries(security),
  };
  const metadata = { name: tenantOf(peer), labels };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata };
  await must(side, 'create', '/api/v1/namespaces', namespace);
}

async function ownCIDRs(side: LiqoctlSide): Promise<object> {
  const cidrs: Record<string, readonly unknown[]> = {};
  for (const kind of ['pod', 'external']) {
    const selector = `ipam.liqo.io%2Fnetwork-type%3D${kind}-cidr`;
    const root = '/apis/ipam.liqo.io/v1alpha1/namespaces/liqo/networks';
    const { items } = await must(side, 'list', `${root}?labelSelector=${selector}`);
    cidrs[kind] = items.map((network) => textAt(network, 'status.cidr'));
  }
  return cidrs;
}

/** By the condition, or, up to v1.1, by the status itself. */
function isConfigured([configuration]: readonly KubeObject[]): boolean {
  const conditions = listAt(configuration, 'status.conditions');
  if (conditions.length > 0) return conditions.some((one) => textAt(one, 'status') === 'True');
  return listAt(configuration, 'status.remote.cidr.pod').length > 0;
}

function dialled(published: unknown, { clientEndpoint }: ConnectFlags): unknown {
  if (clientEndpoint === undefined) return published;
  return { addresses: [clientEndpoint.address], port: clientEndpoint.port, protocol: 'UDP' };
}

async function ensureServer(pair: Pair, flags: ConnectFlags): Promise<KubeObject> {
  const [side, peer] = pair;
  await listFor(pair, 'gatewayservers');
  await must(side, 'get', NETWORKING);
  await mayBeMissing(side, `/api/v1/namespaces/${tenantOf(peer)}/services/gw-${peer.id}`);
  const server = await ensure(pair, 'gatewayservers', {
    kind: 'GatewayServer',
    spec: {
      mtu: flags.mtu ?? 1340,
      endpoint: {
        port: flags.port ?? 51_840,
        serviceType: flags.serviceType ?? 'NodePort',
        ...(flags.nodePort !== undefined && { nodePort: flags.nodePort }),
        ...(flags.loadBalancerIP !== undefined && { loadBalancerIP: flags.loadBalancerIP }),
      },
      serverTemplateRef: templateRef(
        'WgGatewayServerTemplate',
        flags.serverTemplate ?? 'wireguard-server',
      ),
      secretRef: { name: '' },
    },
  });
  await untilReady(pair);
  return server;
}

async function endpointOf(pair: Pair): Promise<unknown> {
  const path = `${pathOf(pair, 'gatewayservers')}/${pair[1].id}`;
  return until(async () => {
    const server = await must(pair[0], 'get', path);
    const isThere = listAt(server, 'status.endpoint.addresses').length > 0;
    return isThere && valueAt(server, 'status.endpoint');
  });
}

async function ensureClient(
  pair: Pair,
  endpoint: unknown,
  flags: ConnectFlags,
): Promise<KubeObject> {
  await listFor(pair, 'gatewayclients');
  await must(pair[0], 'get', NETWORKING);
  const client = await ensure(pair, 'gatewayclients', {
    kind: 'GatewayClient',
    spec: {
      mtu: flags.mtu ?? 1340,
      endpoint,
      clientTemplateRef: templateRef(
        'WgGatewayClientTemplate',
        flags.clientTemplate ?? 'wireguard-client',
      ),
      secretRef: { name: '' },
    },
  });
  await untilReady(pair);
  return client;
}

async function untilReady([side, peer]: Pair): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${tenantOf(peer)}/deployments/gw-${peer.id}`;
  await until(
    async () => Number(valueAt(await mayBeMissing(side, path), 'status.readyReplicas') ?? 0) > 0,
  );
}

async function keyOf(pair: Pair, plural: string): Promise<unknown> {
  const [side, peer] = pair;
  const path = `${pathOf(pair, plural)}/${peer.id}`;
  const name = await until(async () =>
    textAt(await must(side, 'get', path), 'status.secretRef.name'),
  );
  const secrets = `/api/v1/namespaces/${tenantOf(peer)}/secrets`;
  return valueAt(await must(side, 'get', `${secrets}/${name}`), 'data.publicKey');
}

async function ensureKey(pair: Pair, publicKey: unknown, owner: KubeObject): Promise<void> {
  const { apiVersion, kind, metadata } = owner;
  await listFor(pair, 'publickeies');
  await ensure(pair, 'publickeies', {
    kind: 'PublicKey',
    labels: { 'networking.liqo.io/gateway-resource': 'true' },
    owners: [{ apiVersion, kind, name: metadata.name, uid: uidOf(owner) }],
    spec: { publicKey },
  });
}

interface Wanted {
  readonly kind: string;
  readonly spec: object;
  readonly labels?: object;
  readonly owners?: readonly object[];
}

/** Looks whether it is there and makes it if not. The gateways' kinds are discovered before each of the two. */
async function ensure(pair: Pair, plural: string, wanted: Wanted): Promise<KubeObject> {
  const [side, peer] = pair;
  const found = await mayBeMissing(side, `${pathOf(pair, plural)}/${peer.id}`);
  if (found !== undefined) return found as unknown as KubeObject;
  if (plural.startsWith('gateway')) await must(side, 'get', NETWORKING);
  const { kind, spec, labels, owners } = wanted;
  return (await must(side, 'create', pathOf(pair, plural), {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind,
    metadata: {
      name: peer.id,
      namespace: tenantOf(peer),
      labels: { 'liqo.io/remote-cluster-id': peer.id, ...labels },
      ...(owners === undefined ? {} : { ownerReferences: owners }),
    },
    spec,
  })) as unknown as KubeObject;
}

function templateRef(kind: string, name: string): object {
  return { apiVersion: 'networking.liqo.io/v1beta1', kind, name, namespace: 'liqo' };
}

function tenantOf(peer: LiqoctlSide): string {
  return `liqo-tenant-${peer.id}`;
}

function pathOf([, peer]: Pair, plural: string): string {
  return `${NETWORKING}/namespaces/${tenantOf(peer)}/${plural}`;
}

async function listFor(pair: Pair, plural: string): Promise<readonly KubeObject[]> {
  const selector = `liqo.io%2Fremote-cluster-id%3D${pair[1].id}`;
  const uri = `${pathOf(pair, plural)}?labelSelector=${selector}`;
  return (await must(pair[0], 'list', uri)).items;
}

async function mayBeMissing(side: LiqoctlSide, uri: string): Promise<AnswerBody | undefined> {
  const answer = await ask(side, 'get', uri);
  if (answer.code === 404) return undefined;
  if (answer.code !== 200) throw new LiqoctlError(answer.message);
  return answer;
}

async function must(
  side: LiqoctlSide,
  verb: string,
  uri: string,
  body?: object,
): Promise<AnswerBody> {
  const answer = await ask(side, verb, uri, body);
  if (answer.code >= 300) throw new LiqoctlError(answer.message);
  return answer;
}

async function ask(
  side: LiqoctlSide,
  verb: string,
  uri: string,
  body?: object,
): Promise<AnswerBody & { readonly code: number }> {
  const options = body === undefined ? {} : { body };
  const answer = await side.caller.call(METHODS[verb] ?? 'GET', uri, options);
  side.requests.push({ verb, uri, code: answer.code });
  return { ...answer.body, code: answer.code };
}

async function until<T>(read: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + GIVE_UP_MS;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new LiqoctlError('context deadline exceeded');
    await sleep(POLL_MS);
  }
}
