import type { MirrorReport } from '../mirror/mirror.ts';
import { SHORTCUT } from '../model/kinds.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import { clustersOf, nameOf, type Shortcut } from '../model/shortcut.ts';
import { shortcutKey } from '../model/shortcut-key.ts';

type Mirrored = Pick<MirrorReport, 'plan' | 'desired'>;

/** The LeafClusters as they would be after stage one: nothing is deleted, since what is deleted is used by nobody. */
export function leavesOf(
  { desired }: Mirrored,
  existing: readonly LeafCluster[],
): readonly LeafCluster[] {
  const leaves = new Map(existing.map((leaf) => [leaf.metadata.name, leaf]));
  for (const { kind, object } of desired?.resources ?? []) {
    if (kind !== 'LeafCluster') continue;
    const { name } = object.metadata;
    leaves.set(name, merge(leaves.get(name), object) as LeafCluster);
  }
  return [...leaves.values()];
}

/**
 * The Shortcuts as they would be after stage one: those wanted, and those to be deleted. One that names other leaves now
 * is both: the old connection goes, and another Shortcut comes.
 */
export function wishesOf(
  { plan, desired }: Mirrored,
  existing: readonly Shortcut[],
): readonly Shortcut[] {
  const deletions = new Set(
    plan.actions.filter(({ action }) => action === 'delete').map(({ resource }) => resource),
  );
  const byName = new Map(existing.map((shortcut) => [nameOf(shortcut), shortcut]));
  const wanted = (desired?.resources ?? []).flatMap(({ kind, object }) =>
    kind === 'Shortcut' ? asWanted(object, byName.get(nameOf(object)), deletions) : [],
  );
  const kept = new Set(wanted.map(({ metadata }) => metadata.uid));
  const others = existing.filter(({ metadata }) => !kept.has(metadata.uid));
  return [...wanted, ...others.map((shortcut) => withDeletion(shortcut, deletions))];
}

/** While the old connection of the same name is held, the new one does not come. */
function asWanted(
  wish: Shortcut,
  existing: Shortcut | undefined,
  deletions: ReadonlySet<string>,
): readonly Shortcut[] {
  if (existing === undefined || keyOf(existing) === keyOf(wish)) {
    return [merge(existing, wish) as Shortcut];
  }
  return deletions.has(resourceOf(wish)) ? [wish] : [];
}

function resourceOf(shortcut: Shortcut): string {
  return `${SHORTCUT.kind}/${nameOf(shortcut)}`;
}

function keyOf(shortcut: Shortcut): string {
  return shortcutKey(clustersOf(shortcut));
}

function withDeletion(shortcut: Shortcut, deletions: ReadonlySet<string>): Shortcut {
  if (!deletions.has(resourceOf(shortcut))) return shortcut;
  const { creationTimestamp = '' } = shortcut.metadata;
  return { ...shortcut, metadata: { ...shortcut.metadata, deletionTimestamp: creationTimestamp } };
}

function merge(
  existing: Shortcut | LeafCluster | undefined,
  wanted: Shortcut | LeafCluster,
): Shortcut | LeafCluster {
  if (existing === undefined) return wanted;
  const metadata = { ...existing.metadata, annotations: wanted.metadata.annotations ?? {} };
  return { ...existing, metadata, spec: wanted.spec } as Shortcut | LeafCluster;
}
