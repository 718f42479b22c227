import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { ClusterName } from '../model/shortcut-key.ts';

/** Which leaf stands for which cluster. Two leaves that are one cluster would write over each other (NETWORK.md 14.15). */
export interface ClusterClaims {
  /**
   * Takes in what the LeafClusters' status tells of earlier runs, the oldest LeafCluster first, and lets go of what
   * belongs to leaves that are not there any more.
   */
  update(leafClusters: readonly LeafCluster[]): void;
  /** The leaf says that it is this cluster. Returns the leaf that came first, which is the same one if it may. */
  claim(leaf: ClusterName, clusterID: string): ClusterName;
  /** The cluster that the leaf was last known to be. */
  clusterOf(leaf: ClusterName): string | undefined;
}

/** Nobody claims anything yet. Who comes first keeps the cluster, over restarts too. */
export function createClusterClaims(): ClusterClaims {
  const holders = new Map<string, ClusterName>();
  const uids = new Map<ClusterName, string | undefined>();

  function clusterOf(leaf: ClusterName): string | undefined {
    for (const [clusterID, holder] of holders) if (holder === leaf) return clusterID;
    return undefined;
  }

  function release(leaf: ClusterName): void {
    const clusterID = clusterOf(leaf);
    if (clusterID !== undefined) holders.delete(clusterID);
  }

  function claim(leaf: ClusterName, clusterID: string): ClusterName {
    const holder = holders.get(clusterID);
    if (holder !== undefined) return holder;
    release(leaf);
    holders.set(clusterID, leaf);
    return leaf;
  }

  return {
    clusterOf,
    claim,
    update: (leafClusters) => {
      const present = new Map(leafClusters.map(({ metadata }) => [metadata.name, metadata.uid]));
      for (const [leaf, uid] of uids) if (present.get(leaf) !== uid) release(leaf);
      uids.clear();
      for (const [leaf, uid] of present) uids.set(leaf, uid);
      for (const leafCluster of leafClusters.toSorted(oldestFirst)) {
        const { metadata, spec, status } = leafCluster;
        const clusterID = status?.clusterID;
        // A leaf that is registered as another cluster by now holds on to nothing.
        const isMeant = spec.clusterID === undefined || spec.clusterID === clusterID;
        if (clusterID === undefined || !isMeant) continue;
        if (clusterOf(metadata.name) === undefined) claim(metadata.name, clusterID);
      }
    },
  };
}

function oldestFirst(a: LeafCluster, b: LeafCluster): number {
  return ageOf(a) < ageOf(b) ? -1 : 1;
}

/** Creation time has seconds only; the name decides among equals. */
function ageOf({ metadata }: LeafCluster): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
}
