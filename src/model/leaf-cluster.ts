import type { KubeObject } from './kube-object.ts';
import type { LeafClusterSpec, LeafClusterStatus } from './generated/leaf-cluster.ts';

export type { LeafClusterSpec, LeafClusterStatus } from './generated/leaf-cluster.ts';

/** One leaf that the main cluster knows, and where its credential lies (DESIGN section 2). */
export type LeafCluster = KubeObject & {
  readonly spec: LeafClusterSpec;
  readonly status?: LeafClusterStatus;
};
