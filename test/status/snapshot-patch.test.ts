import { expect } from 'chai';
import fc from 'fast-check';
import {
  createSnapshotComparer,
  type ListPatch,
  type SnapshotPatch,
  wholePatch,
} from '../../src/status/snapshot-patch.ts';
import type { LeafItem, ShortcutItem, Snapshot } from '../../src/status/snapshot.ts';
import { aLeafItem, aShortcutItem, aSnapshot } from '../http/fake-snapshot-reader.ts';

/** What a reader of the stream does with a patch. */
function applyPatch(before: Snapshot | undefined, patch: SnapshotPatch): Snapshot {
  const base = patch.reset ? undefined : before;
  return {
    ...patch.summary,
    shortcuts: applyList(base?.shortcuts ?? [], patch.shortcuts),
    leaves: applyList(base?.leaves ?? [], patch.leaves),
  };
}

function applyList<T extends ShortcutItem | LeafItem>(
  items: readonly T[],
  { changed, removed }: ListPatch<T>,
): readonly T[] {
  const byKey = new Map(items.map((item) => [`${item.namespace}/${item.name}`, item]));
  for (const key of removed) byKey.delete(key);
  for (const item of changed) byKey.set(`${item.namespace}/${item.name}`, item);
  return [...byKey.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

describe('snapshot patches', () => {
  it('hold what changed, and nothing else', () => {
    const [rome, milan] = [aShortcutItem({ name: 'rome' }), aShortcutItem({ name: 'milan' })];
    const comparer = createSnapshotComparer(aSnapshot({ shortcuts: [rome, milan] }));

    const patch = comparer.next(
      aSnapshot({ shortcuts: [{ ...milan, phase: 'Down' }], leaves: [aLeafItem()] }),
    );

    expect(patch?.reset).to.equal(false);
    expect(patch?.shortcuts).to.deep.equal({
      changed: [{ ...milan, phase: 'Down' }],
      removed: ['liqo-shortcuts/rome'],
    });
    expect(patch?.leaves).to.deep.equal({ changed: [], removed: [] });
  });

  it('are none where nothing that is shown has changed', () => {
    const comparer = createSnapshotComparer(aSnapshot());

    expect(comparer.next(aSnapshot())).to.equal(undefined);
    expect(comparer.next(aSnapshot({ synced: false }))?.summary.synced).to.equal(false);
    expect(comparer.next(aSnapshot({ synced: false }))).to.equal(undefined);
  });

  it('lead from each snapshot to the next, whatever happens', () => {
    const items = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        phase: fc.constantFrom('Ready', 'Down'),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    );
    const snapshots = fc
      .record({ shortcuts: items, leaves: items, synced: fc.boolean() })
      .map(({ shortcuts, leaves, synced }) =>
        aSnapshot({
          synced,
          shortcuts: shortcuts.map(aShortcutItem).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
          leaves: leaves.map(aLeafItem).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        }),
      );
    fc.assert(
      fc.property(snapshots, fc.array(snapshots, { maxLength: 6 }), (first, later) => {
        const comparer = createSnapshotComparer(first);
        let seen = applyPatch(undefined, wholePatch(first));
        expect(seen).to.deep.equal(first);
        for (const snapshot of later) {
          const patch = comparer.next(snapshot);
          if (patch !== undefined) seen = applyPatch(seen, patch);
          expect(seen).to.deep.equal(snapshot);
        }
      }),
    );
  });
});
