import { expect } from 'chai';
import fc from 'fast-check';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { Action } from '../../src/model/plan.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import type { KnownSide, SideObservation } from '../../src/plan/observation.ts';
import { type Identity, isOurs } from '../../src/plan/ownership.ts';
import { planShortcut } from '../../src/plan/plan-shortcut.ts';
import { anUnknownSide } from '../support/builders/a-known-side.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import type { ModelLeaf } from '../support/model-leaf.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';

const gateways = fc.record(
  {
    mtu: fc.constantFrom(1280, 1340, 1450),
    serviceType: fc.constantFrom('NodePort' as const, 'ClusterIP' as const),
    port: fc.constantFrom(51840, 51841),
    serverTemplate: fc.constant({ name: 'other-server', namespace: 'liqo' }),
    clientTemplate: fc.constant({ name: 'other-client', namespace: 'liqo' }),
  },
  { requiredKeys: [] },
);

const specs = fc.record(
  {
    server: fc.constantFrom('auto', 'rome', 'milan'),
    gateway: gateways,
  },
  { requiredKeys: [] },
);

const shortcuts = specs.map((spec) => aShortcut({ spec }));

const leaves = fc.record({
  version: fc.constantFrom('v1.0.3', 'v1.1.2', 'v1.2.0'),
  pod: fc.constantFrom(['10.200.0.0/16'], ['10.203.0.0/16'], ['10.1.0.0/16', '10.2.0.0/16']),
});

const worlds = fc.tuple(leaves, leaves).map(([rome, milan]) => new ModelWorld(rome, milan));

function deleted(shortcut: Shortcut): Shortcut {
  return {
    ...shortcut,
    metadata: { ...shortcut.metadata, deletionTimestamp: '2026-11-23T00:00:00Z' },
  };
}

/** Objects of a world, without what changes with every write. */
function picture(world: ModelWorld): readonly string[] {
  return world.leaves
    .flatMap((leaf) => [...leaf.objects.values()].map((object) => [leaf.cluster, object] as const))
    .filter(([, { kind }]) => !['Network', 'Connection'].includes(kind))
    .map(([cluster, { kind, metadata, spec }]) =>
      JSON.stringify([cluster, kind, metadata.namespace, metadata.name, spec]),
    )
    .toSorted();
}

function expectConnected(world: ModelWorld, shortcut: Shortcut): void {
  const plan = world.run(shortcut);

  expect(plan).to.deep.include({ actions: [], waits: [], blocked: [], applied: true });
  for (const leaf of world.leaves) {
    const [connection, ...others] = leaf.ofKind('Connection');
    expect(others).to.be.empty;
    expect(connection?.['status']).to.deep.equal({ value: 'Connected' });
  }
}

/** Something that happens to an object of ours between two passes. */
const mishaps = fc.array(
  fc.record({
    leaf: fc.constantFrom('rome' as const, 'milan' as const),
    object: fc.nat({ max: 12 }),
    kind: fc.constantFrom('delete', 'edit', 'surplus', 'label', 'secret'),
  }),
  { maxLength: 6 },
);

type Mishap = typeof mishaps extends fc.Arbitrary<(infer One)[]> ? One : never;

/** A world that may be anywhere on its way, with a Shortcut that may be on its way out. */
const scenes = fc
  .record({
    world: worlds,
    wish: shortcuts,
    passes: fc.nat({ max: 8 }),
    isDeleting: fc.boolean(),
    mishaps,
  })
  .map(({ world, wish, passes, isDeleting, mishaps: all }) => {
    for (let pass = 0; pass < passes; pass += 1) {
      world.pass(wish);
      world.breathe();
    }
    return { world, mishaps: all, shortcut: isDeleting ? deleted(wish) : wish };
  });

const WRITTEN = ['Namespace', 'Configuration', 'GatewayServer', 'GatewayClient', 'PublicKey'];

function befall(world: ModelWorld, { leaf, object, kind }: Mishap): void {
  if (kind === 'secret') world[leaf].secrets.clear();
  const objects = world[leaf].ofKind(...WRITTEN);
  const victim = objects[object % Math.max(objects.length, 1)];
  if (victim === undefined) return;
  if (kind === 'delete') {
    world[leaf].remove(victim);
    if (victim.kind === 'Namespace') world[leaf].secrets.clear();
  } else if (kind === 'edit' && victim.kind !== 'Namespace') {
    world[leaf].edit(victim, damage(victim));
  } else if (kind === 'surplus' && victim.kind === 'GatewayServer') {
    world[leaf].edit(victim, { spec: { serviceLabels: { team: 'x' } } });
  } else if (kind === 'label') {
    world[leaf].edit(victim, { metadata: { labels: { 'liqo.io/remote-cluster-id': null } } });
  }
}

function damage({ kind }: KubeObject): Record<string, unknown> {
  switch (kind) {
    case 'Configuration':
      return { spec: { remote: { cidr: { pod: ['10.9.0.0/16'] } } } };
    case 'PublicKey':
      return { spec: { publicKey: 'AAAA' } };
    default:
      return { spec: { mtu: 999 } };
  }
}

describe('planShortcut, always', () => {
  it('ends quiet: once the plans are carried out there is nothing left to plan', () => {
    fc.assert(
      fc.property(worlds, shortcuts, (world, shortcut) => expectConnected(world, shortcut)),
    );
  });

  it('needs eight writes for a new connection, and none after that', () => {
    fc.assert(
      fc.property(worlds, shortcuts, (world, shortcut) => {
        world.run(shortcut);
        expect(world.writes).to.equal(8);

        world.run(shortcut);
        expect(world.writes).to.equal(8);
      }),
    );
  });

  it('resumes from any partial state, and puts back what others changed', () => {
    fc.assert(
      fc.property(
        worlds,
        shortcuts,
        fc.nat({ max: 8 }),
        mishaps,
        (world, shortcut, passes, all) => {
          for (let pass = 0; pass < passes; pass += 1) {
            world.pass(shortcut);
            if (pass % 2 === 0) world.breathe();
          }
          for (const mishap of all) befall(world, mishap);

          expectConnected(world, shortcut);
        },
      ),
    );
  });

  it('gets there in whatever order the leaves catch up', () => {
    const events = fc.array(
      fc.tuple(
        fc.constantFrom('rome' as const, 'milan' as const),
        fc.constantFrom('collect' as const, 'collectSecrets' as const, 'settle' as const),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(worlds, shortcuts, shortcuts, events, (world, shortcut, changed, order) => {
        for (const [index, [leaf, event]] of order.entries()) {
          world.pass(index < order.length / 2 ? shortcut : changed);
          world[leaf][event]();
        }

        expectConnected(world, changed);
      }),
    );
  });

  it('gets from any wish to any other, and to the very state that the other alone leads to', () => {
    fc.assert(
      fc.property(leaves, leaves, shortcuts, specs, (rome, milan, shortcut, spec) => {
        const world = new ModelWorld(rome, milan);
        expectConnected(world, shortcut);
        const changed = aShortcut({ spec });
        expectConnected(world, changed);

        const server = world.plans.at(-1)?.server ?? 'auto';
        const fresh = new ModelWorld(rome, milan);
        fresh.run(aShortcut({ spec: { ...spec, server } }));
        const names = (w: ModelWorld): readonly unknown[] =>
          picture(w).map((line) => line.replaceAll(/"publicKey":"[^"]*"/g, ''));
        expect(names(world)).to.deep.equal(names(fresh));
      }),
    );
  });

  it('follows a change of the CIDRs on either side, whatever the versions', () => {
    fc.assert(
      fc.property(worlds, shortcuts, leaves, (world, shortcut, { pod }) => {
        expectConnected(world, shortcut);
        world.rome.pod = pod;
        expectConnected(world, shortcut);

        const [configuration] = world.milan.ofKind('Configuration');
        expect(configuration).to.have.nested.property(
          'status.remote.cidr.pod[0]',
          pod[0],
          'Liqo has to have looked at the change',
        );
      }),
    );
  });

  it('never has a server and a client on one leaf', () => {
    fc.assert(
      fc.property(worlds, shortcuts, shortcuts, mishaps, (world, shortcut, changed, all) => {
        const expectOneGateway = (): void => {
          for (const leaf of world.leaves) {
            expect(leaf.ofKind('GatewayServer', 'GatewayClient').length).to.be.at.most(1);
          }
        };
        for (const wish of [shortcut, changed, shortcut]) {
          for (let pass = 0; pass < 12; pass += 1) {
            world.pass(wish);
            expectOneGateway();
            world.breathe();
          }
          for (const mishap of all) befall(world, mishap);
        }
      }),
    );
  });

  it('leaves nothing of ours behind when the Shortcut goes, from any state', () => {
    fc.assert(
      fc.property(
        worlds,
        shortcuts,
        fc.nat({ max: 8 }),
        mishaps,
        (world, shortcut, passes, all) => {
          for (let pass = 0; pass < passes; pass += 1) {
            world.pass(shortcut);
            world.breathe();
          }
          for (const mishap of all) befall(world, mishap);

          const plan = world.run(deleted(shortcut));

          expect(plan.finished).to.be.true;
          expect(world.own(shortcut)).to.be.empty;
          expect(world.leaves.flatMap((leaf) => [...leaf.objects.keys()])).to.be.empty;
        },
      ),
    );
  });

  it('is never silent: it acts, waits for something, is blocked by something, or is done', () => {
    const catchingUp = fc.constantFrom(
      'collect' as const,
      'collectSecrets' as const,
      'settle' as const,
      'none' as const,
    );
    fc.assert(
      fc.property(scenes, shortcuts, leaves, catchingUp, (scene, changed, { pod }, event) => {
        const { world, shortcut, mishaps: all } = scene;
        for (const mishap of all) befall(world, mishap);
        world.rome.pod = pod;
        const wish = { ...shortcut, spec: changed.spec };
        world.pass(wish);
        if (event !== 'none') for (const leaf of world.leaves) leaf[event]();

        const { actions, waits, blocked, applied, finished } = world.plan(wish);

        const isSilent = actions.length === 0 && waits.length === 0 && blocked.length === 0;
        expect(isSilent && !applied && !finished).to.be.false;
      }),
    );
  });

  it('plans neither a deletion nor anything else on a leaf that cannot be seen', () => {
    fc.assert(
      fc.property(scenes, ({ world, shortcut }) => {
        const [rome] = world.observe(shortcut);

        const plan = planShortcut({
          shortcut,
          sides: [rome, anUnknownSide()],
          installation: INSTALLATION,
        });

        expect(plan.actions.filter(({ cluster }) => cluster === 'milan')).to.be.empty;
        expect(plan.finished).to.be.false;
        expect(plan.blocked).not.to.be.empty;
        if (shortcut.metadata.deletionTimestamp === undefined) expect(plan.actions).to.be.empty;
      }),
    );
  });

  it('touches nothing that is not ours', () => {
    const victims = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(scenes, victims, ({ world, shortcut }, given) => {
        for (const index of given) disown(world.leaves[index % 2]!, index);

        for (let pass = 0; pass < 6; pass += 1) {
          const sides = world.observe(shortcut);
          const { actions } = world.pass(shortcut);
          for (const action of actions) expectOurs(sides, action, world.identity(shortcut));
          world.breathe();
        }
      }),
    );
  });

  it('does not depend on the order of its input', () => {
    fc.assert(
      fc.property(scenes, ({ world, shortcut, mishaps: all }) => {
        for (const mishap of all) befall(world, mishap);
        const [a, b] = world.observe(shortcut);

        const plan = (sides: readonly [SideObservation, SideObservation]): string =>
          JSON.stringify(planShortcut({ shortcut, sides, installation: INSTALLATION }));

        expect(plan([reversed(b), reversed(a)])).to.equal(plan([a, b]));
      }),
    );
  });
});

function reversed(side: KnownSide): KnownSide {
  return Object.fromEntries(
    Object.entries(side).map(([key, value]: [string, unknown]) => [
      key,
      Array.isArray(value) ? value.toReversed() : value,
    ]),
  ) as unknown as KnownSide;
}

/** Makes an object somebody else's. */
function disown(leaf: ModelLeaf, index: number): void {
  const objects = leaf.ofKind(...WRITTEN);
  const object = objects[index % Math.max(objects.length, 1)];
  if (object === undefined) return;
  leaf.edit(object, {
    metadata: { labels: { 'app.kubernetes.io/managed-by': index % 3 === 0 ? 'Helm' : null } },
  });
}

function expectOurs(
  sides: readonly KnownSide[],
  { cluster, ref, kind }: Action,
  identity: Identity,
): void {
  const side = sides.find((one) => one.cluster === cluster)!;
  const target = [...side.tenantNamespaces, ...side.configurations, ...side.gatewayServers]
    .concat(side.gatewayClients, side.publicKeys, side.strangers)
    .find((one) => one.kind === ref.kind.kind && one.metadata.name === ref.name);
  if (target === undefined) expect(kind, 'only what is not there is made').to.equal('apply');
  else expect(isOurs(target, identity), `${kind} ${cluster} ${ref.name}`).to.be.true;
}
