import { expect } from 'chai';

import type { ObjectEvent } from '../../src/model/object-event.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { HeldDeletion } from '../../src/model/source-snapshot.ts';
import { createHeldTeller } from '../../src/reconcile/tell-held.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';

const INVALID = 'nothing is deleted while a file is invalid or unreadable';
const PROBLEMS: readonly Problem[] = [
  aProblem({ severity: 'warning', file: 'leaves/rome.yaml' }),
  aProblem({ severity: 'error', file: 'shortcuts/bad.yaml', line: 3, code: 'yaml-parse-error' }),
];

function aProblem(over: Partial<Problem>): Problem {
  const where = { file: '', line: 1, column: 1, pointer: '', resource: '' };
  return { code: 'unknown-leaf', severity: 'error', message: 'secret', ...where, ...over };
}

describe('held teller', () => {
  let events: ObjectEvent[];
  let tell: ReturnType<typeof createHeldTeller>;

  beforeEach(() => {
    events = [];
    tell = createHeldTeller({
      main: {
        shortcut: (name) =>
          name.endsWith('gone')
            ? undefined
            : aShortcut({ metadata: { name: name.split('/')[1] ?? '' } }),
        leafClusters: () => [aLeafCluster({ metadata: { name: 'rome' } })],
      },
      events: { record: (event) => events.push(event) },
    });
  });

  function held(
    reason: HeldDeletion['reason'],
    resource = 'Shortcut/liqo-shortcuts/rome-milan',
  ): HeldDeletion {
    return { resource, reason, message: INVALID };
  }

  it('names the file that stops the deletion, and quotes nothing of it', () => {
    tell([held('invalid-files')], PROBLEMS);

    expect(events).to.have.length(1);
    expect(events[0]).to.deep.include({
      type: 'Warning',
      reason: 'DeletionBlocked',
      note: `${INVALID}: shortcuts/bad.yaml:3 (yaml-parse-error)`,
    });
    expect(events[0]?.regarding.metadata.name).to.equal('rome-milan');
  });

  it('tells of a leaf on the leaf', () => {
    tell([held('deletion-guard', 'LeafCluster/liqo-shortcuts/rome')], PROBLEMS);

    expect(events[0]?.regarding).to.deep.include({ kind: 'LeafCluster' });
    expect(events[0]?.note).to.equal(INVALID);
  });

  it('tells once, until it is held for another reason, or again', () => {
    tell([held('invalid-files')], PROBLEMS);
    tell([held('invalid-files')], PROBLEMS);
    expect(events).to.have.length(1);

    tell([held('deletion-guard')], []);
    tell([], []);
    tell([held('deletion-guard')], []);
    expect(events).to.have.length(3);
  });

  it('is silent about wishes, and about what is not there', () => {
    tell([held('prune-disabled'), held('in-use'), held('deletion-guard', 'Shortcut/x/gone')], []);

    expect(events).to.deep.equal([]);
  });

  it('gives examples where there are many', () => {
    tell(
      Array.from({ length: 500 }, (_, index) =>
        held('invalid-files', `Shortcut/liqo-shortcuts/s${index}`),
      ),
      PROBLEMS,
    );

    expect(events).to.have.length(25);
  });
});
