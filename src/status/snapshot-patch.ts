import type { LeafItem, ShortcutItem, Snapshot } from './snapshot.ts';

/** Everything of a snapshot but its lists. */
export type SnapshotSummary = Omit<Snapshot, 'shortcuts' | 'leaves'>;

/** What became of the items of one list. */
export interface ListPatch<T> {
  /** New items, and those that look different now. */
  readonly changed: readonly T[];
  /** `namespace/name` of those that are gone. */
  readonly removed: readonly string[];
}

/** What leads from one snapshot to a later one. */
export interface SnapshotPatch {
  /** Whether this is the whole picture: whatever was known before is to be forgotten. */
  readonly reset: boolean;
  readonly summary: SnapshotSummary;
  readonly shortcuts: ListPatch<ShortcutItem>;
  readonly leaves: ListPatch<LeafItem>;
}

/** Compares snapshots, each with the one before. */
export interface SnapshotComparer {
  /** Undefined when nothing that is shown has changed. */
  next(snapshot: Snapshot): SnapshotPatch | undefined;
}

/** The patch that holds a whole snapshot. */
export function wholePatch({ shortcuts, leaves, ...summary }: Snapshot): SnapshotPatch {
  return {
    reset: true,
    summary,
    shortcuts: { changed: shortcuts, removed: [] },
    leaves: { changed: leaves, removed: [] },
  };
}

/** Begins with `snapshot`. An item is compared as text: what a reader would see of it. */
export function createSnapshotComparer(snapshot: Snapshot): SnapshotComparer {
  let last = textsOf(snapshot);
  return {
    next: (after) => {
      const before = last;
      last = textsOf(after);
      const shortcuts = compare(after.shortcuts, before.shortcuts, last.shortcuts);
      const leaves = compare(after.leaves, before.leaves, last.leaves);
      const isSame = before.summary === last.summary && isEmpty(shortcuts) && isEmpty(leaves);
      return isSame ? undefined : { reset: false, summary: summaryOf(after), shortcuts, leaves };
    },
  };
}

interface Texts {
  readonly summary: string;
  readonly shortcuts: ReadonlyMap<string, string>;
  readonly leaves: ReadonlyMap<string, string>;
}

interface Item {
  readonly namespace: string;
  readonly name: string;
}

function textsOf(snapshot: Snapshot): Texts {
  return {
    summary: JSON.stringify(summaryOf(snapshot)),
    shortcuts: byKey(snapshot.shortcuts),
    leaves: byKey(snapshot.leaves),
  };
}

function summaryOf(snapshot: Snapshot): SnapshotSummary {
  return wholePatch(snapshot).summary;
}

function byKey(items: readonly Item[]): ReadonlyMap<string, string> {
  return new Map(items.map((item) => [keyOf(item), JSON.stringify(item)]));
}

function keyOf({ namespace, name }: Item): string {
  return `${namespace}/${name}`;
}

function compare<T extends Item>(
  items: readonly T[],
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ListPatch<T> {
  return {
    changed: items.filter((item) => before.get(keyOf(item)) !== after.get(keyOf(item))),
    removed: [...before.keys()].filter((key) => !after.has(key)),
  };
}

function isEmpty({ changed, removed }: ListPatch<unknown>): boolean {
  return changed.length + removed.length === 0;
}
