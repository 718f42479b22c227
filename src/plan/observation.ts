import type { Reason } from '../model/condition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { LeafClusterSpec } from '../model/leaf-cluster.ts';
import type { Right } from '../model/right.ts';
import type { ClusterName } from '../model/shortcut-key.ts';

/** What a look at the key Secret gave: that of the current gateway of ours, or what an earlier one has left. */
export type KeySecret =
  /** Not looked at, or the read failed. Nothing may be concluded. */
  | { readonly kind: 'unread' }
  /** Looked at, and there is none. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'present';
      readonly name: string;
      readonly uid: string;
      /** UIDs of the Secret's owners: only a Secret owned by the current gateway counts (NETWORK.md 9.3). */
      readonly ownerUIDs: readonly string[];
      /** Base64 of the public key as stored. Checked for 32 bytes by the planner. The private key is never kept. */
      readonly publicKey: string;
    };

/** A leaf that could be read: everything on it that bears on one pair. Objects come from the watch caches. */
export interface KnownSide {
  readonly kind: 'known';
  readonly cluster: ClusterName;
  /** `spec.gateway` of the LeafCluster: service type and reachability. */
  readonly gateway: LeafClusterSpec['gateway'];
  /** Liqo's cluster ID of this leaf. */
  readonly clusterID: string;
  /** Namespace in which Liqo runs on this leaf. */
  readonly liqoNamespace: string;
  /** E.g. `v1.2.0`, when it could be found out. */
  readonly liqoVersion?: string;
  /** Networks in the Liqo namespace that carry `ipam.liqo.io/network-type` (NETWORK.md 2.4), by name. */
  readonly ownNetworks: readonly KubeObject[];
  /**
   * From here on: objects of all namespaces whose label `liqo.io/remote-cluster-id` is the peer's cluster ID, by
   * namespace and name. Empty while the peer's ID is not known.
   */
  readonly tenantNamespaces: readonly KubeObject[];
  readonly configurations: readonly KubeObject[];
  readonly gatewayServers: readonly KubeObject[];
  readonly gatewayClients: readonly KubeObject[];
  readonly publicKeys: readonly KubeObject[];
  readonly connections: readonly KubeObject[];
  /** WgGatewayServers and WgGatewayClients. */
  readonly wgGateways: readonly KubeObject[];
  /** Networks that Liqo made for the Configurations of this peer. */
  readonly networks: readonly KubeObject[];
  /**
   * Objects without the peer's label that occupy a name we would use: a Namespace `liqo-tenant-<peer>`, and, in the
   * tenant namespaces, Configurations, gateways and PublicKeys named like the peer.
   */
  readonly strangers: readonly KubeObject[];
  readonly keySecret: KeySecret;
  /**
   * What Liqo's ForeignCluster says of the peer, read only while deleting: is the tenant namespace used for more than
   * the network? `forbidden` when it may not be read: then the namespace stays. `unread` when it was not, or when the
   * read failed: nothing may be concluded.
   */
  readonly otherUseOfTenant: 'none' | 'peering' | 'forbidden' | 'unread';
  /** Rights that writing for this pair needs and the leaf does not give. Left out: none. */
  readonly missingRights?: readonly Right[];
}

/** A leaf of which nothing may be concluded: not registered, not reachable, not synced, forbidden, another cluster. */
export interface UnknownSide {
  readonly kind: 'unknown';
  readonly cluster: ClusterName;
  readonly gateway: LeafClusterSpec['gateway'];
  readonly reason: Reason;
  readonly message: string;
  /** Where they are why: the rights that the leaf does not give. */
  readonly missingRights?: readonly Right[];
}

export type SideObservation = KnownSide | UnknownSide;
