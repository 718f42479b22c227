import { expect } from 'chai';
import {
  CONFIGURATION,
  CONNECTION,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  PUBLIC_KEY,
} from '../../src/liqo/kinds.ts';
import type { ResourceKind } from '../../src/model/kube-object.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Right } from '../../src/model/right.ts';
import type { KnownSide } from '../../src/plan/observation.ts';
import { planShortcut } from '../../src/plan/plan-shortcut.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';

const SHORTCUT = aShortcut({ spec: { server: 'milan' } });
const GONE = { metadata: { deletionTimestamp: '2026-11-23T00:00:00Z' } };

function connected(): ModelWorld {
  const world = new ModelWorld();
  world.run(SHORTCUT);
  return world;
}

function right(verb: Right['verb'], kind: ResourceKind): Right {
  return { verb, kind, namespace: 'liqo-tenant-milan' };
}

/** Both sides as they are, with rights missing on rome. */
function plan(world: ModelWorld, missingRights: readonly Right[], shortcut = SHORTCUT): Plan {
  const sides = world.observe(SHORTCUT) as readonly KnownSide[];
  const [first, second] = sides.map((side) =>
    side.cluster === 'rome' ? { ...side, missingRights } : side,
  );
  if (first === undefined || second === undefined) throw new Error('there are two sides');
  return planShortcut({ shortcut, sides: [first, second], installation: INSTALLATION });
}

describe('planShortcut with rights missing on one leaf', () => {
  it('writes on neither leaf, and names the leaf, what is missing and how to grant it', () => {
    const { actions, waits, blocked, applied } = plan(new ModelWorld(), [
      right('create', CONFIGURATION),
      right('patch', CONFIGURATION),
    ]);

    expect({ actions, waits, applied }).to.deep.equal({ actions: [], waits: [], applied: false });
    expect(blocked).to.deep.equal([
      {
        reason: 'LeafForbidden',
        cluster: 'rome',
        message:
          'leaf "rome" does not allow to create/patch configurations (networking.liqo.io) in namespace liqo-tenant-milan: grant it as in deploy/leaf-rbac/.',
        stalled: true,
      },
    ]);
  });

  it('still says which side listens, and that everything is in place where it is', () => {
    const { server, applied, actions, blocked } = plan(connected(), [right('patch', PUBLIC_KEY)]);

    expect({ server, applied, actions }).to.deep.equal({
      server: 'milan',
      applied: true,
      actions: [],
    });
    expect(blocked.map(({ reason }) => reason)).to.deep.equal(['LeafForbidden']);
  });

  it('says first what a wish that cannot be carried out anyway suffers from', () => {
    const world = connected();
    const another = aShortcut({ ...SHORTCUT, metadata: { uid: 'another' } });
    const sides = world.observe(SHORTCUT) as readonly KnownSide[];
    const [first, second] = sides.map((side) => ({
      ...side,
      missingRights: [right('patch', PUBLIC_KEY)],
    }));

    const { blocked } = planShortcut({
      shortcut: another,
      sides: [first!, second!],
      installation: 'another',
    });

    expect(blocked.map(({ reason }) => reason)).not.to.include('LeafForbidden');
  });

  describe('when the Shortcut goes', () => {
    const going = aShortcut({ spec: { server: 'milan' }, ...GONE });

    it('cleans up the other leaf, and says what stands in the way on this one', () => {
      const { actions, blocked, finished } = plan(
        connected(),
        [right('delete', CONFIGURATION), right('patch', CONFIGURATION)],
        going,
      );

      expect(new Set(actions.map(({ cluster }) => cluster))).to.deep.equal(new Set(['milan']));
      expect(finished).to.be.false;
      expect(blocked).to.have.lengthOf(1);
      expect(blocked[0]).to.include({ reason: 'DeletionBlocked', cluster: 'rome' });
      expect(blocked[0]?.message).to.include('LeafForbidden').and.include('delete configurations');
      expect(blocked[0]?.message).not.to.include('patch');
    });

    const unneeded: readonly (readonly [string, Right])[] = [
      ['to create', right('create', CONFIGURATION)],
      ['to patch', right('patch', GATEWAY_CLIENT)],
      ['to delete what is not there', right('delete', GATEWAY_SERVER)],
      ['to see', right('watch', CONNECTION)],
    ];
    for (const [what, missing] of unneeded) {
      it(`needs no right ${what}`, () => {
        const { actions, blocked } = plan(connected(), [missing], going);

        expect(blocked).to.deep.equal([]);
        expect(actions.map(({ cluster }) => cluster)).to.include('rome');
      });
    }

    it('needs the right to patch where it only lets go', () => {
      const orphan = aShortcut({ spec: { server: 'milan', deletionPolicy: 'Orphan' }, ...GONE });

      const held = plan(connected(), [right('patch', CONFIGURATION)], orphan);
      const free = plan(connected(), [right('delete', CONFIGURATION)], orphan);

      expect(held.blocked.map(({ cluster }) => cluster)).to.deep.equal(['rome']);
      expect(free.blocked).to.deep.equal([]);
    });

    it('is not held up where nothing of ours is left', () => {
      const { blocked, finished } = plan(new ModelWorld(), [right('delete', CONFIGURATION)], going);

      expect({ blocked, finished }).to.deep.equal({ blocked: [], finished: true });
    });
  });
});
