import { expect } from 'chai';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { Action, Plan } from '../../src/model/plan.ts';
import type { KnownSide } from '../../src/plan/observation.ts';
import { planShortcut } from '../../src/plan/plan-shortcut.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { aKey } from '../support/model-leaf.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';

/** What a plan would do, one line an action. */
function lines({ actions }: Plan): readonly string[] {
  return actions.map(
    ({ kind, cluster, ref }) =>
      `${kind} ${cluster} ${ref.kind.kind}/${ref.namespace ?? ''}/${ref.name}`,
  );
}

function objectOf(action: Action | undefined): KubeObject {
  if (action?.kind !== 'apply') throw new Error('not an apply');
  return action.object;
}

const SHORTCUT = aShortcut({ spec: { server: 'milan', gateway: { serviceType: 'NodePort' } } });

const LABELS = {
  'app.kubernetes.io/managed-by': 'liqo-shortcuts',
  'shortcuts.liqo.io/installation': 'main',
  'shortcuts.liqo.io/shortcut': 'milan--rome',
};

/** A world that has made `passes` passes and was given time after each. */
function after(passes: number, shortcut = SHORTCUT): ModelWorld {
  const world = new ModelWorld();
  for (let pass = 0; pass < passes; pass += 1) {
    world.pass(shortcut);
    world.breathe();
  }
  return world;
}

/** Plans with what a world shows, but for changes of one side. */
function planWith(world: ModelWorld, cluster: string, change: (side: KnownSide) => object): Plan {
  const [rome, milan] = world
    .observe(SHORTCUT)
    .map((side) => (side.cluster === cluster ? { ...side, ...change(side) } : side));
  return planShortcut({ shortcut: SHORTCUT, sides: [rome!, milan!], installation: INSTALLATION });
}

describe('planShortcut for a new connection', () => {
  it('makes the namespaces first', () => {
    const plan = after(0).plan(SHORTCUT);

    expect(lines(plan)).to.deep.equal([
      'apply milan Namespace//liqo-tenant-rome',
      'apply rome Namespace//liqo-tenant-milan',
    ]);
    expect(plan).to.deep.include({ key: 'milan--rome', server: 'milan', applied: false });
    expect(objectOf(plan.actions[1]).metadata.labels).to.deep.equal({
      ...LABELS,
      'liqo.io/remote-cluster-id': 'milan',
      'liqo.io/tenant-namespace': 'true',
      'pod-security.kubernetes.io/audit': 'privileged',
      'pod-security.kubernetes.io/enforce': 'privileged',
      'pod-security.kubernetes.io/warn': 'privileged',
    });
  });

  it('writes both Configurations and the GatewayServer in one round', () => {
    const plan = after(1).plan(SHORTCUT);

    expect(lines(plan)).to.deep.equal([
      'apply milan Configuration/liqo-tenant-rome/rome',
      'apply milan GatewayServer/liqo-tenant-rome/rome',
      'apply rome Configuration/liqo-tenant-milan/milan',
    ]);
    expect(plan.actions.every((action) => action.kind === 'apply' && action.create)).to.be.true;
    expect(objectOf(plan.actions[1])).to.deep.include({
      apiVersion: 'networking.liqo.io/v1beta1',
      kind: 'GatewayServer',
      spec: {
        mtu: 1340,
        endpoint: { port: 51840, serviceType: 'NodePort' },
        serverTemplateRef: {
          apiVersion: 'networking.liqo.io/v1beta1',
          kind: 'WgGatewayServerTemplate',
          name: 'wireguard-server',
          namespace: 'liqo',
        },
      },
    });
    expect(objectOf(plan.actions[2])).to.deep.include({
      spec: { remote: { cidr: { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] } } },
    });
    expect(objectOf(plan.actions[2]).metadata).to.deep.include({
      name: 'milan',
      namespace: 'liqo-tenant-milan',
      labels: { ...LABELS, 'liqo.io/remote-cluster-id': 'milan' },
    });
    expect(objectOf(plan.actions[2]).metadata.annotations).to.include({
      'shortcuts.liqo.io/owner': 'liqo-shortcuts/rome-milan/5c000000-0000-4000-8000-000000000001',
    });
  });

  it("writes the GatewayClient as soon as the server's endpoint is there", () => {
    const plan = after(2).plan(SHORTCUT);

    expect(lines(plan)).to.deep.equal(['apply rome GatewayClient/liqo-tenant-milan/milan']);
    expect(objectOf(plan.actions[0])).to.deep.include({
      spec: {
        mtu: 1340,
        endpoint: { addresses: ['172.30.0.13'], port: 32005, protocol: 'UDP' },
        clientTemplateRef: {
          apiVersion: 'networking.liqo.io/v1beta1',
          kind: 'WgGatewayClientTemplate',
          name: 'wireguard-client',
          namespace: 'liqo',
        },
      },
    });
  });

  it('swaps the keys, each owned by the gateway beside it, as soon as the Secret is there', () => {
    const world = after(3);
    const [client] = world.rome.ofKind('GatewayClient');
    const [server] = world.milan.ofKind('GatewayServer');

    const plan = world.plan(SHORTCUT);

    expect(lines(plan)).to.deep.equal([
      'apply milan PublicKey/liqo-tenant-rome/rome',
      'apply rome PublicKey/liqo-tenant-milan/milan',
    ]);
    const key = objectOf(plan.actions[1]);
    expect(key['spec']).to.deep.equal({ publicKey: aKey(server?.metadata.uid ?? '') });
    expect(key.metadata.labels).to.include({ 'networking.liqo.io/gateway-resource': 'true' });
    expect(key.metadata.ownerReferences).to.deep.equal([
      {
        apiVersion: 'networking.liqo.io/v1beta1',
        kind: 'GatewayClient',
        name: 'milan',
        uid: client?.metadata.uid,
      },
    ]);
  });

  it('is applied and quiet in the end', () => {
    const plan = after(4).plan(SHORTCUT);

    expect(plan).to.deep.include({ actions: [], waits: [], blocked: [], applied: true });
    expect(plan.finished).to.be.false;
  });

  it('takes the settings of the Shortcut for both gateways', () => {
    const shortcut = aShortcut({
      spec: {
        server: 'milan',
        gateway: {
          mtu: 1280,
          serviceType: 'LoadBalancer',
          port: 4500,
          loadBalancerIP: '203.0.113.7',
          serviceAnnotations: { tier: 'internal' },
          serverTemplate: { name: 'my-server', namespace: 'templates' },
          clientTemplate: { name: 'my-client' },
        },
      },
    });
    const world = after(4, shortcut);

    expect(world.milan.ofKind('GatewayServer')[0]?.['spec']).to.deep.equal({
      mtu: 1280,
      endpoint: { port: 4500, serviceType: 'LoadBalancer', loadBalancerIP: '203.0.113.7' },
      serviceAnnotations: { tier: 'internal' },
      serverTemplateRef: {
        apiVersion: 'networking.liqo.io/v1beta1',
        kind: 'WgGatewayServerTemplate',
        name: 'my-server',
        namespace: 'templates',
      },
    });
    expect(world.rome.ofKind('GatewayClient')[0]?.['spec']).to.deep.equal({
      mtu: 1280,
      endpoint: { addresses: ['203.0.113.7'], port: 4500, protocol: 'UDP' },
      clientTemplateRef: {
        apiVersion: 'networking.liqo.io/v1beta1',
        kind: 'WgGatewayClientTemplate',
        name: 'my-client',
        namespace: 'liqo',
      },
    });
  });

  it('dials clientEndpoint without waiting for what the server publishes', () => {
    const shortcut = aShortcut({
      spec: { server: 'milan', gateway: { clientEndpoint: { address: 'vpn.example', port: 7 } } },
    });

    const plan = after(1, shortcut).plan(shortcut);

    expect(lines(plan)).to.include('apply rome GatewayClient/liqo-tenant-milan/milan');
    expect(objectOf(plan.actions.at(-1))).to.have.deep.nested.property('spec.endpoint', {
      addresses: ['vpn.example'],
      port: 7,
      protocol: 'UDP',
    });
  });

  it('tells a leaf up to v1.1 only the first pod CIDR, and gives it no pod security labels at v1.0', () => {
    const world = new ModelWorld({ version: 'v1.0.3' }, { pod: ['10.1.0.0/16', '10.2.0.0/16'] });
    world.run(SHORTCUT);

    expect(world.rome.ofKind('Configuration')[0]).to.have.deep.nested.property(
      'spec.remote.cidr.pod',
      ['10.1.0.0/16'],
    );
    expect(world.rome.ofKind('Namespace')[0]?.metadata.labels).not.to.have.property(
      'pod-security.kubernetes.io/enforce',
    );
    expect(world.plan(SHORTCUT).notes).to.deep.equal([
      'Liqo on "rome" is older than v1.2 and uses only the first pod CIDR of "milan", so that 10.2.0.0/16 cannot be reached from there',
    ]);
  });

  it('has nothing to note where every leaf can use all that it is told', () => {
    expect(after(1).plan(SHORTCUT)).not.to.have.property('notes');
  });

  it('labels with a hash where the key is longer than a label may be', () => {
    const long = 'a'.repeat(60);
    const shortcut = aShortcut({ spec: { clusters: ['rome', long] } });
    const [rome, milan] = after(0).observe(shortcut);

    const { actions } = planShortcut({
      shortcut,
      sides: [rome, { ...milan, cluster: long }],
      installation: INSTALLATION,
    });

    expect(objectOf(actions[0]).metadata.labels?.['shortcuts.liqo.io/shortcut']).to.match(
      /^[0-9a-f]{16}$/,
    );
  });

  it('uses a tenant namespace that is there already, whatever its name, and never changes it', () => {
    const world = new ModelWorld();
    const labels = { 'liqo.io/remote-cluster-id': 'milan', 'liqo.io/tenant-namespace': 'true' };
    const theirs = world.rome.put({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'to-milan', labels },
    });

    world.run(SHORTCUT);

    expect(world.rome.ofKind('Namespace')).to.deep.equal([theirs]);
    expect(world.rome.ofKind('Configuration')[0]?.metadata.namespace).to.equal('to-milan');
  });
});

describe('planShortcut, waiting', () => {
  const aSecret = ({ ownerUIDs }: { ownerUIDs: readonly string[] }): KnownSide['keySecret'] => ({
    kind: 'present',
    name: 'gw-milan',
    uid: 'left',
    ownerUIDs,
    publicKey: aKey('left'),
  });
  const terminating = (objects: readonly KubeObject[]): readonly KubeObject[] =>
    objects.map((object) => ({
      ...object,
      metadata: { ...object.metadata, deletionTimestamp: '2026-11-23T00:00:00Z' },
    }));
  const withStatus = (objects: readonly KubeObject[], status: unknown): readonly KubeObject[] =>
    objects.map((object) => ({ ...object, status }));
  const orphaned = (objects: readonly KubeObject[]): readonly KubeObject[] =>
    objects.map((object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        ownerReferences: object.metadata.ownerReferences?.map((owner) => ({
          ...owner,
          uid: 'gone',
        })),
      },
    })) as readonly KubeObject[];

  const aLeftNetwork: KubeObject = {
    apiVersion: 'ipam.liqo.io/v1alpha1',
    kind: 'Network',
    metadata: {
      name: 'milan-pod',
      namespace: 'liqo-tenant-milan',
      deletionTimestamp: '2026-11-23T00:00:00Z',
      finalizers: ['network.ipam.liqo.io/finalizer'],
      ownerReferences: [
        {
          apiVersion: 'networking.liqo.io/v1beta1',
          kind: 'Configuration',
          name: 'milan',
          uid: 'gone',
        },
      ],
    },
  };

  const cases: readonly {
    readonly name: string;
    readonly passes: number;
    readonly cluster: string;
    readonly change: (side: KnownSide) => Partial<KnownSide>;
    readonly reason: string;
    readonly message: string | RegExp;
    readonly actions?: readonly string[];
    readonly applied?: boolean;
  }[] = [
    {
      name: 'for a tenant namespace to be gone',
      passes: 4,
      cluster: 'rome',
      change: ({ tenantNamespaces }) => ({ tenantNamespaces: terminating(tenantNamespaces) }),
      reason: 'Draining',
      message: /^Namespace\/liqo-tenant-milan on "rome": waiting for it to be gone: /,
    },
    {
      name: 'for a Network that finalizers hold, and names them',
      passes: 1,
      cluster: 'rome',
      change: () => ({ networks: [aLeftNetwork] }),
      reason: 'Draining',
      message:
        /^Network\/liqo-tenant-milan\/milan-pod on "rome": .* being deleted, .* network\.ipam\.liqo\.io\/finalizer$/,
      actions: [
        'apply milan Configuration/liqo-tenant-rome/rome',
        'apply milan GatewayServer/liqo-tenant-rome/rome',
      ],
    },
    {
      name: "for the IPAM to say a cluster's own CIDRs, but goes on with the rest",
      passes: 1,
      cluster: 'rome',
      change: ({ ownNetworks }) => ({ ownNetworks: withStatus(ownNetworks, {}) }),
      reason: 'CIDRPending',
      message: 'Liqo on "rome": waiting for status.cidr of Network pod-cidr-0',
      actions: [
        'apply milan GatewayServer/liqo-tenant-rome/rome',
        'apply rome Configuration/liqo-tenant-milan/milan',
      ],
    },
    {
      name: 'for the remap',
      passes: 4,
      cluster: 'rome',
      change: ({ configurations }) => ({ configurations: withStatus(configurations, {}) }),
      reason: 'CIDRPending',
      message:
        'Configuration/liqo-tenant-milan/milan on "rome": waiting for Liqo to remap the CIDRs of "milan" (status)',
      applied: true,
    },
    {
      name: 'for Networks of an earlier Configuration to be gone',
      passes: 4,
      cluster: 'rome',
      change: () => ({ configurations: [] }),
      reason: 'Draining',
      message: /^Network\/liqo-tenant-milan\/milan-pod on "rome": waiting for it to be gone: /,
    },
    {
      name: 'for a Configuration to be gone',
      passes: 4,
      cluster: 'rome',
      change: ({ configurations }) => ({ configurations: terminating(configurations) }),
      reason: 'Draining',
      message: /^Configuration\/liqo-tenant-milan\/milan on "rome": waiting for it to be gone: /,
    },
    {
      name: 'for what an earlier gateway left, before it makes another',
      passes: 4,
      cluster: 'rome',
      change: () => ({ gatewayClients: [] }),
      reason: 'Draining',
      message: /^WgGatewayClient\/liqo-tenant-milan\/milan on "rome": waiting for it to be gone: /,
    },
    {
      name: 'for the WgGatewayServer of the very gateway',
      passes: 2,
      cluster: 'milan',
      change: ({ wgGateways }) => ({ wgGateways: orphaned(wgGateways) }),
      reason: 'EndpointPending',
      message:
        'GatewayServer/liqo-tenant-rome/rome on "milan": waiting for its WgGatewayServer; if that lasts, see that there is a WgGatewayServerTemplate liqo/wireguard-server',
    },
    {
      name: 'for an address of a load balancer',
      passes: 2,
      cluster: 'milan',
      change: ({ wgGateways }) => ({
        wgGateways: withStatus(wgGateways, { endpoint: { protocol: 'UDP' } }),
      }),
      reason: 'EndpointPending',
      message:
        /^GatewayServer.*waiting for an address in status\.endpoint \(service type \w+\); if that lasts, see/,
    },
    {
      name: 'for an endpoint while the client keeps the one it has',
      passes: 4,
      cluster: 'milan',
      change: ({ wgGateways }) => ({
        wgGateways: withStatus(wgGateways, { endpoint: { addresses: [''], port: 32005 } }),
      }),
      reason: 'EndpointPending',
      message: /waiting for an address/,
      applied: true,
    },
    {
      name: 'for Liqo to make the key Secret',
      passes: 3,
      cluster: 'milan',
      change: ({ wgGateways }) => ({
        keySecret: { kind: 'absent' },
        wgGateways: withStatus(wgGateways, {
          endpoint: { addresses: ['172.30.0.13'], port: 32005 },
        }),
      }),
      reason: 'KeysPending',
      message:
        /^Secret\/liqo-tenant-rome\/gw-rome on "milan": waiting for Liqo to make it, and to be read; if that lasts/,
      actions: ['apply milan PublicKey/liqo-tenant-rome/rome'],
    },
    {
      name: 'for the key of a client of which Liqo makes nothing, and says where to look',
      passes: 3,
      cluster: 'rome',
      change: () => ({ keySecret: { kind: 'absent' }, wgGateways: [] }),
      reason: 'KeysPending',
      message:
        /^Secret\/liqo-tenant-milan\/gw-milan on "rome": waiting for Liqo to make it after its WgGatewayClient; if that lasts, see that there is a WgGatewayClientTemplate liqo\/wireguard-client$/,
      actions: ['apply rome PublicKey/liqo-tenant-milan/milan'],
    },
    {
      name: 'for a key Secret that could not be read',
      passes: 3,
      cluster: 'rome',
      change: () => ({ keySecret: { kind: 'unread' } }),
      reason: 'KeysPending',
      message:
        /^Secret\/liqo-tenant-milan\/gw-milan on "rome": waiting for Liqo to make it, and to be read; if that lasts/,
      actions: ['apply rome PublicKey/liqo-tenant-milan/milan'],
    },
    {
      name: 'for the Secret of an earlier gateway to be gone',
      passes: 3,
      cluster: 'rome',
      change: ({ keySecret }) => ({
        keySecret: { ...keySecret, ownerUIDs: ['gone'] } as KnownSide['keySecret'],
      }),
      reason: 'KeysPending',
      message: /was not made for this gateway, waiting .* garbage collector/,
      actions: ['apply rome PublicKey/liqo-tenant-milan/milan'],
    },
    {
      name: 'for a person, where a Secret that nobody owns is in the way',
      passes: 3,
      cluster: 'rome',
      change: ({ keySecret }) => ({
        keySecret: { ...keySecret, ownerUIDs: [] } as unknown as KnownSide['keySecret'],
      }),
      reason: 'KeysPending',
      message: /was not made for this gateway, waiting .*: delete it$/,
      actions: ['apply rome PublicKey/liqo-tenant-milan/milan'],
    },
    {
      name: 'for the Secret that an earlier gateway has left, before it makes another',
      passes: 2,
      cluster: 'rome',
      change: () => ({ keySecret: aSecret({ ownerUIDs: ['gone'] }) }),
      reason: 'Draining',
      message:
        /^Secret\/liqo-tenant-milan\/gw-milan on "rome": waiting .* garbage collector takes it/,
    },
    {
      name: 'for a person, where nobody owns the Secret that is in the way of a gateway',
      passes: 2,
      cluster: 'rome',
      change: () => ({ keySecret: aSecret({ ownerUIDs: [] }) }),
      reason: 'Draining',
      message: /^Secret\/liqo-tenant-milan\/gw-milan on "rome": waiting .*: delete it$/,
    },
    {
      name: 'until it could look whether an earlier gateway has left its Secret',
      passes: 2,
      cluster: 'rome',
      change: () => ({ keySecret: { kind: 'unread' } }),
      reason: 'KeysPending',
      message: /^Secret\/liqo-tenant-milan\/gw-milan on "rome": waiting to see/,
    },
    {
      name: 'for what was asked for, and does not call it applied though the client dials still',
      passes: 4,
      cluster: 'milan',
      change: ({ wgGateways }) => ({
        wgGateways: wgGateways.map((object) => ({
          ...object,
          spec: { service: { spec: { type: 'LoadBalancer' } } },
        })),
      }),
      reason: 'EndpointPending',
      message:
        /^GatewayServer\/liqo-tenant-rome\/rome on "milan": waiting for service type NodePort/,
    },
    {
      name: 'for a whole key, and never writes a short one',
      passes: 3,
      cluster: 'rome',
      change: ({ keySecret }) => ({
        keySecret: { ...keySecret, publicKey: 'AAAA' } as KnownSide['keySecret'],
      }),
      reason: 'KeysPending',
      message: /data.publicKey is not a key of 32 bytes/,
      actions: ['apply rome PublicKey/liqo-tenant-milan/milan'],
    },
    {
      name: 'for the gateway to make its Connection, without touching anything',
      passes: 4,
      cluster: 'rome',
      change: () => ({ connections: [] }),
      reason: 'Connecting',
      message:
        'Connection/liqo-tenant-milan/gw-milan on "rome": waiting for it to be made; if that lasts, see that the Pod of its gateway runs',
      applied: true,
    },
    {
      name: 'for a Connection of an earlier gateway to be gone',
      passes: 4,
      cluster: 'rome',
      change: ({ connections }) => ({
        connections: connections.map((object) => ({
          ...object,
          spec: { gatewayRef: { uid: 'gone' } },
        })),
      }),
      reason: 'Draining',
      message: /^Connection\/liqo-tenant-milan\/gw-milan on "rome": waiting for it to be gone: /,
      applied: true,
    },
    {
      name: 'for a Connection that is connecting',
      passes: 4,
      cluster: 'rome',
      change: ({ connections }) => ({
        connections: withStatus(connections, { value: 'Connecting' }),
      }),
      reason: 'Connecting',
      message:
        'Connection/liqo-tenant-milan/gw-milan on "rome": waiting for status.value Connected',
      applied: true,
    },
    {
      name: 'for a Connection in error, and says what to look at',
      passes: 4,
      cluster: 'milan',
      change: ({ connections }) => ({ connections: withStatus(connections, { value: 'Error' }) }),
      reason: 'Connecting',
      message:
        /^Connection.* on "milan": status.value is Error: .* UDP passes between "milan" and "rome"$/,
      applied: true,
    },
  ];
  for (const { name, passes, cluster, change, reason, message, ...want } of cases) {
    it(`waits ${name}`, () => {
      const plan = planWith(after(passes), cluster, change);

      expect(lines(plan)).to.deep.equal(want.actions ?? []);
      expect(plan.waits).to.have.length(1);
      expect(plan.waits[0]).to.include({ reason });
      if (typeof message === 'string') expect(plan.waits[0]?.message).to.equal(message);
      else expect(plan.waits[0]?.message).to.match(message);
      expect(plan.applied).to.equal(want.applied ?? false);
    });
  }

  it('says that a node port which was asked for could not be given', () => {
    const world = after(4);
    const shortcut = aShortcut({
      spec: { server: 'milan', gateway: { serviceType: 'NodePort', nodePort: 31000 } },
    });
    world.pass(shortcut);

    const plan = world.plan(shortcut);

    expect(plan.actions).to.be.empty;
    expect(plan.waits.map(({ message }) => message)).to.deep.equal([
      'GatewayServer/liqo-tenant-rome/rome on "milan": waiting for nodePort 31000 (status.endpoint still says 32005; if it stays so, the cluster cannot give it)',
    ]);
  });

  it('names the CIDR that Liqo cannot remap', () => {
    const world = new ModelWorld({ version: 'v1.1.2' }, { pod: ['100.64.0.0/16'] });
    world.run(SHORTCUT);
    const [rome, milan] = world.observe(SHORTCUT);

    const { waits } = planShortcut({
      shortcut: SHORTCUT,
      sides: [{ ...rome, configurations: withStatus(rome.configurations, {}) }, milan],
      installation: INSTALLATION,
    });

    expect(waits[0]?.message).to.match(/100\.64\.0\.0\/16 is too large for its default pools/);
  });

  it('keeps a key that cannot be checked just now', () => {
    const plan = planWith(after(4), 'milan', () => ({ keySecret: { kind: 'unread' } }));

    expect(plan).to.deep.include({ actions: [], waits: [], applied: true });
  });

  it('does not keep an unchecked key for a gateway of which Liqo has made nothing yet', () => {
    const plan = planWith(after(4), 'rome', () => ({
      keySecret: { kind: 'unread' },
      wgGateways: [],
    }));

    expect(plan.applied).to.be.false;
    expect(plan.waits[0]).to.include({ reason: 'KeysPending', cluster: 'rome' });
    expect(plan.waits[0]?.message).to.include('WgGatewayClientTemplate liqo/wireguard-client');
  });

  it('does not keep an unchecked key of an earlier gateway', () => {
    const world = after(4);
    const [key] = world.rome.ofKind('PublicKey');
    world.rome.edit(key!, { metadata: { ownerReferences: [] } });

    const plan = planWith(world, 'milan', () => ({ keySecret: { kind: 'unread' } }));

    expect(plan.waits[0]).to.include({ reason: 'KeysPending', cluster: 'milan' });
  });
});
