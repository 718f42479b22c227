import { isAbort, isAbsent } from '../errors/classify.ts';
import { ClusterForbiddenError } from '../errors/errors.ts';
import type { KubeReader } from '../kube/kube-client.ts';
import { FOREIGN_CLUSTER } from '../liqo/kinds.ts';
import {
  LABEL_NETWORK_TYPE,
  LABEL_REMOTE_CLUSTER_ID,
  NETWORK_TYPES,
  tenantNamespaceName,
} from '../liqo/labels.ts';
import { versionOf } from '../liqo/version.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { Right } from '../model/right.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { KnownSide, SideObservation } from '../plan/observation.ts';
import type { LeafMirror } from './leaf-mirror.ts';
import { forbidden, passing, type UnknownLeaf } from './leaf-state.ts';
import { isTenantNamespace } from './tenants.ts';
import type { Watched } from './watched.ts';
import type { RegisteredLeaf } from './leaf-registry.ts';

/** Kinds in which somebody's object may sit under a name that we would use. */
const NAMED_LIKE_PEER = [
  'configurations',
  'gatewayServers',
  'gatewayClients',
  'publicKeys',
] as const satisfies readonly Watched[];

/**
 * What one leaf holds for one pair, read from memory alone. `peerID` is the cluster ID of the other side, undefined
 * while it is not known. The key Secret is left unread, and the other use of the tenant namespace unknown.
 */
export function observeSide(
  cluster: ClusterName,
  registered: RegisteredLeaf | undefined,
  peerID: string | undefined,
): SideObservation {
  if (registered === undefined) {
    const message = `no LeafCluster "${cluster}" is registered`;
    return { kind: 'unknown', cluster, gateway: {}, reason: 'LeafUnknown', message };
  }
  const { leafCluster } = registered;
  const gateway = leafCluster.spec.gateway ?? {};
  const view = viewOf(cluster, registered, peerID);
  if (view.kind === 'unknown') {
    return { ...view, cluster, gateway };
  }
  const { mirror, missing } = view;
  const liqoNamespace = leafCluster.spec.liqoNamespace ?? 'liqo';
  const ownNetworks = readOwnNetworks(mirror, liqoNamespace);
  const liqoVersion = versionOf(ownNetworks);
  return {
    kind: 'known',
    cluster,
    gateway,
    clusterID: view.clusterID,
    liqoNamespace,
    ...(liqoVersion === undefined ? {} : { liqoVersion }),
    ownNetworks,
    ...readPeerObjects(mirror, peerID),
    keySecret: { kind: 'unread' },
    otherUseOfTenant: 'unread',
    ...(missing.length === 0 ? {} : { missingRights: missing }),
  };
}

interface View {
  readonly kind: 'seen';
  readonly clusterID: string;
  readonly mirror: LeafMirror;
  /** Rights that writing for the peer needs. */
  readonly missing: readonly Right[];
}

/** Whether anything may be concluded: about the leaf, and about what it holds for the peer. */
function viewOf(
  cluster: ClusterName,
  { leaf, state }: RegisteredLeaf,
  peerID: string | undefined,
): View | UnknownLeaf {
  if (state.kind === 'unknown') return state;
  if (leaf?.mirror === undefined) return passing(cluster, 'connected');
  const { clusterID } = state;
  const { mirror } = leaf;
  if (peerID === undefined) return { kind: 'seen', clusterID, mirror, missing: [] };
  const sight = leaf.sightOf(peerID);
  if (sight.kind === 'pending') return passing(cluster, 'read for this peer');
  if (sight.kind === 'refused') return forbidden(cluster, sight.missing);
  return { kind: 'seen', clusterID, mirror, missing: sight.missing };
}

type PeerObjects = Pick<
  KnownSide,
  | 'tenantNamespaces'
  | 'configurations'
  | 'gatewayServers'
  | 'gatewayClients'
  | 'publicKeys'
  | 'connections'
  | 'wgGateways'
  | 'networks'
  | 'strangers'
>;

function readPeerObjects(mirror: LeafMirror, peerID: string | undefined): PeerObjects {
  function of(watched: Watched): readonly KubeObject[] {
    return peerID === undefined ? [] : mirror.ofPeer(watched, peerID);
  }
  const tenantNamespaces = of('namespaces').filter(isTenantNamespace);
  return {
    tenantNamespaces,
    configurations: of('configurations'),
    gatewayServers: of('gatewayServers'),
    gatewayClients: of('gatewayClients'),
    publicKeys: of('publicKeys'),
    connections: of('connections'),
    wgGateways: [...of('wgGatewayServers'), ...of('wgGatewayClients')],
    networks: of('networks'),
    strangers: peerID === undefined ? [] : readStrangers(mirror, peerID, tenantNamespaces),
  };
}

function readStrangers(
  mirror: LeafMirror,
  peerID: string,
  tenantNamespaces: readonly KubeObject[],
): readonly KubeObject[] {
  const defaultNamespace = mirror.get('namespaces', undefined, tenantNamespaceName(peerID));
  const namesakes = tenantNamespaces.flatMap(({ metadata }) =>
    NAMED_LIKE_PEER.map((watched) => mirror.get(watched, metadata.name, peerID)),
  );
  return [defaultNamespace, ...namesakes].filter(
    (object) =>
      object !== undefined &&
      (object.metadata.labels?.[LABEL_REMOTE_CLUSTER_ID] !== peerID ||
        (object.kind === 'Namespace' && !isTenantNamespace(object))),
  ) as readonly KubeObject[];
}

function readOwnNetworks(mirror: LeafMirror, liqoNamespace: string): readonly KubeObject[] {
  return Object.values(NETWORK_TYPES)
    .flatMap((type) => mirror.withLabel('networks', LABEL_NETWORK_TYPE, type))
    .filter(({ metadata }) => metadata.namespace === liqoNamespace);
}

/**
 * Whether the tenant namespace serves more than the network: Liqo's authentication or offloading between the same
 * two clusters live in it too (NETWORK.md 8), and deleting it would take them along.
 */
export async function readOtherUseOfTenant(
  client: Pick<KubeReader, 'get'>,
  peerID: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<KnownSide['otherUseOfTenant']> {
  try {
    const foreignCluster = await client.get({ kind: FOREIGN_CLUSTER, name: peerID }, { signal });
    return hasOtherModules(foreignCluster) ? 'peering' : 'none';
  } catch (error) {
    if (isAbort(error)) throw error;
    if (isAbsent(error)) return 'none';
    return error instanceof ClusterForbiddenError ? 'forbidden' : 'unread';
  }
}

interface ForeignClusterStatus {
  readonly role?: string;
  readonly modules?: Readonly<Record<string, { readonly enabled?: boolean } | undefined>>;
}

function hasOtherModules(foreignCluster: KubeObject): boolean {
  const { role = 'Unknown', modules } = (foreignCluster['status'] ?? {}) as ForeignClusterStatus;
  const others = [modules?.['authentication'], modules?.['offloading']];
  return role !== 'Unknown' || others.some((module) => module?.enabled === true);
}
