import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type ApiServer, createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { installLiqo } from '../../src/sandbox/liqo/installation.ts';

const { signal } = new AbortController();

/** An embedded leaf with Liqo's CRDs and base objects, and nobody who acts on them. */
export async function createLeafServer(name: string, clusterID = name): Promise<ApiServer> {
  const server = createApiServer({ name });
  const values = {
    clusterID,
    version: '1.2',
    podCIDRs: ['10.200.0.0/16'],
    externalCIDR: '10.70.0.0/16',
    serviceCIDR: '10.112.0.0/16',
    internalCIDR: '10.80.0.0/16',
    nodes: [],
  } as const;
  await installLiqo(values, { client: server.client(), clock: systemClock, signal });
  return server;
}

/** The name of the tenant namespace for a peer. */
export function tenantOf(peer: string): string {
  return `liqo-tenant-${peer}`;
}

/** An object in a tenant namespace, labelled with its peer. */
export function aTenantObject(
  kind: ResourceKind,
  peer: string,
  overrides: Partial<KubeObject> = {},
): KubeObject {
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    ...overrides,
    metadata: {
      name: peer,
      ...(kind.namespaced ? { namespace: tenantOf(peer) } : {}),
      labels: { 'liqo.io/remote-cluster-id': peer },
      ...overrides.metadata,
    },
  };
}

/** A tenant namespace as Liqo makes it. */
export function aTenantNamespace(peer: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: tenantOf(peer),
      labels: { 'liqo.io/remote-cluster-id': peer, 'liqo.io/tenant-namespace': 'true' },
    },
  };
}

/** A client that remembers whether it was closed. */
export function closable(client: KubeClient): KubeClient & { readonly isClosed: boolean } {
  let isClosed = false;
  return {
    get: (ref, options) => client.get(ref, options),
    list: (kind, options) => client.list(kind, options),
    watch: (kind, options) => client.watch(kind, options),
    create: (kind, object, options) => client.create(kind, object, options),
    apply: (kind, object, options) => client.apply(kind, object, options),
    patch: (ref, body, options) => client.patch(ref, body, options),
    delete: (ref, options) => client.delete(ref, options),
    isAllowed: (right, options) => client.isAllowed(right, options),
    close: async () => {
      isClosed = true;
      await client.close();
    },
    get isClosed() {
      return isClosed;
    },
  };
}
