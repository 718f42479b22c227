import type { KubeClient } from '../../../../src/kube/kube-client.ts';
import { NAMESPACE, SECRET } from '../../../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../../../src/model/kube-object.ts';
import { listAt, textAt, uidOf, valueAt } from '../../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../../src/sandbox/liqo/kinds.ts';
import { eventually, tenant } from '../leaf-pair.ts';

const signal = new AbortController().signal;

/** One leaf as somebody from outside writes to it. */
export interface AppliedSide {
  readonly id: string;
  readonly podCIDR: string;
  readonly client: KubeClient;
}

/** What was applied, and how it came back. */
export interface Applied {
  readonly side: AppliedSide;
  readonly kind: ResourceKind;
  readonly object: KubeObject;
  readonly stored: KubeObject;
}

/** The eight objects of a tunnel and their two namespaces by server-side apply, each as soon as it can be. */
export async function applyPair(
  client: AppliedSide,
  server: AppliedSide,
): Promise<readonly Applied[]> {
  const applied: Applied[] = [];

  async function apply(
    side: AppliedSide,
    kind: ResourceKind,
    object: KubeObject,
  ): Promise<KubeObject> {
    const stored = await side.client.apply(kind, object, { signal, force: true });
    applied.push({ side, kind, object, stored });
    return stored;
  }

  for (const [side, peer] of [
    [client, server],
    [server, client],
  ] as const) {
    await apply(side, NAMESPACE, namespaceFor(peer));
    const cidr = { pod: [peer.podCIDR], external: ['10.70.0.0/16'] };
    await apply(
      side,
      kinds.CONFIGURATION,
      forPeer(kinds.CONFIGURATION, peer, { remote: { cidr } }),
    );
  }
  const gatewayServer = await apply(server, kinds.GATEWAY_SERVER, serverFor(client));
  const endpoint = await eventually('an endpoint', async () => {
    const current = await read(server, kinds.GATEWAY_SERVER, client);
    return listAt(current, 'status.endpoint.addresses').length > 0
      ? valueAt(current, 'status.endpoint')
      : undefined;
  });
  const gatewayClient = await apply(client, kinds.GATEWAY_CLIENT, clientFor(server, endpoint));
  await apply(client, kinds.PUBLIC_KEY, await keyFor(server, client, gatewayServer, gatewayClient));
  await apply(server, kinds.PUBLIC_KEY, await keyFor(client, server, gatewayClient, gatewayServer));
  for (const [side, peer] of [
    [client, server],
    [server, client],
  ] as const) {
    const ref = { kind: kinds.CONNECTION, namespace: tenant(peer.id), name: `gw-${peer.id}` };
    await eventually('Connected', async () => {
      const connection = await side.client.get(ref, { signal }).catch(() => undefined);
      return textAt(connection, 'status.value') === 'Connected';
    });
  }
  return applied;
}

function read(side: AppliedSide, kind: ResourceKind, peer: AppliedSide): Promise<KubeObject> {
  return side.client.get({ kind, namespace: tenant(peer.id), name: peer.id }, { signal });
}

function namespaceFor(peer: AppliedSide): KubeObject {
  const labels = { 'liqo.io/remote-cluster-id': peer.id, 'liqo.io/tenant-namespace': 'true' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: tenant(peer.id), labels } };
}

function forPeer(kind: ResourceKind, peer: AppliedSide, spec: object): KubeObject {
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name: peer.id,
      namespace: tenant(peer.id),
      labels: { 'liqo.io/remote-cluster-id': peer.id },
    },
    spec,
  };
}

function serverFor(peer: AppliedSide): KubeObject {
  const serverTemplateRef = templateRef('WgGatewayServerTemplate', 'wireguard-server');
  const endpoint = { port: 51840, serviceType: 'NodePort' };
  return forPeer(kinds.GATEWAY_SERVER, peer, { mtu: 1340, endpoint, serverTemplateRef });
}

function clientFor(peer: AppliedSide, endpoint: unknown): KubeObject {
  const clientTemplateRef = templateRef('WgGatewayClientTemplate', 'wireguard-client');
  return forPeer(kinds.GATEWAY_CLIENT, peer, { mtu: 1340, endpoint, clientTemplateRef });
}

function templateRef(kind: string, name: string): object {
  return { apiVersion: 'networking.liqo.io/v1beta1', kind, name, namespace: 'liqo' };
}

/** The key of `from`'s gateway, once its Secret is there, for `to`. */
async function keyFor(
  from: AppliedSide,
  to: AppliedSide,
  gateway: KubeObject,
  owner: KubeObject,
): Promise<KubeObject> {
  const ref = { kind: SECRET, namespace: tenant(to.id), name: `gw-${to.id}` };
  const publicKey = await eventually('a key', async () => {
    const secret = await from.client.get(ref, { signal }).catch(() => undefined);
    const isCurrent = secret?.metadata.ownerReferences?.[0]?.uid === uidOf(gateway);
    return isCurrent && textAt(secret, 'data.publicKey');
  });
  const { apiVersion, kind, metadata } = owner;
  const key = forPeer(kinds.PUBLIC_KEY, from, { publicKey });
  return {
    ...key,
    metadata: {
      ...key.metadata,
      labels: { ...key.metadata.labels, 'networking.liqo.io/gateway-resource': 'true' },
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: uidOf(owner) }],
    },
  };
}
