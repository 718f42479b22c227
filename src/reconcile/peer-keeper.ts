import type { LeafRegistry } from '../leaves/leaf-registry.ts';
import type { LeafPeer } from '../leaves/tenants.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import { clustersOf, otherOf, type Shortcut } from '../model/shortcut.ts';
import type { MainCluster } from './main-cluster.ts';
import { clusterIDOf } from './observe-pair.ts';

/** Tells each leaf whom its shortcuts connect it with: which rights are needed there, and what is watched, depends on it. */
export interface PeerKeeper {
  /** To be called when a Shortcut of these leaves comes or goes. */
  update(clusters: readonly ClusterName[]): void;
  /** To be called when a leaf's state changes: its cluster ID may have become known. */
  noticeLeaf(cluster: ClusterName): void;
  /** Lets the leaves be read for Shortcuts that the main cluster does not have yet. */
  expect(shortcuts: readonly Shortcut[]): void;
}

export interface PeerKeeperOptions {
  readonly main: Pick<MainCluster, 'shortcutsOfLeaf'>;
  readonly registry: Pick<LeafRegistry, 'get' | 'setPeers'>;
}

/** A keeper that knows of no leaf yet. */
export function createPeerKeeper({ main, registry }: PeerKeeperOptions): PeerKeeper {
  const clusterIDs = new Map<ClusterName, string>();
  let expected: readonly Shortcut[] = [];

  function shortcutsOf(cluster: ClusterName): readonly Shortcut[] {
    const ahead = expected.filter((shortcut) => clustersOf(shortcut).includes(cluster));
    return [...main.shortcutsOfLeaf(cluster), ...ahead];
  }

  function update(clusters: readonly ClusterName[]): void {
    for (const cluster of clusters) {
      registry.setPeers(cluster, peersOf(cluster, shortcutsOf(cluster), registry));
    }
  }

  return {
    update,
    noticeLeaf: (cluster) => {
      const state = registry.get(cluster)?.state;
      if (state?.kind !== 'known' || clusterIDs.get(cluster) === state.clusterID) return;
      clusterIDs.set(cluster, state.clusterID);
      update([...new Set(shortcutsOf(cluster).map((shortcut) => otherOf(shortcut, cluster)))]);
    },
    expect: (shortcuts) => {
      expected = shortcuts;
      update([...new Set(shortcuts.flatMap(clustersOf))]);
    },
  };
}

/** As far as the other ends' cluster IDs are known. Sorted, so that the same peers are the same list. */
function peersOf(
  cluster: ClusterName,
  shortcuts: readonly Shortcut[],
  registry: Pick<LeafRegistry, 'get'>,
): readonly LeafPeer[] {
  const peers = new Map<string, LeafPeer>();
  for (const shortcut of shortcuts) {
    const other = otherOf(shortcut, cluster);
    const id = clusterIDOf(other, registry.get(other), shortcut);
    if (id === undefined) continue;
    const side = shortcut.status?.sides?.find((found) => found.cluster === cluster);
    const namespace = side?.gateway?.namespace ?? peers.get(id)?.namespace;
    peers.set(id, { id, ...(namespace === undefined ? {} : { namespace }) });
  }
  return [...peers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
