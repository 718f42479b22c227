import { expect } from 'chai';
import fc from 'fast-check';
import { foresee, type Foresight } from '../../src/plan/foresee.ts';
import type { Shortcut, ShortcutSpec } from '../../src/model/shortcut.ts';
import { aKnownSide, anUnknownSide } from '../support/builders/a-known-side.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';

const rome = aKnownSide();
const milan = aKnownSide({ cluster: 'milan' });

function look(shortcut: Shortcut, world: ModelWorld): Foresight {
  return foresee({ shortcut, sides: world.observe(shortcut), installation: INSTALLATION });
}

/** `create rome GatewayServer/milan` and so on. */
function told({ objects }: Foresight): readonly string[] {
  return objects.map(
    ({ action, cluster, ref }) => `${action} ${cluster} ${ref.kind.kind}/${ref.name}`,
  );
}

/** Every object that we write, as it lies on the model leaves. */
function lying(world: ModelWorld): ReadonlyMap<string, { uid: string; text: string }> {
  const kinds = ['Namespace', 'Configuration', 'GatewayServer', 'GatewayClient', 'PublicKey'];
  return new Map(
    world.leaves.flatMap((leaf) =>
      leaf.ofKind(...kinds).map((object) => {
        const { uid = '', labels, annotations, name } = object.metadata;
        const text = JSON.stringify([object['spec'], labels, annotations]);
        return [`${leaf.cluster} ${object.kind}/${name}`, { uid, text }] as const;
      }),
    ),
  );
}

/** What really becomes of the objects, in the words of `told`. */
function happened(world: ModelWorld, shortcut: Shortcut): readonly string[] {
  const before = lying(world);
  world.run(shortcut);
  const after = lying(world);
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    if (is === undefined) return [`delete ${key}`];
    if (was === undefined) return [`create ${key}`];
    if (was.uid !== is.uid) return [`re-create ${key}`];
    return was.text === is.text ? [] : [`update ${key}`];
  });
}

const deleted = { metadata: { deletionTimestamp: '2026-11-25T12:00:00Z' } };

describe('foresee', () => {
  it('tells the whole of a new connection, not only the next writes', () => {
    const foresight = foresee({
      shortcut: aShortcut({ spec: { server: 'milan' } }),
      sides: [rome, milan],
      installation: INSTALLATION,
    });

    expect(told(foresight)).to.deep.equal([
      'create milan Configuration/rome',
      'create milan GatewayServer/rome',
      'create milan Namespace/liqo-tenant-rome',
      'create milan PublicKey/rome',
      'create rome Configuration/milan',
      'create rome GatewayClient/milan',
      'create rome Namespace/liqo-tenant-milan',
      'create rome PublicKey/milan',
    ]);
    expect(foresight.first.actions).to.have.lengthOf(2);
    expect(foresight.last).to.deep.include({ applied: true, actions: [], waits: [], blocked: [] });
  });

  it('tells nothing of a connection that is as it should be', () => {
    const world = new ModelWorld();
    const shortcut = aShortcut();
    world.run(shortcut);

    expect(told(look(shortcut, world))).to.deep.equal([]);
  });

  it('tells nothing of a leaf that cannot be seen', () => {
    const { objects, last } = foresee({
      shortcut: aShortcut(),
      sides: [rome, anUnknownSide()],
      installation: INSTALLATION,
    });

    expect(objects).to.deep.equal([]);
    expect(last.blocked).to.have.lengthOf(1);
  });

  const specs: readonly Partial<ShortcutSpec>[] = [
    {},
    { server: 'rome' },
    { server: 'milan' },
    { gateway: { mtu: 1400 } },
    { gateway: { port: 51999 } },
    { gateway: { serviceType: 'NodePort' } },
    { gateway: { serviceType: 'NodePort', nodePort: 31234 } },
    { gateway: { serviceType: 'ClusterIP' } },
    { gateway: { loadBalancerIP: '203.0.113.7' } },
    { gateway: { serviceAnnotations: { a: 'b' } } },
    { gateway: { clientEndpoint: { address: 'vpn.example', port: 51840 } } },
    { suspend: true },
    { deletionPolicy: 'Orphan' },
  ];

  it('tells what then really becomes of every object, through any changes', () => {
    const fates = fc.array(
      fc.record({
        spec: fc.constantFrom(...specs),
        isGone: fc.boolean(),
        pod: fc.constantFrom(['10.200.0.0/16'], ['10.201.0.0/16']),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(fates, fc.constantFrom('v1.1.2', 'v1.2.0'), (changes, version) => {
        const options = { version, givesNewAddresses: true };
        const world = new ModelWorld(options, options);
        for (const { spec, isGone, pod } of changes) {
          world.rome.pod = pod;
          const shortcut = aShortcut({ spec, ...(isGone && deleted) });
          const foreseen = told(look(shortcut, world));

          expect(foreseen.toSorted(), JSON.stringify(spec)).to.deep.equal(
            happened(world, shortcut).toSorted(),
          );
        }
      }),
      { numRuns: 100 },
    );
  });
});
