/** Keys, values and selectors of Liqo that we read or write (NETWORK.md 2.1). */

/** The peer's cluster ID. The join key: everything about a peer is found by this label, never by name. */
export const LABEL_REMOTE_CLUSTER_ID = 'liqo.io/remote-cluster-id';

/** Marks a tenant namespace; the value is `"true"`. */
export const LABEL_TENANT_NAMESPACE = 'liqo.io/tenant-namespace';

/** On PublicKeys and key Secrets; the value is `"true"`. */
export const LABEL_GATEWAY_RESOURCE = 'networking.liqo.io/gateway-resource';

/** On the cluster's own Networks: one of `NETWORK_TYPES`. */
export const LABEL_NETWORK_TYPE = 'ipam.liqo.io/network-type';

/** Values of `LABEL_NETWORK_TYPE` that we use (NETWORK.md 2.4). */
export const NETWORK_TYPES = {
  pod: 'pod-cidr',
  external: 'external-cidr',
  service: 'service-cidr',
} as const;

/** On what the chart made: the version of Liqo, e.g. `v1.2.0`. */
export const LABEL_APP_VERSION = 'app.kubernetes.io/version';

/** Finds the ConfigMap with the cluster ID in the Liqo namespace (NETWORK.md 2.2). */
export const CLUSTER_ID_SELECTOR = 'app.kubernetes.io/name=clusterid-configmap';

/** Pod security labels of tenant namespaces, since v1.1 (NETWORK.md 2.3): gateway pods need privileges. */
export const POD_SECURITY_LABELS: Readonly<Record<string, string>> = {
  'pod-security.kubernetes.io/audit': 'privileged',
  'pod-security.kubernetes.io/enforce': 'privileged',
  'pod-security.kubernetes.io/warn': 'privileged',
};

/** Default name of the tenant namespace for a peer. Only for creating: an existing one is found by label. */
export function tenantNamespaceName(peerID: string): string {
  return `liqo-tenant-${peerID}`;
}

/** Name of the key Secret and of the Connection of a gateway (NETWORK.md 3.2 and 6). */
export function gatewayChildName(gatewayName: string): string {
  return `gw-${gatewayName}`;
}
