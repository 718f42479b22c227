import { expect } from 'chai';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { KnownSide } from '../../src/plan/observation.ts';
import { planShortcut } from '../../src/plan/plan-shortcut.ts';
import { anUnknownSide } from '../support/builders/a-known-side.ts';
import { aShortcut, type ShortcutOverrides } from '../support/builders/a-shortcut.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';

const SHORTCUT = aShortcut({ spec: { server: 'milan' } });

function deleted({ spec, metadata }: ShortcutOverrides = {}): ReturnType<typeof aShortcut> {
  return aShortcut({
    spec: { server: 'milan', ...spec },
    metadata: { deletionTimestamp: '2026-11-23T00:00:00Z', ...metadata },
  });
}

function connected(): ModelWorld {
  const world = new ModelWorld();
  world.run(SHORTCUT);
  return world;
}

function lines({ actions }: Plan): readonly string[] {
  return actions.map(({ kind, cluster, ref }) => `${kind} ${cluster} ${ref.kind.kind}`);
}

describe('planShortcut for a Shortcut that goes', () => {
  it('takes all away in order, on both sides at once: gateways, Configurations, namespaces', () => {
    const world = connected();
    const done: (readonly string[])[] = [];
    let plan = world.pass(deleted());
    for (; !plan.finished; plan = world.pass(deleted())) {
      done.push(lines(plan));
      world.breathe();
    }

    expect(done).to.deep.equal([
      ['delete milan GatewayServer', 'delete rome GatewayClient'],
      ['delete milan Configuration', 'delete rome Configuration'],
      ['delete milan Namespace', 'delete rome Namespace'],
    ]);
    expect(plan).to.deep.include({ actions: [], waits: [], blocked: [], serverReason: '' });
  });

  it('waits for what the gateways leave before it takes the Configurations', () => {
    const world = connected();
    world.pass(deleted());

    const { actions, waits } = world.plan(deleted());

    expect(actions).to.be.empty;
    expect(
      waits
        .filter(({ cluster }) => cluster === 'milan')
        .map(({ message }) =>
          message.replace(
            ': its owner is gone, so the garbage collector takes it; if it stays, see that kube-controller-manager runs there, or delete it',
            '',
          ),
        ),
    ).to.deep.equal([
      'Connection/liqo-tenant-rome/gw-rome on "milan": waiting for it to be gone',
      'PublicKey/liqo-tenant-rome/rome on "milan": waiting for it to be gone',
      'WgGatewayServer/liqo-tenant-rome/rome on "milan": waiting for it to be gone',
    ]);
  });

  it('waits for the Networks before it takes the namespaces', () => {
    const world = connected();
    world.pass(deleted());
    world.breathe();
    world.pass(deleted());

    const { actions, waits } = world.plan(deleted());

    expect(actions).to.be.empty;
    expect(waits.map(({ reason }) => reason)).to.deep.equal(['Draining', 'Draining']);
  });

  it('deletes by UID, and the namespace only where the leaf lets it', () => {
    const world = connected();
    const [tenant] = world.rome.ofKind('Namespace');
    for (let pass = 0; pass < 2; pass += 1) {
      world.pass(deleted());
      world.breathe();
    }

    const plan = world.plan(deleted());

    expect(plan.actions[1]).to.deep.include({
      kind: 'delete',
      optional: true,
      uid: tenant?.metadata.uid,
    });
    const leftBehind = new Set([
      'milan/Namespace/liqo-tenant-rome',
      'rome/Namespace/liqo-tenant-milan',
    ]);
    const sides = world.observe(SHORTCUT);
    const input = { shortcut: deleted(), sides, installation: INSTALLATION };
    expect(planShortcut({ ...input, leftBehind }).finished).to.be.true;
  });

  it('deletes a PublicKey itself where no gateway of ours takes it along', () => {
    const world = connected();
    const [key] = world.milan.ofKind('PublicKey');
    world.milan.edit(key!, { metadata: { ownerReferences: null } });

    expect(lines(world.plan(deleted()))).to.include('delete milan PublicKey');
  });

  it('waits for a namespace that is going', () => {
    const world = connected();
    for (let pass = 0; pass < 2; pass += 1) {
      world.pass(deleted());
      world.breathe();
    }
    for (const leaf of world.leaves) {
      const [tenant] = leaf.ofKind('Namespace');
      leaf.edit(tenant!, { metadata: { deletionTimestamp: '2026-11-23T00:00:00Z' } });
    }

    const { actions, waits, finished } = world.plan(deleted());

    expect(actions).to.be.empty;
    expect(waits).to.have.length(2);
    expect(finished).to.be.false;
  });

  describe('leaves the namespace where it', () => {
    const cleaned = (change: (side: KnownSide) => Partial<KnownSide>): Plan => {
      const world = connected();
      for (let pass = 0; pass < 2; pass += 1) {
        world.pass(deleted());
        world.breathe();
      }
      const [rome, milan] = world.observe(SHORTCUT);
      return planShortcut({
        shortcut: deleted(),
        sides: [
          { ...rome, ...change(rome) },
          { ...milan, ...change(milan) },
        ],
        installation: INSTALLATION,
      });
    };
    const stranger = (namespace: string): KubeObject => ({
      apiVersion: 'networking.liqo.io/v1beta1',
      kind: 'Configuration',
      metadata: { name: 'theirs', namespace },
    });

    it('serves a peering of another kind', () => {
      expect(cleaned(() => ({ otherUseOfTenant: 'peering' })).finished).to.be.true;
    });

    it('may not be asked about', () => {
      expect(cleaned(() => ({ otherUseOfTenant: 'forbidden' })).finished).to.be.true;
    });

    it('holds something else', () => {
      const plan = cleaned(({ tenantNamespaces }) => ({
        strangers: tenantNamespaces.map(({ metadata }) => stranger(metadata.name)),
      }));

      expect(plan).to.deep.include({ actions: [], finished: true });
    });

    it('was there before', () => {
      const world = new ModelWorld();
      const labels = { 'liqo.io/remote-cluster-id': 'milan', 'liqo.io/tenant-namespace': 'true' };
      world.rome.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine', labels } });
      world.run(SHORTCUT);

      world.run(deleted());

      expect(world.rome.ofKind('Namespace').map(({ metadata }) => metadata.name)).to.deep.equal([
        'mine',
      ]);
    });
  });

  it('is not finished before it is known whether the namespace serves anything else', () => {
    const world = connected();
    for (let pass = 0; pass < 2; pass += 1) {
      world.pass(deleted());
      world.breathe();
    }
    const [rome, milan] = world.observe(SHORTCUT);

    const { actions, waits, finished } = planShortcut({
      shortcut: deleted(),
      sides: [{ ...rome, otherUseOfTenant: 'unread' }, milan],
      installation: INSTALLATION,
    });

    expect(actions.map(({ cluster, kind }) => `${kind} on ${cluster}`)).to.deep.equal([
      'delete on milan',
    ]);
    expect(waits).to.deep.equal([
      {
        cluster: 'rome',
        reason: 'Draining',
        message:
          'Namespace/liqo-tenant-milan on "rome": waiting to see that Liqo uses it for nothing else',
        isUnwatched: true,
      },
    ]);
    expect(finished).to.be.false;
  });

  it('leaves a foreign connection for the pair alone, and is done at once', () => {
    const world = connected();
    for (const leaf of world.leaves) {
      for (const object of leaf.ofKind('Namespace', 'Configuration', 'GatewayServer')) {
        leaf.edit(object, { metadata: { labels: { 'shortcuts.liqo.io/installation': 'other' } } });
      }
      const released = {
        labels: { 'shortcuts.liqo.io/installation': null },
        annotations: { 'shortcuts.liqo.io/owner': null },
      };
      for (const object of leaf.ofKind('GatewayClient', 'PublicKey')) {
        leaf.edit(object, { metadata: released });
      }
    }

    expect(world.plan(deleted())).to.deep.include({ actions: [], waits: [], finished: true });
  });

  it('takes what names this Shortcut as its owner, though somebody took the labels away', () => {
    const world = connected();
    const labels = {
      'app.kubernetes.io/managed-by': null,
      'shortcuts.liqo.io/installation': null,
      'shortcuts.liqo.io/shortcut': null,
    };
    for (const leaf of world.leaves) {
      for (const object of [...leaf.objects.values()]) leaf.edit(object, { metadata: { labels } });
    }

    let plan = world.pass(deleted());
    for (; !plan.finished; plan = world.pass(deleted())) world.breathe();

    for (const leaf of world.leaves) expect([...leaf.objects.keys()]).to.deep.equal([]);
  });

  it('lets go of everything but the tunnel itself, where deletionPolicy is Orphan', () => {
    const world = connected();
    const orphan = deleted({ spec: { deletionPolicy: 'Orphan' } });

    const plan = world.pass(orphan);

    expect(plan.actions.map(({ kind }) => kind)).to.deep.equal(Array(8).fill('patch'));
    expect(world.plan(orphan).finished).to.be.true;
    expect(world.own(SHORTCUT)).to.be.empty;
    expect(world.milan.ofKind('Connection')[0]?.['status']).to.deep.equal({ value: 'Connected' });
    const annotations = world.milan.ofKind('PublicKey')[0]?.metadata.annotations;
    expect(annotations).to.deep.equal({});
  });

  it('is done at once for a duplicate: what is there is the older one’s', () => {
    const world = connected();

    const plan = planShortcut({
      shortcut: deleted(),
      sides: world.observe(SHORTCUT),
      installation: INSTALLATION,
      duplicateOf: 'liqo-shortcuts/other',
    });

    expect(plan).to.deep.include({ actions: [], finished: true });
  });

  for (const deletionPolicy of ['Disconnect', 'Orphan'] as const) {
    it(`holds everything while the deletion is nobody’s wish, with the policy ${deletionPolicy}`, () => {
      const shortcut = deleted({ spec: { deletionPolicy } });
      const sides = connected().observe(shortcut);
      const deletionHold = 'The namespace goes.';

      const plan = planShortcut({ shortcut, sides, installation: INSTALLATION, deletionHold });

      expect(plan).to.deep.include({
        ...{ actions: [], waits: [], finished: false },
        blocked: [{ reason: 'DeletionBlocked', message: deletionHold, stalled: true }],
      });
    });
  }

  it('holds everything while suspended', () => {
    const world = connected();
    const plan = world.plan(deleted({ spec: { suspend: true } }));
    const empty = new ModelWorld().plan(deleted({ spec: { suspend: true } }));

    for (const one of [plan, empty]) {
      expect(one).to.deep.include({ actions: [], finished: false });
      expect(one.blocked[0]).to.include({ reason: 'Suspended' });
      expect(one.blocked[0]?.message).to.match(/deletion is held/);
    }
  });

  describe('with a leaf that cannot be seen', () => {
    const plan = (annotations: Record<string, string> = {}, world = connected()): Plan =>
      planShortcut({
        shortcut: deleted({ metadata: { annotations } }),
        sides: [anUnknownSide(), world.observe(SHORTCUT)[0]],
        installation: INSTALLATION,
      });

    it('cleans the other up, and says how to finish without it', () => {
      const { actions, blocked, finished } = plan();

      expect(actions.map(({ cluster }) => cluster)).to.deep.equal(['rome']);
      expect(finished).to.be.false;
      expect(blocked).to.deep.equal([
        {
          reason: 'DeletionBlocked',
          cluster: 'milan',
          message:
            'Leaf "milan" cannot be cleaned up (LeafUnreachable: no answer from the API server of "milan"); to finish without it, set the annotation shortcuts.liqo.io/forget-leaf: milan.',
          stalled: false,
        },
      ]);
    });

    it('is not done although nothing of ours can be seen', () => {
      expect(plan({}, new ModelWorld()).finished).to.be.false;
    });

    for (const forget of ['milan', 'naples, milan']) {
      it(`finishes without it where forget-leaf says "${forget}"`, () => {
        const annotations = { 'shortcuts.liqo.io/forget-leaf': forget };

        expect(plan(annotations).blocked).to.be.empty;
        expect(plan(annotations, new ModelWorld()).finished).to.be.true;
      });
    }
  });
});
