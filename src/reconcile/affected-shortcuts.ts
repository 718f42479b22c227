import type { CacheChange } from '../kube/watch-cache.ts';
import type { LeafRegistry } from '../leaves/leaf-registry.ts';
import type { Watched } from '../leaves/watched.ts';
import { LABEL_NETWORK_TYPE, LABEL_REMOTE_CLUSTER_ID } from '../liqo/labels.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import { otherOf, type Shortcut } from '../model/shortcut.ts';

/** Whether a change of a Shortcut is more than our own writing of its status. */
export function isRelevantToPlan(change: CacheChange): boolean {
  if (change.type !== 'modified') return true;
  return fingerprintOf(change.object) !== fingerprintOf(change.previous);
}

function fingerprintOf({ metadata }: KubeObject): string {
  const { uid, generation, deletionTimestamp, annotations, labels, finalizers } = metadata;
  return JSON.stringify([uid, generation, deletionTimestamp, annotations, labels, finalizers]);
}

/** The Shortcuts of a leaf that a change of one of its objects may concern. */
export function affectedShortcuts(
  change: CacheChange,
  watched: Watched,
  context: {
    readonly cluster: ClusterName;
    readonly shortcutsOfLeaf: readonly Shortcut[];
    readonly registry: Pick<LeafRegistry, 'get'>;
  },
): readonly Shortcut[] {
  const { cluster, shortcutsOfLeaf, registry } = context;
  const peers = new Set([
    peerOf(change.object),
    ...(change.type === 'modified' ? [peerOf(change.previous)] : []),
  ]);
  if (concernsAll(change.object, watched)) return shortcutsOfLeaf;
  return shortcutsOfLeaf.filter((shortcut) => {
    const peer = otherOf(shortcut, cluster);
    const state = registry.get(peer)?.state;
    const peerID = state?.kind === 'known' ? state.clusterID : rememberedID(shortcut, peer);
    return peerID === undefined || peers.has(peerID);
  });
}

function peerOf(object: KubeObject): string | undefined {
  return object.metadata.labels?.[LABEL_REMOTE_CLUSTER_ID];
}

/** A Network with the leaf's own addresses; the others are those of its peers, several for each shortcut. */
export function isOwnNetwork({ metadata }: KubeObject, watched: Watched): boolean {
  return watched === 'networks' && metadata.labels?.[LABEL_NETWORK_TYPE] !== undefined;
}

/** The leaf's own Networks concern every pair; so may an object that lost its label, or has a name that we would use. */
function concernsAll(object: KubeObject, watched: Watched): boolean {
  if (peerOf(object) !== undefined) return false;
  if (watched === 'networks') return isOwnNetwork(object, watched);
  if (watched === 'namespaces') return object.metadata.name.startsWith('liqo-tenant-');
  return true;
}

function rememberedID(shortcut: Shortcut, cluster: ClusterName): string | undefined {
  return shortcut.status?.sides?.find((side) => side.cluster === cluster)?.clusterID;
}
