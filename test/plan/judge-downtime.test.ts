import { expect } from 'chai';
import { foresee } from '../../src/plan/foresee.ts';
import { type DowntimeClass, judgeDowntime } from '../../src/plan/judge-downtime.ts';
import type { Shortcut, ShortcutSpec } from '../../src/model/shortcut.ts';
import { anUnknownSide } from '../support/builders/a-known-side.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';

interface Case {
  readonly field: string;
  readonly from?: Partial<ShortcutSpec>;
  readonly to: Partial<ShortcutSpec>;
  readonly want: DowntimeClass;
  readonly why: string;
}

const milan: Partial<ShortcutSpec> = { server: 'milan' };
const nodePort: Partial<ShortcutSpec> = { ...milan, gateway: { serviceType: 'NodePort' } };

/** What each field of a Shortcut does to a connection that runs. */
const CASES: readonly Case[] = [
  { field: 'server', from: milan, to: { server: 'rome' }, want: 're-created', why: 'role' },
  { field: 'server, to auto', from: milan, to: { server: 'auto' }, want: 'none', why: 'Nothing' },
  { field: 'gateway.mtu', to: { gateway: { mtu: 1400 } }, want: 're-handshake', why: 'spec.mtu' },
  {
    field: 'gateway.port',
    to: { gateway: { port: 51999 } },
    want: 're-handshake',
    why: 'spec.endpoint.port',
  },
  {
    field: 'gateway.serviceType',
    to: { gateway: { serviceType: 'NodePort' } },
    want: 're-handshake',
    why: 'GatewayClient on "rome"',
  },
  {
    field: 'gateway.nodePort',
    from: nodePort,
    to: { gateway: { serviceType: 'NodePort', nodePort: 31234 } },
    want: 're-handshake',
    why: 'spec.endpoint.port of GatewayClient on "rome"',
  },
  {
    field: 'gateway.nodePort, taken out',
    from: { gateway: { serviceType: 'NodePort', nodePort: 31234 } },
    to: nodePort,
    want: 'none',
    why: 'Nothing',
  },
  {
    field: 'gateway.loadBalancerIP',
    to: { gateway: { loadBalancerIP: '203.0.113.7' } },
    want: 're-handshake',
    why: 'GatewayClient on "rome"',
  },
  {
    field: 'gateway.serviceAnnotations',
    to: { gateway: { serviceAnnotations: { a: 'b' } } },
    want: 'none',
    why: 'Nothing',
  },
  {
    field: 'gateway.clientEndpoint',
    to: { gateway: { clientEndpoint: { address: 'vpn.example', port: 4500 } } },
    want: 're-handshake',
    why: 'GatewayClient on "rome"',
  },
  {
    field: 'gateway.serverTemplate',
    to: { gateway: { serverTemplate: { name: 'other', namespace: 'liqo' } } },
    want: 'none',
    why: 'Nothing',
  },
  {
    field: 'gateway.clientTemplate',
    to: { gateway: { clientTemplate: { name: 'other', namespace: 'liqo' } } },
    want: 'none',
    why: 'Nothing',
  },
  { field: 'suspend', to: { suspend: true }, want: 'none', why: 'suspended' },
  { field: 'deletionPolicy', to: { deletionPolicy: 'Orphan' }, want: 'none', why: 'Nothing' },
  { field: 'nothing', to: milan, want: 'none', why: 'Nothing' },
];

function running(spec: Partial<ShortcutSpec> = milan): ModelWorld {
  const options = { givesNewAddresses: true };
  const world = new ModelWorld(options, options);
  world.run(aShortcut({ spec }));
  return world;
}

function judge(world: ModelWorld, shortcut: Shortcut) {
  const input = { shortcut, sides: world.observe(shortcut), installation: INSTALLATION };
  return judgeDowntime(input, foresee(input));
}

describe('judgeDowntime', () => {
  for (const { field, from, to, want, why } of CASES) {
    it(`says ${want} of a change of ${field}`, () => {
      const downtime = judge(running(from), aShortcut({ spec: { ...milan, ...to } }));

      expect(downtime.class).to.equal(want);
      expect(downtime.reason).to.include(why);
    });
  }

  it('says none of a new connection', () => {
    expect(judge(new ModelWorld(), aShortcut())).to.deep.equal({
      class: 'none',
      reason: 'It is new: nothing runs yet.',
    });
  });

  describe('of the end of a connection', () => {
    const metadata = { deletionTimestamp: '2026-11-25T12:00:00Z' };

    it('says that it ends', () => {
      expect(judge(running(), aShortcut({ metadata })).class).to.equal('ends');
    });

    it('says none where it is given up', () => {
      const downtime = judge(
        running(),
        aShortcut({ metadata, spec: { deletionPolicy: 'Orphan' } }),
      );

      expect(downtime).to.include({ class: 'none' });
      expect(downtime.reason).to.include('Orphan');
    });

    it('says none where there is no gateway', () => {
      expect(judge(new ModelWorld(), aShortcut({ metadata })).class).to.equal('none');
    });
  });

  it('says that a key Secret that is gone takes a new gateway', () => {
    const world = running();
    world.milan.secrets.clear();

    const { class: found, reason } = judge(world, aShortcut({ spec: milan }));

    expect(found).to.equal('re-created');
    expect(reason).to.include('key Secret is lost');
  });

  it('says that another key of the peer takes a new handshake', () => {
    const world = running();
    const [key] = world.rome.ofKind('PublicKey');
    world.rome.edit(key!, { spec: { publicKey: 'AAAA' } });

    expect(judge(world, aShortcut({ spec: milan }))).to.deep.equal({
      class: 're-handshake',
      reason:
        'spec.publicKey of PublicKey on "rome" changes: the gateway gets another key of its peer.',
    });
  });

  it('does not know of a leaf that cannot be seen', () => {
    const world = running();
    const shortcut = aShortcut({ spec: milan });
    const [rome] = world.observe(shortcut);
    const input = {
      shortcut,
      sides: [rome, anUnknownSide()] as const,
      installation: INSTALLATION,
    };

    expect(judgeDowntime(input, foresee(input))).to.deep.equal({
      class: 'unknown',
      reason: '"milan" cannot be seen.',
    });
  });
});
