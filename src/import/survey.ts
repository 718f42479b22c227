import type { KubeObject } from '../model/kube-object.ts';
import type { LeafClusterSpec } from '../model/leaf-cluster.ts';
import type { Shortcut } from '../model/shortcut.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { SideObservation } from '../plan/observation.ts';
import type { ForeignWish } from './foreign-cluster-connection.ts';

/** A leaf that was looked at, or that somebody only speaks of. */
export interface SurveyedLeaf {
  readonly name: ClusterName;
  /**
   * `registered`: there is a LeafCluster. `given`: its kubeconfig came with `--leaf`. `named`: only a
   * ForeignClusterConnection speaks of it.
   */
  readonly origin: 'registered' | 'given' | 'named';
  /** From the leaf itself, else as it is registered; undefined while nobody knows. */
  readonly clusterID: string | undefined;
  readonly liqoNamespace: string;
  readonly gateway: LeafClusterSpec['gateway'];
  /** Why the leaf cannot be seen; undefined when it can. */
  readonly problem: string | undefined;
  /** The cluster's own Networks; none while it cannot be seen. */
  readonly ownNetworks: readonly KubeObject[];
  /** Cluster IDs for which the leaf holds a Configuration or a gateway, sorted. */
  readonly peerIDs: readonly string[];
  /** What the leaf holds for one peer. */
  observe(peerID: string | undefined): SideObservation;
}

/** Everything that `import` has seen. */
export interface Survey {
  readonly leaves: readonly SurveyedLeaf[];
  readonly wishes: readonly ForeignWish[];
  /** Shortcuts that the main cluster has. */
  readonly shortcuts: readonly Shortcut[];
  /** Liqo's cluster ID of the main cluster, where it could be read. */
  readonly mainClusterID: string | undefined;
  /** Whether a `Connected` is still being renewed. */
  readonly isFresh: (connection: KubeObject) => boolean;
}
