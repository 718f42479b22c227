import { expect } from 'chai';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { foreignWorld, uidsOf } from '../support/foreign-world.ts';
import type { ModelWorld } from '../support/model-world.ts';

const SPEC: Partial<ShortcutSpec> = { gateway: { serviceType: 'NodePort' } };

function adopting(spec: Partial<ShortcutSpec> = SPEC): ReturnType<typeof aShortcut> {
  return aShortcut({ spec, metadata: { annotations: { 'shortcuts.liqo.io/adopt': 'true' } } });
}

function made({ version = 'v1.2.0' } = {}): ModelWorld {
  return foreignWorld(SPEC.gateway ?? {}, version);
}

describe('adoption', () => {
  it('is not done without being asked for', () => {
    const { actions, blocked } = made().plan(aShortcut({ spec: SPEC }));

    expect(actions).to.be.empty;
    expect(blocked.map(({ reason }) => reason)).to.deep.equal([
      'ForeignConnection',
      'ForeignConnection',
    ]);
  });

  it('takes over in place: the same objects, the same server, and the namespaces stay theirs', () => {
    const world = made();
    const before = uidsOf(world);

    const plan = world.run(adopting());

    expect(plan).to.deep.include({ applied: true, server: 'rome' });
    expect(uidsOf(world)).to.deep.equal(before);
    expect(world.writes).to.equal(6);
    expect(world.own(adopting())).to.have.length(6);
    expect(world.plans.every(({ actions }) => actions.every(({ kind }) => kind === 'apply'))).to.be
      .true;
  });

  it('gives the connection the values that the Shortcut wants', () => {
    const world = made();

    world.run(adopting({ gateway: { serviceType: 'NodePort', mtu: 1280 } }));

    expect(world.rome.ofKind('GatewayServer')[0]).to.have.nested.property('spec.mtu', 1280);
  });

  it('gives it another template in place: nothing is deleted for an adoption', () => {
    const world = made();
    const before = uidsOf(world);
    const serverTemplate = { name: 'other', namespace: 'liqo' };

    world.run(adopting({ gateway: { serviceType: 'NodePort', serverTemplate } }));

    expect(uidsOf(world)).to.deep.equal(before);
    expect(world.rome.ofKind('GatewayServer')[0]).to.have.nested.property(
      'spec.serverTemplateRef.name',
      'other',
    );
  });

  it('keeps names that are not the peer’s', () => {
    const world = made();
    const [configuration] = world.rome.ofKind('Configuration');
    world.rome.remove(configuration!);
    const renamed = { ...configuration!, metadata: { ...configuration!.metadata, name: 'other' } };
    world.rome.put(renamed);

    world.run(adopting());

    expect(world.rome.ofKind('Configuration').map(({ metadata }) => metadata.name)).to.deep.equal([
      'other',
    ]);
  });

  it('completes what is only half there', () => {
    const world = made();
    world.milan.remove(world.milan.ofKind('GatewayClient')[0]!);
    world.breathe();

    expect(world.run(adopting())).to.deep.include({ applied: true, server: 'rome' });
  });

  const refusals: readonly {
    readonly name: string;
    readonly change: (world: ModelWorld) => void;
    readonly spec?: Partial<ShortcutSpec>;
    readonly version?: string;
    readonly message: RegExp;
  }[] = [
    {
      name: 'another side listens than the spec says',
      change: () => undefined,
      spec: { server: 'milan' },
      message:
        /cannot be adopted: on "milan" GatewayClient rome does not fit the roles\. Set spec\.server to auto, or remove it first\.$/,
    },
    {
      name: 'one leaf has a server and a client',
      change: ({ milan }) => {
        const [client] = milan.ofKind('GatewayClient');
        milan.put({ ...client!, kind: 'GatewayServer' });
      },
      message:
        /cannot be adopted: on "milan" GatewayClient rome does not fit the roles\. Remove it first\.$/,
    },
    {
      name: 'a gateway has a key Secret of its own, which the gateway would lose with its key',
      change: ({ rome }) => {
        const [server] = rome.ofKind('GatewayServer');
        rome.edit(server!, { spec: { secretRef: { name: 'own-keys' } } });
      },
      message:
        /cannot be adopted: on "rome" GatewayServer milan has a key Secret of its own, .*\. Remove it first\.$/,
    },
    {
      name: 'its CIDRs are wrong and this Liqo cannot change them in place',
      version: 'v1.1.2',
      change: ({ milan }) => {
        const [configuration] = milan.ofKind('Configuration');
        milan.edit(configuration!, { spec: { remote: { cidr: { pod: ['10.9.0.0/16'] } } } });
      },
      message: /cannot be adopted: on "milan" Configuration rome holds other CIDRs/,
    },
  ];
  for (const { name, change, spec = SPEC, version, message } of refusals) {
    it(`is refused where ${name}`, () => {
      const world = made(version === undefined ? {} : { version });
      change(world);

      const { actions, blocked } = world.plan(adopting(spec));

      expect(actions).to.be.empty;
      expect(blocked[0]).to.include({ reason: 'ForeignConnection', stalled: true });
      expect(blocked[0]?.message).to.match(message);
    });
  }

  it('never takes what another installation of ours has made', () => {
    const world = made();
    const [configuration] = world.milan.ofKind('Configuration');
    world.milan.edit(configuration!, {
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'liqo-shortcuts' } },
    });

    const { actions, blocked } = world.plan(adopting());

    expect(actions).to.be.empty;
    expect(blocked[0]).to.include({ reason: 'OwnershipConflict', cluster: 'milan' });
  });
});
