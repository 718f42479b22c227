import {
  LABEL_REMOTE_CLUSTER_ID,
  LABEL_TENANT_NAMESPACE,
  tenantNamespaceName,
} from '../liqo/labels.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { FIELD_MANAGER, LABEL_MANAGED_BY } from '../model/names.ts';
import type { LeafMirror } from './leaf-mirror.ts';

/** The other end of a shortcut of the leaf. */
export interface LeafPeer {
  readonly id: string;
  /** Where our objects for it were last seen: the namespace may have lost its label since. */
  readonly namespace?: string;
}

/** A namespace in which the objects for a peer lie, or would lie. */
export interface Tenant {
  readonly peerID: string;
  readonly namespace: string;
  readonly exists: boolean;
  /** Made by us, or by another installation of this program: it may have to be put right. */
  readonly isOurs: boolean;
  /** Name of the peer's gateway, on which the name of its key Secret depends. */
  readonly gatewayName: string;
}

/** True for a namespace that Liqo takes for a tenant namespace, whoever's it is (NETWORK.md 2.3). */
export function isTenantNamespace({ metadata }: KubeObject): boolean {
  return metadata.labels?.[LABEL_TENANT_NAMESPACE] !== undefined;
}

/** Names that the peer's tenant namespace may have when it cannot be found by label. */
export function likelyNames({ id, namespace }: LeafPeer): readonly string[] {
  return [...new Set([...(namespace === undefined ? [] : [namespace]), tenantNamespaceName(id)])];
}

/**
 * The tenant namespaces of a peer: by label, and under the names that it may have without one. Where there is none, the
 * one that would be made.
 */
export function tenantsOf(mirror: LeafMirror, peer: LeafPeer): readonly Tenant[] {
  const labelled = mirror.ofPeer('namespaces', peer.id).filter(isTenantNamespace);
  const named = likelyNames(peer).flatMap(
    (name) => mirror.get('namespaces', undefined, name) ?? [],
  );
  const found = [...new Set([...labelled, ...named])];
  const gatewayName = gatewayNameOf(mirror, peer.id);
  if (found.length === 0) {
    const namespace = tenantNamespaceName(peer.id);
    return [{ peerID: peer.id, namespace, exists: false, isOurs: false, gatewayName }];
  }
  return found.map(({ metadata }) => ({
    peerID: peer.id,
    namespace: metadata.name,
    exists: true,
    isOurs: metadata.labels?.[LABEL_MANAGED_BY] === FIELD_MANAGER,
    gatewayName,
  }));
}

function gatewayNameOf(mirror: LeafMirror, peerID: string): string {
  const [gateway] = [
    ...mirror.ofPeer('gatewayServers', peerID),
    ...mirror.ofPeer('gatewayClients', peerID),
  ];
  return gateway?.metadata.name ?? peerID;
}

/** Whether a change of a namespace can concern tenants: those of others come and go all the time. */
export function isAboutTenants({ metadata }: KubeObject): boolean {
  return (
    metadata.labels?.[LABEL_REMOTE_CLUSTER_ID] !== undefined ||
    metadata.name.startsWith(tenantNamespaceName(''))
  );
}
