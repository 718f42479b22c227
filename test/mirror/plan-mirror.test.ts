import { expect } from 'chai';
import fc from 'fast-check';
import type { DesiredResource } from '../../src/manifests/desired-state.ts';
import type { MirrorAction } from '../../src/mirror/mirror-plan.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import {
  ANNOTATION_ADOPT,
  ANNOTATION_FILE,
  ANNOTATION_PRUNE,
  ANNOTATION_REVISION,
  LABEL_MANAGED_BY,
  LABEL_SOURCE,
} from '../../src/model/names.ts';
import {
  carriedOut,
  COMMIT,
  desired,
  existing,
  plan,
  REVISION,
  SOURCE,
  summary,
  wantLeaf,
  wantShortcut,
} from './builders.ts';

/** What the main cluster holds after these resources were mirrored. */
function mirrored(resources: readonly DesiredResource[]): readonly KubeObject[] {
  return carriedOut([], plan({ desired: desired(resources) }));
}

function objectOf(action: MirrorAction): KubeObject {
  if (!('object' in action)) throw new Error(`${action.action} has no object`);
  return action.object;
}

function shortcuts(count: number): readonly DesiredResource[] {
  return Array.from({ length: count }, (_, index) =>
    wantShortcut(`s${String(index).padStart(3, '0')}`),
  );
}

describe('the plan of the mirror', () => {
  describe('creates', () => {
    it('what is new, with where it came from', () => {
      const { actions } = plan({
        desired: desired([wantShortcut('rome-milan', { labels: { team: 'net' } })]),
      });

      const [action] = actions;
      expect(action).to.deep.include({
        action: 'create',
        resource: 'Shortcut/liqo-shortcuts/rome-milan',
        clusters: ['milan', 'rome'],
        file: 'shortcuts/rome-milan.yaml',
      });
      const { labels, annotations } = objectOf(action!).metadata;
      expect(labels).to.deep.equal({
        team: 'net',
        [LABEL_MANAGED_BY]: 'liqo-shortcuts',
        [LABEL_SOURCE]: SOURCE,
      });
      expect(annotations).to.include({
        [ANNOTATION_REVISION]: REVISION,
        [ANNOTATION_FILE]: 'shortcuts/rome-milan.yaml',
      });
    });

    it('no empty map, which a later apply could turn into null', () => {
      const wanted = wantShortcut('rome-milan');
      const gateway = { serviceAnnotations: {}, clientEndpoint: { address: 'a', port: 1 } };
      const spec = { ...wanted.object.spec, gateway };
      const resource = { ...wanted, object: { ...wanted.object, spec } } as DesiredResource;

      const [action] = plan({ desired: desired([resource]) }).actions;

      const { clientEndpoint } = gateway;
      expect(objectOf(action!)['spec']).to.deep.include({ gateway: { clientEndpoint } });
      expect(
        summary(plan({ desired: desired([resource]), actual: mirrored([resource]) })),
      ).to.deep.equal(['keep Shortcut/liqo-shortcuts/rome-milan']);
    });

    it('leaves and shortcuts in the order of their names', () => {
      const resources = [wantShortcut('b'), wantLeaf('rome'), wantShortcut('a'), wantLeaf('milan')];

      expect(summary(plan({ desired: desired(resources) }))).to.deep.equal([
        'create LeafCluster/liqo-shortcuts/milan',
        'create LeafCluster/liqo-shortcuts/rome',
        'create Shortcut/liqo-shortcuts/a',
        'create Shortcut/liqo-shortcuts/b',
      ]);
    });

    it('nothing for an object that is still being deleted', () => {
      const want = wantShortcut('a');
      const actual = [
        existing(want, { source: SOURCE, deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ];

      expect(summary(plan({ desired: desired([want]), actual }))).to.deep.equal([
        'keep Shortcut/liqo-shortcuts/a',
      ]);
    });
  });

  describe('keeps', () => {
    const before = wantShortcut('a', { annotations: { note: 'n' } });

    it('what is as it should be, whatever others added, and at any later revision', () => {
      const [object] = mirrored([before]);
      const { labels, annotations } = object!.metadata;
      const touched = {
        ...object!,
        metadata: {
          ...object!.metadata,
          labels: { ...labels, theirs: 'x' },
          annotations: { ...annotations, theirs: 'x' },
          finalizers: ['shortcuts.liqo.io/disconnect'],
        },
        spec: { ...(object!['spec'] as object), gateway: { mtu: 1400 } },
        status: { phase: 'Connected' },
      };

      const next = plan({
        desired: desired([before]),
        actual: [touched],
        revision: `main@sha1:${'f'.repeat(40)}`,
      });

      expect(next.actions.map(({ action }) => action)).to.deep.equal(['keep']);
    });

    const changes: readonly { name: string; after: DesiredResource; reason: string }[] = [
      {
        name: 'the spec',
        after: wantShortcut('a', { clusters: ['milan', 'rome'], annotations: { note: 'n' } }),
        reason: 'differs in spec',
      },
      {
        name: 'an annotation',
        after: wantShortcut('a', { annotations: { note: 'm' } }),
        reason: 'differs in annotations',
      },
      {
        name: 'a label',
        after: wantShortcut('a', { annotations: { note: 'n' }, labels: { x: 'y' } }),
        reason: 'differs in labels',
      },
      {
        name: 'a field that is gone',
        after: wantShortcut('a'),
        reason: 'differs in what the file leaves out',
      },
    ];
    for (const { name, after, reason } of changes) {
      it(`not, but updates, when ${name} changed`, () => {
        const { actions } = plan({ desired: desired([after]), actual: mirrored([before]) });

        expect(actions).to.have.length(1);
        expect(actions[0]).to.deep.include({ action: 'update', reason });
        expect(objectOf(actions[0]!).metadata.uid).to.equal('uid-a');
      });
    }

    it('what lies in another file now, and says so', () => {
      const after = { ...before, file: 'moved.yaml' };

      const { actions } = plan({ desired: desired([after]), actual: mirrored([before]) });

      const reason = 'is the same in another file';
      expect(actions).to.have.length(1);
      expect(actions[0]).to.deep.include({ action: 'keep', file: 'moved.yaml', reason });
    });

    it('not, but puts back, what somebody changed', () => {
      const [object] = mirrored([before]);
      const drifted = { ...object!, spec: { ...(object!['spec'] as object), server: 'rome' } };

      const { actions } = plan({ desired: desired([before]), actual: [drifted] });

      expect(actions[0]).to.deep.include({ action: 'update', reason: 'differs in spec' });
    });

    it('not, but puts back, a spec that somebody took away', () => {
      const object = { ...mirrored([before])[0]!, spec: undefined };

      const { actions } = plan({ desired: desired([before]), actual: [object] });

      expect(actions[0]).to.deep.include({ action: 'update', reason: 'differs in spec' });
    });
  });

  describe('ownership', () => {
    const want = wantShortcut('a');

    it('blocks for an object that was made by hand', () => {
      const { actions, guards } = plan({ desired: desired([want]), actual: [existing(want)] });

      expect(actions[0]).to.include({ action: 'blocked' });
      expect(actions[0]?.reason).to.contain(ANNOTATION_ADOPT);
      expect(guards).to.have.length(1);
      expect(guards[0]).to.deep.include({
        code: 'ownership',
        held: ['Shortcut/liqo-shortcuts/a'],
      });
    });

    it('takes over an object made by hand whose annotation asks for it', () => {
      const actual = [existing(want, { annotations: { [ANNOTATION_ADOPT]: 'true' } })];

      expect(plan({ desired: desired([want]), actual }).actions[0]).to.include({
        action: 'update',
      });
    });

    for (const annotations of [{}, { [ANNOTATION_ADOPT]: 'true' }]) {
      it(`blocks for an object of another source (${Object.keys(annotations).join()})`, () => {
        const actual = [existing(want, { source: 'other', annotations })];

        const { actions } = plan({ desired: desired([want]), actual });

        expect(actions[0]).to.include({ action: 'blocked' });
        expect(actions[0]?.reason).to.contain('"other"');
      });
    }

    it('never deletes what is not ours', () => {
      const actual = [existing(want), existing(wantShortcut('b'), { source: 'other' })];

      expect(plan({ actual }).actions).to.deep.equal([]);
    });

    it('tells apart objects of the same name in other namespaces', () => {
      const actual = [existing(wantShortcut('a', { namespace: 'elsewhere' }))];

      expect(summary(plan({ desired: desired([want]), actual }))).to.deep.equal([
        'create Shortcut/liqo-shortcuts/a',
      ]);
    });
  });

  describe('deletes', () => {
    it('what has left the repository, with its UID', () => {
      const { actions, held } = plan({ actual: mirrored([wantShortcut('a')]) });

      expect(actions).to.have.length(1);
      expect(actions[0]).to.deep.include({
        action: 'delete',
        uid: 'uid-a',
        clusters: ['milan', 'rome'],
        file: 'shortcuts/a.yaml',
      });
      expect(held).to.deep.equal([]);
    });

    it('nothing twice', () => {
      const actual = [
        existing(wantShortcut('a'), { source: SOURCE, deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ];

      const { actions, held } = plan({ actual });

      expect(actions[0]).to.include({ action: 'keep', reason: 'is being deleted', file: '' });
      expect(held).to.deep.equal([]);
    });

    it('nothing while a file is invalid', () => {
      const next = plan({
        desired: desired([], { complete: false }),
        actual: mirrored([wantShortcut('a')]),
      });

      expect(next.actions.map(({ action }) => action)).to.deep.equal(['keep']);
      expect(next.held.map(({ reason }) => reason)).to.deep.equal(['invalid-files']);
    });

    it('nothing that is annotated to stay', () => {
      const [object] = mirrored([
        wantShortcut('a', { annotations: { [ANNOTATION_PRUNE]: 'disabled' } }),
      ]);

      const next = plan({ actual: [object!] });

      expect(next.actions.map(({ action }) => action)).to.deep.equal(['keep']);
      expect(next.held.map(({ reason }) => reason)).to.deep.equal(['prune-disabled']);
    });

    it('a shortcut that names other leaves now, and makes it again once it is gone', () => {
      const before = wantShortcut('tunnel', { clusters: ['rome', 'milan'] });
      const after = wantShortcut('tunnel', { clusters: ['rome', 'naples'] });
      const actual = mirrored([before]);

      const first = plan({ desired: desired([after]), actual });
      const second = plan({ desired: desired([after]), actual: carriedOut(actual, first) });

      expect(summary(first)).to.deep.equal(['delete Shortcut/liqo-shortcuts/tunnel']);
      expect(summary(second)).to.deep.equal(['create Shortcut/liqo-shortcuts/tunnel']);
    });

    it('no shortcut that names the same leaves in another order', () => {
      const actual = mirrored([wantShortcut('tunnel', { clusters: ['rome', 'milan'] })]);
      const swapped = wantShortcut('tunnel', { clusters: ['milan', 'rome'] });

      expect(summary(plan({ desired: desired([swapped]), actual }))).to.deep.equal([
        'update Shortcut/liqo-shortcuts/tunnel',
      ]);
    });

    describe('a leaf', () => {
      const leaf = wantLeaf('rome');
      const users: readonly {
        name: string;
        actual: readonly KubeObject[];
        wanted: readonly DesiredResource[];
      }[] = [
        {
          name: 'a shortcut of the repository',
          actual: mirrored([wantShortcut('z'), wantShortcut('y')]),
          wanted: [wantShortcut('y'), wantShortcut('z')],
        },
        { name: 'a shortcut that is about to come', actual: [], wanted: [wantShortcut('y')] },
        {
          name: 'a shortcut made by hand, elsewhere',
          actual: [existing(wantShortcut('y', { namespace: 'x' }))],
          wanted: [],
        },
        { name: 'a shortcut that goes now', actual: mirrored([wantShortcut('y')]), wanted: [] },
        {
          name: 'a shortcut that is being deleted',
          actual: [
            existing(wantShortcut('y'), {
              source: SOURCE,
              deletionTimestamp: '2026-01-01T00:00:00Z',
            }),
          ],
          wanted: [],
        },
      ];
      for (const { name, actual, wanted } of users) {
        it(`stays while it is named by ${name}`, () => {
          const next = plan({ desired: desired(wanted), actual: [...actual, ...mirrored([leaf])] });

          expect(summary(next)[0]).to.equal('keep LeafCluster/liqo-shortcuts/rome');
          expect(next.held).to.have.length(1);
          expect(next.held[0]).to.include({ reason: 'in-use' });
          expect(next.held[0]?.message).to.match(/^Shortcut\/.*\/y still names it$/);
        });
      }

      it('goes when nobody names it any more', () => {
        const others = mirrored([wantShortcut('y', { clusters: ['milan', 'naples'] })]);
        const broken = { ...existing(wantShortcut('x')), spec: undefined };
        const next = plan({
          desired: desired([wantShortcut('y', { clusters: ['milan', 'naples'] })]),
          actual: [...others, broken, ...mirrored([leaf])],
        });

        expect(summary(next)[0]).to.equal('delete LeafCluster/liqo-shortcuts/rome');
      });
    });
  });

  describe('the deletion guard', () => {
    const cases = [
      { name: '1 of 2', before: 2, after: 1, refused: false },
      { name: '2 of 2', before: 2, after: 0, refused: false },
      { name: '5 of 9', before: 9, after: 4, refused: false },
      { name: '6 of 9', before: 9, after: 3, refused: true },
      { name: '3 of 10', before: 10, after: 7, refused: false },
      { name: '4 of 10', before: 10, after: 6, refused: true },
      { name: '5 of 100', before: 100, after: 95, refused: false },
      { name: '6 of 100', before: 100, after: 94, refused: true },
    ];
    for (const { name, before, after, refused } of cases) {
      it(`${refused ? 'refuses' : 'lets pass'} ${name}`, () => {
        const wanted = shortcuts(before);

        const next = plan({ desired: desired(wanted.slice(0, after)), actual: mirrored(wanted) });

        const action = refused ? 'blocked' : 'delete';
        expect(next.actions.filter((one) => one.action === action)).to.have.length(before - after);
        expect(next.held).to.have.length(refused ? before - after : 0);
        expect(next.guards.map(({ code }) => code)).to.deep.equal(
          refused ? ['deletion-guard'] : [],
        );
      });
    }

    it('holds everything or nothing, and says what a person may do', () => {
      const next = plan({ actual: mirrored(shortcuts(7)) });

      expect(next.guards[0]?.held).to.have.length(7);
      expect(next.guards[0]?.message).to.equal(
        `7 of 7 Shortcuts would be deleted, more than 5: allow it with --allow-deletions-at ${COMMIT.slice(0, 12)}`,
      );
    });

    it('counts leaves by themselves', () => {
      const leaves = Array.from({ length: 6 }, (_, index) => wantLeaf(`l${index}`));

      const next = plan({ actual: mirrored([...leaves, wantShortcut('a')]) });

      expect(next.guards).to.have.length(1);
      expect(next.guards[0]?.message).to.match(/^6 of 6 LeafClusters/);
      expect(next.actions.every(({ action }) => action === 'blocked')).to.equal(true);
    });

    it('does not count what is held for another reason', () => {
      const kept = shortcuts(6).map((want) =>
        existing(want, { source: SOURCE, annotations: { [ANNOTATION_PRUNE]: 'disabled' } }),
      );

      const next = plan({ actual: [...kept, ...mirrored([wantShortcut('a')])] });

      expect(summary(next)[0]).to.equal('delete Shortcut/liqo-shortcuts/a');
    });

    const permissions = [
      { name: 'the commit', allow: COMMIT, refused: false },
      {
        name: 'the start of the commit, in capitals',
        allow: COMMIT.slice(0, 12).toUpperCase(),
        refused: false,
      },
      { name: 'too short a start', allow: COMMIT.slice(0, 6), refused: true },
      { name: 'another commit', allow: 'f'.repeat(40), refused: true },
      { name: 'nothing', allow: '', refused: true },
    ];
    for (const { name, allow, refused } of permissions) {
      it(`${refused ? 'refuses' : 'lets pass'} a mass deletion when ${name} is allowed`, () => {
        const next = plan({
          actual: mirrored(shortcuts(8)),
          guard: { maxDeletions: 5, maxDeletionsPercent: 30, allowDeletionsAt: allow },
        });

        expect(next.guards).to.have.length(refused ? 1 : 0);
      });
    }
  });

  it('concludes nothing from a main cluster that was not seen', () => {
    const next = plan({
      desired: desired([wantShortcut('a'), wantLeaf('rome')]),
      actual: undefined,
    });

    expect(summary(next)).to.deep.equal([
      'unknown LeafCluster/liqo-shortcuts/rome',
      'unknown Shortcut/liqo-shortcuts/a',
    ]);
    expect(next.held).to.deep.equal([]);
    expect(next.guards).to.deep.equal([]);
  });
});

describe('every plan of the mirror', () => {
  const names = ['rome', 'milan', 'naples', 'turin'];
  const resource = fc.oneof(
    fc
      .record({ a: fc.nat(3), b: fc.nat(3), label: fc.constantFrom('x', 'y') })
      .filter(({ a, b }) => a !== b)
      .map(({ a, b, label }) =>
        wantShortcut(`s-${names[a]}-${names[b]}`, {
          clusters: [names[a]!, names[b]!],
          labels: { label },
        }),
      ),
    fc.constantFrom(...names).map(wantLeaf),
  );
  const resources = fc.uniqueArray(resource, {
    selector: ({ kind, object }) => `${kind}/${object.metadata.name}`,
    maxLength: 16,
  });
  const metadata = fc.record(
    {
      source: fc.constantFrom(SOURCE, SOURCE, SOURCE, 'other'),
      deletionTimestamp: fc.constant('2026-01-01T00:00:00Z'),
      annotations: fc.constantFrom(
        { [ANNOTATION_PRUNE]: 'disabled' },
        { [ANNOTATION_ADOPT]: 'true' },
        {},
      ),
    },
    { requiredKeys: ['source'] },
  );
  const world = fc.record({
    desired: fc
      .record({ resources, complete: fc.boolean() })
      .map(({ resources: all, complete }) => desired(all, { complete })),
    actual: fc
      .tuple(resources, fc.array(metadata, { minLength: 16, maxLength: 16 }), fc.boolean())
      .map(([all, metas]) => all.map((one, index) => existing(one, metas[index]))),
    guard: fc.record({ maxDeletions: fc.nat(4), maxDeletionsPercent: fc.nat(100) }),
  });

  it('deletes nothing that does not carry our label, or is annotated to stay', () => {
    fc.assert(
      fc.property(world, (input) => {
        const byResource = new Map(
          input.actual.map((one) => [
            `${one.kind}/${one.metadata.namespace}/${one.metadata.name}`,
            one,
          ]),
        );
        for (const action of plan(input).actions) {
          if (action.action !== 'delete') continue;
          const { labels, annotations } = byResource.get(action.resource)!.metadata;
          expect(labels?.[LABEL_SOURCE]).to.equal(SOURCE);
          expect(annotations?.[ANNOTATION_PRUNE]).to.equal(undefined);
        }
      }),
    );
  });

  it('deletes nothing for an incomplete revision', () => {
    fc.assert(
      fc.property(world, (input) => {
        const incomplete = { ...input.desired, complete: false };
        const { actions } = plan({ ...input, desired: incomplete });
        expect(actions.some(({ action }) => action === 'delete')).to.equal(false);
      }),
    );
  });

  it('stays within the guard', () => {
    fc.assert(
      fc.property(world, (input) => {
        const { actions } = plan(input);
        for (const kind of ['Shortcut', 'LeafCluster']) {
          const deletions = actions.filter(
            ({ action, ref }) => action === 'delete' && ref.kind.kind === kind,
          );
          expect(deletions.length).to.be.at.most(input.guard.maxDeletions);
        }
      }),
    );
  });

  it('deletes no leaf that a shortcut names', () => {
    fc.assert(
      fc.property(world, (input) => {
        const named = input.actual
          .filter(({ kind }) => kind === 'Shortcut')
          .flatMap((one) => (one['spec'] as { clusters: string[] }).clusters);
        const gone = plan(input).actions.filter(
          ({ action, ref }) => action === 'delete' && ref.kind.kind === 'LeafCluster',
        );
        for (const { ref } of gone) expect(named).not.to.include(ref.name);
      }),
    );
  });

  it('leaves nothing to do once it was carried out, but for leaves that were waiting', () => {
    fc.assert(
      fc.property(world, (input) => {
        const first = plan(input);
        const after = plan({ ...input, actual: carriedOut(input.actual, first) });
        const writes = after.actions.filter(({ action }) =>
          ['create', 'update', 'delete'].includes(action),
        );
        const waiting = new Set(
          first.held.filter(({ reason }) => reason === 'in-use').map(({ resource: one }) => one),
        );
        for (const write of writes)
          expect(waiting.has(write.resource), write.resource).to.equal(true);
      }),
    );
  });

  it('does not depend on the order of what it is given', () => {
    fc.assert(
      fc.property(world, (input) => {
        const turned = {
          ...input,
          desired: { ...input.desired, resources: input.desired.resources.toReversed() },
          actual: input.actual.toReversed(),
        };
        expect(plan(turned)).to.deep.equal(plan(input));
      }),
    );
  });
});
