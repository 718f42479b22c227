import { expect } from 'chai';

import type { Shortcut } from '../../src/model/shortcut.ts';
import { createPairIndex } from '../../src/reconcile/pair-index.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';

function named(name: string, clusters: [string, string], created: string): Shortcut {
  return aShortcut({ metadata: { name, creationTimestamp: created }, spec: { clusters } });
}

function namesOf(shortcuts: readonly Shortcut[]): readonly string[] {
  return shortcuts.map(({ metadata }) => metadata.name);
}

describe('pair index', () => {
  const younger = named('b', ['rome', 'milan'], '2026-01-02T00:00:00Z');
  const older = named('a', ['milan', 'rome'], '2026-01-01T00:00:00Z');
  const other = named('c', ['rome', 'naples'], '2026-01-01T00:00:00Z');

  it('finds shortcuts by leaf, and those of a pair with the oldest first', () => {
    const index = createPairIndex();

    for (const object of [younger, older, other]) index.take({ type: 'added', object });

    expect(namesOf(index.ofPair('milan--rome'))).to.deep.equal(['a', 'b']);
    expect(namesOf(index.ofLeaf('rome'))).to.have.members(['a', 'b', 'c']);
    expect(namesOf(index.ofLeaf('naples'))).to.deep.equal(['c']);
  });

  it('follows what is changed and forgets what is deleted', () => {
    const index = createPairIndex();
    for (const object of [younger, older]) index.take({ type: 'added', object });
    const object = { ...younger, status: { phase: 'Ready' as const } };

    index.take({ type: 'modified', object, previous: younger });
    index.take({ type: 'deleted', object: older });

    expect(index.ofPair('milan--rome')).to.deep.equal([object]);
    expect(index.ofLeaf('milan')).to.deep.equal([object]);
  });

  it('knows nothing of what was never there', () => {
    const index = createPairIndex();

    expect(index.ofLeaf('rome')).to.deep.equal([]);
    expect(index.ofPair('milan--rome')).to.deep.equal([]);
  });
});
