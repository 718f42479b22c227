import type { CacheChange } from '../kube/watch-cache.ts';
import { shortcutKey, type ClusterName, type ShortcutKey } from '../model/shortcut-key.ts';
import { clustersOf, nameOf, type Shortcut } from '../model/shortcut.ts';

/**
 * Shortcuts by leaf and by pair. Kept with every change rather than built anew: our own status writes are changes too, and
 * with thousands of Shortcuts each of them would cost a look at all.
 */
export interface PairIndex {
  take(change: CacheChange): void;
  /** In no particular order. */
  ofLeaf(cluster: ClusterName): readonly Shortcut[];
  /** The oldest first. */
  ofPair(key: ShortcutKey): readonly Shortcut[];
}

/** An empty index, for the changes of one cache of Shortcuts. */
export function createPairIndex(): PairIndex {
  const byLeaf = new Map<ClusterName, Map<string, Shortcut>>();
  const byPair = new Map<ShortcutKey, Map<string, Shortcut>>();

  function add(shortcut: Shortcut): void {
    const clusters = clustersOf(shortcut);
    for (const cluster of clusters) groupOf(byLeaf, cluster).set(nameOf(shortcut), shortcut);
    groupOf(byPair, shortcutKey(clusters)).set(nameOf(shortcut), shortcut);
  }

  function remove(shortcut: Shortcut): void {
    const clusters = clustersOf(shortcut);
    for (const cluster of clusters) removeFrom(byLeaf, cluster, nameOf(shortcut));
    removeFrom(byPair, shortcutKey(clusters), nameOf(shortcut));
  }

  return {
    take: (change) => {
      if (change.type === 'modified') remove(change.previous as Shortcut);
      if (change.type === 'deleted') remove(change.object as Shortcut);
      else add(change.object as Shortcut);
    },
    ofLeaf: (cluster) => [...(byLeaf.get(cluster)?.values() ?? [])],
    ofPair: (key) =>
      [...(byPair.get(key)?.values() ?? [])].sort((a, b) => compareText(ageOf(a), ageOf(b))),
  };
}

function groupOf<Key>(groups: Map<Key, Map<string, Shortcut>>, key: Key): Map<string, Shortcut> {
  const group = groups.get(key) ?? new Map<string, Shortcut>();
  groups.set(key, group);
  return group;
}

function removeFrom<Key>(groups: Map<Key, Map<string, Shortcut>>, key: Key, name: string): void {
  const group = groups.get(key);
  group?.delete(name);
  if (group?.size === 0) groups.delete(key);
}

/** Creation time has seconds only; the name decides among equals, so that the winner never changes. */
function ageOf(shortcut: Shortcut): string {
  return `${shortcut.metadata.creationTimestamp ?? ''} ${nameOf(shortcut)}`;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
