import { expect } from 'chai';
import { tenantNamespaceName } from '../../src/liqo/labels.ts';
import type { KubeObject, ObjectMeta } from '../../src/model/kube-object.ts';
import type { Blocked } from '../../src/model/plan.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import type { SideObservation } from '../../src/plan/observation.ts';
import { type PlanInput, planShortcut } from '../../src/plan/plan-shortcut.ts';
import {
  aKnownSide,
  anOwnNetwork,
  anUnknownSide,
  ownNetworks,
} from '../support/builders/a-known-side.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { ModelWorld } from '../support/model-world.ts';

const OURS = {
  'app.kubernetes.io/managed-by': 'liqo-shortcuts',
  'shortcuts.liqo.io/installation': 'main',
  'shortcuts.liqo.io/shortcut': 'milan--rome',
};
const FOR_ROME = { 'liqo.io/remote-cluster-id': 'rome' };

function anObject(kind: string, metadata: Partial<ObjectMeta>): KubeObject {
  return {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind,
    metadata: { name: 'rome', namespace: 'liqo-tenant-rome', uid: `uid-${kind}`, ...metadata },
    spec: {},
  };
}

function aTenant(name = tenantNamespaceName('rome')): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      uid: `uid-${name}`,
      labels: { ...FOR_ROME, 'liqo.io/tenant-namespace': 'true' },
    },
  };
}

const ROME = aKnownSide();
const MILAN = aKnownSide({ cluster: 'milan', tenantNamespaces: [aTenant()] });

function plan(input: Partial<PlanInput>): ReturnType<typeof planShortcut> {
  return planShortcut({
    shortcut: aShortcut(),
    sides: [ROME, MILAN],
    installation: 'main',
    ...input,
  });
}

interface Case {
  readonly name: string;
  readonly milan?: SideObservation;
  readonly rome?: SideObservation;
  readonly spec?: Partial<ShortcutSpec>;
  readonly want: Omit<Blocked, 'message'>;
  readonly message: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'a leaf that cannot be seen, with the reason of that leaf',
    milan: anUnknownSide(),
    want: { reason: 'LeafUnreachable', cluster: 'milan', stalled: false },
    message: /^no answer from the API server of "milan"$/,
  },
  {
    name: 'two leaves with one cluster ID',
    milan: aKnownSide({ cluster: 'milan', clusterID: 'rome' }),
    want: { reason: 'ClusterIDMismatch', stalled: true },
    message:
      /^"milan" and "rome" are the same cluster, or copies: both have the cluster ID "rome"\.$/,
  },
  {
    name: 'a cluster ID that is too long for a tenant namespace',
    milan: aKnownSide({ cluster: 'milan', clusterID: 'm'.repeat(52) }),
    want: { reason: 'InvalidSpec', cluster: 'milan', stalled: true },
    message: /longer than 51 characters.*\(leaf "milan"\)\.$/,
  },
  {
    name: 'a CIDR that Liqo would take and fail on',
    rome: aKnownSide({ ownNetworks: ownNetworks({ pod: ['10.200.0.1/16'] }) }),
    want: { reason: 'InvalidSpec', cluster: 'rome', stalled: true },
    message: /^Liqo on "rome": its own CIDRs are wrong: "10\.200\.0\.1\/16" is not an IPv4 prefix/,
  },
  {
    name: 'several external CIDRs',
    milan: aKnownSide({
      cluster: 'milan',
      ownNetworks: [
        ...ownNetworks(),
        anOwnNetwork({ type: 'external-cidr', name: 'second', cidr: '10.71.0.0/16' }),
      ],
    }),
    want: { reason: 'InvalidSpec', cluster: 'milan', stalled: true },
    message: /several Networks of type external-cidr/,
  },
  {
    name: 'a Shortcut of a leaf with itself',
    spec: { clusters: ['rome', 'rome'] },
    want: { reason: 'InvalidSpec', stalled: true },
    message: /^spec\.clusters must name two different leaves\.$/,
  },
  {
    name: 'a server that is neither',
    spec: { server: 'naples' },
    want: { reason: 'InvalidSpec', stalled: true },
    message: /^spec\.server must be auto or one of spec\.clusters\.$/,
  },
  ...(
    [
      [{ mtu: 575 }, 'mtu'],
      [{ mtu: 9001 }, 'mtu'],
      [{ mtu: 1300.5 }, 'mtu'],
      [{ port: 0 }, 'port'],
      [{ port: 70000 }, 'port'],
      [{ nodePort: 80 }, 'nodePort'],
      [{ loadBalancerIP: 'nope' }, 'loadBalancerIP'],
      [{ clientEndpoint: { address: 'not an address!', port: 1 } }, 'clientEndpoint.address'],
      [{ clientEndpoint: { address: '10.0.0.1', port: 0 } }, 'clientEndpoint.port'],
    ] as const
  ).map(([gateway, field]): Case => ({
    name: `${field} ${JSON.stringify(gateway)}`,
    spec: { gateway },
    want: { reason: 'InvalidSpec', stalled: true },
    message: new RegExp(`^spec\\.gateway\\.${field} must be`),
  })),
  {
    name: 'service annotations where the server is too old for them',
    milan: aKnownSide({ cluster: 'milan', liqoVersion: 'v1.1.2' }),
    spec: { server: 'milan', gateway: { serviceAnnotations: { a: 'b' } } },
    want: { reason: 'InvalidSpec', cluster: 'milan', stalled: true },
    message: /serviceAnnotations needs Liqo 1\.2 or later on "milan"\.$/,
  },
  {
    name: 'a node port on a ClusterIP',
    spec: { server: 'milan', gateway: { nodePort: 31000, serviceType: 'ClusterIP' } },
    want: { reason: 'InvalidSpec', cluster: 'milan', stalled: true },
    message: /nodePort does not go with service type ClusterIP/,
  },
  {
    name: 'a load balancer IP on a node port',
    spec: { server: 'milan', gateway: { loadBalancerIP: '192.0.2.1', serviceType: 'NodePort' } },
    want: { reason: 'InvalidSpec', cluster: 'milan', stalled: true },
    message: /loadBalancerIP does not go with service type NodePort/,
  },
  ...(
    [
      ['Configuration', 'configurations'],
      ['GatewayServer', 'gatewayServers'],
      ['GatewayClient', 'gatewayClients'],
      ['PublicKey', 'publicKeys'],
    ] as const
  ).map(([kind, list]): Case => ({
    name: `a ${kind} that somebody else made, in whatever namespace`,
    milan: { ...MILAN, [list]: [anObject(kind, { namespace: 'elsewhere', labels: FOR_ROME })] },
    want: { reason: 'ForeignConnection', cluster: 'milan', stalled: true },
    message: new RegExp(
      `^${kind}/elsewhere/rome on "milan" was not made by this Shortcut: .*shortcuts\\.liqo\\.io/adopt: "true"\\.$`,
    ),
  })),
  {
    name: 'a second Configuration, of somebody else, beside ours: adopting it would not help',
    milan: {
      ...MILAN,
      configurations: [
        anObject('Configuration', { labels: { ...FOR_ROME, ...OURS } }),
        anObject('Configuration', { namespace: 'elsewhere', labels: FOR_ROME }),
      ],
    },
    want: { reason: 'OwnershipConflict', cluster: 'milan', stalled: true },
    message:
      /^Configuration\/elsewhere\/rome on "milan" was not made by this Shortcut and is one too many beside Configuration\/liqo-tenant-rome\/rome on "milan": .*so remove it\.$/,
  },
  {
    name: 'a Configuration of somebody else beside ours, whose peer label is gone',
    milan: {
      ...MILAN,
      configurations: [anObject('Configuration', { name: 'theirs', labels: FOR_ROME })],
      strangers: [
        anObject('Configuration', { labels: OURS }),
        anObject('Configuration', { namespace: 'elsewhere' }),
      ],
    },
    want: { reason: 'OwnershipConflict', cluster: 'milan', stalled: true },
    message:
      /^Configuration\/liqo-tenant-rome\/theirs .* beside Configuration\/liqo-tenant-rome\/rome on/,
  },
  {
    name: 'a server of somebody else beside our client',
    milan: {
      ...MILAN,
      gatewayServers: [anObject('GatewayServer', { labels: FOR_ROME })],
      gatewayClients: [anObject('GatewayClient', { labels: { ...FOR_ROME, ...OURS } })],
    },
    want: { reason: 'OwnershipConflict', cluster: 'milan', stalled: true },
    message: /^GatewayServer\/.* is one too many beside GatewayClient\//,
  },
  {
    name: 'two PublicKeys of somebody else',
    milan: {
      ...MILAN,
      publicKeys: ['a', 'b'].map((name) => anObject('PublicKey', { name, labels: FOR_ROME })),
    },
    want: { reason: 'ForeignConnection', cluster: 'milan', stalled: true },
    message:
      /^PublicKey\/liqo-tenant-rome\/a .* is one too many beside PublicKey\/liqo-tenant-rome\/b/,
  },
  {
    name: 'an object of another installation',
    milan: {
      ...MILAN,
      configurations: [
        anObject('Configuration', {
          labels: { ...FOR_ROME, ...OURS, 'shortcuts.liqo.io/installation': 'other' },
        }),
      ],
    },
    want: { reason: 'OwnershipConflict', cluster: 'milan', stalled: true },
    message: /belongs to another Shortcut or installation/,
  },
  {
    name: 'two tenant namespaces',
    milan: { ...MILAN, tenantNamespaces: [aTenant('second'), aTenant()] },
    want: { reason: 'OwnershipConflict', cluster: 'milan', stalled: true },
    message: /^Namespace\/liqo-tenant-rome on "milan" has a twin, Namespace\/second on "milan"/,
  },
  {
    name: 'two Configurations of our own',
    milan: {
      ...MILAN,
      configurations: ['rome', 'rome2'].map((name) =>
        anObject('Configuration', { name, labels: { ...FOR_ROME, ...OURS } }),
      ),
    },
    want: { reason: 'OwnershipConflict', cluster: 'milan', stalled: true },
    message: /^Configuration\/liqo-tenant-rome\/rome on "milan" has a twin/,
  },
  {
    name: 'an object of our own outside the tenant namespace',
    milan: {
      ...MILAN,
      publicKeys: [anObject('PublicKey', { namespace: 'x', labels: { ...FOR_ROME, ...OURS } })],
    },
    want: { reason: 'OwnershipConflict', cluster: 'milan', stalled: true },
    message: /^PublicKey\/x\/rome on "milan" lies outside the tenant namespace/,
  },
  {
    name: 'a namespace without our peer, on the name that is needed',
    milan: {
      ...MILAN,
      tenantNamespaces: [],
      strangers: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'liqo-tenant-rome' } }],
    },
    want: { reason: 'OwnershipConflict', cluster: 'milan', stalled: true },
    message: /^Namespace\/liqo-tenant-rome on "milan" has a name that is needed/,
  },
  {
    name: 'an unlabelled object on the name that is needed',
    milan: { ...MILAN, strangers: [anObject('GatewayServer', {})] },
    want: { reason: 'OwnershipConflict', cluster: 'milan', stalled: true },
    message: /^GatewayServer\/liqo-tenant-rome\/rome on "milan" has a name that is needed/,
  },
];

describe('planShortcut writes nothing and says why, for', () => {
  for (const { name, rome = ROME, milan = MILAN, spec, want, message } of cases) {
    it(name, () => {
      const result = plan({ shortcut: aShortcut({ spec: spec ?? {} }), sides: [milan, rome] });

      expect(result.actions).to.be.empty;
      expect(result.applied).to.be.false;
      expect(result.blocked).to.have.length(1);
      const { message: said, ...blocked } = result.blocked[0]!;
      expect(blocked).to.deep.equal(want);
      expect(said).to.match(message);
    });
  }

  it('both leaves, where neither can be seen', () => {
    const { blocked } = plan({ sides: [anUnknownSide(), anUnknownSide({ cluster: 'rome' })] });

    expect(blocked.map(({ cluster }) => cluster)).to.deep.equal(['milan', 'rome']);
  });

  it('foreign objects on both leaves, one reason each', () => {
    const { blocked } = plan({
      sides: [
        {
          ...ROME,
          configurations: [
            anObject('Configuration', { labels: { 'liqo.io/remote-cluster-id': 'milan' } }),
          ],
        },
        { ...MILAN, configurations: [anObject('Configuration', { labels: FOR_ROME })] },
      ],
    });

    expect(blocked.map(({ cluster }) => cluster)).to.deep.equal(['milan', 'rome']);
  });

  it('the younger of two Shortcuts for a pair', () => {
    const { blocked, actions } = plan({ duplicateOf: 'liqo-shortcuts/milan-rome' });

    expect(actions).to.be.empty;
    expect(blocked).to.deep.equal([
      {
        reason: 'DuplicatePair',
        message:
          'liqo-shortcuts/rome-milan is for the same two leaves as the older liqo-shortcuts/milan-rome.',
        stalled: true,
      },
    ]);
  });

  it('a suspended Shortcut, whose objects still count as applied', () => {
    const world = new ModelWorld();
    world.run(aShortcut());
    const suspended = aShortcut({ spec: { suspend: true, gateway: { mtu: 1280 } } });

    expect(world.plan(aShortcut({ spec: { suspend: true } })).applied).to.be.true;
    const result = world.plan(suspended);
    expect(result).to.deep.include({ actions: [], waits: [], applied: false });
    expect(result.blocked).to.have.length(1);
    expect(result.blocked[0]).to.include({ reason: 'Suspended', stalled: false });
    expect(result.blocked[0]?.message).to.match(
      /is false\. Held: Gateway\w+\/liqo-tenant-rome\/rome on "milan": It differs in .*spec\.mtu\.$/,
    );
  });
});

describe('planShortcut, in spite of', () => {
  it('a namespace with the peer label only, works in the tenant namespace', () => {
    const other = { ...aTenant('other'), metadata: { name: 'other', uid: 'o', labels: FOR_ROME } };
    const { blocked } = plan({ sides: [ROME, { ...MILAN, tenantNamespaces: [aTenant(), other] }] });

    expect(blocked).to.be.empty;
  });

  it('an unlabelled object elsewhere, goes on', () => {
    const { blocked } = plan({
      sides: [ROME, { ...MILAN, strangers: [anObject('PublicKey', { namespace: 'elsewhere' })] }],
    });

    expect(blocked).to.be.empty;
  });
});
