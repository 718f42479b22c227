import { expect } from 'chai';
import { findConnections, findStar } from '../../src/import/find-connections.ts';
import type { FoundConnection, Takeover } from '../../src/import/found-connection.ts';
import type { Survey } from '../../src/import/survey.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { aSurvey, aSurveyedLeaf, anUnseenLeaf, aWish } from '../support/builders/a-survey.ts';
import { foreignWorld } from '../support/foreign-world.ts';
import type { ModelLeaf } from '../support/model-leaf.ts';
import { ModelWorld } from '../support/model-world.ts';

const ADOPT = { 'shortcuts.liqo.io/adopt': 'true' };

function only(survey: Survey): FoundConnection {
  const found = findConnections(survey);
  expect(found).to.have.length(1);
  return found[0]!;
}

function remove(leaf: ModelLeaf, kind: string): void {
  leaf.remove(leaf.ofKind(kind)[0]!);
}

describe('what import finds', () => {
  it('is a connection of the leaves, as it is, and its Shortcut asks for nothing else', () => {
    const found = only(aSurvey(foreignWorld()));

    expect(found).to.deep.equal({
      clusters: ['milan', 'rome'],
      foundIn: ['leaves'],
      health: ['Connected', 'Connected'],
      takeover: { kind: 'as-is' },
      notes: [],
      shortcut: {
        apiVersion: 'shortcuts.liqo.io/v1alpha1',
        kind: 'Shortcut',
        metadata: { name: 'milan-rome', annotations: { 'shortcuts.liqo.io/adopt': 'true' } },
        spec: {
          clusters: ['milan', 'rome'],
          server: 'rome',
          gateway: { serviceType: 'NodePort' },
        },
      },
    });
  });

  const specs: readonly {
    readonly name: string;
    readonly gateway: NonNullable<ShortcutSpec['gateway']>;
    readonly leaf?: Survey['leaves'][number]['gateway'];
    readonly left?: NonNullable<ShortcutSpec['gateway']>;
  }[] = [
    { name: 'nothing where all is as by default', gateway: {} },
    {
      name: 'no service type that the server’s LeafCluster has',
      gateway: { serviceType: 'NodePort' },
      leaf: { serviceType: 'NodePort' },
      left: {},
    },
    {
      name: 'the usual service type where the LeafCluster has another',
      gateway: { serviceType: 'LoadBalancer' },
      leaf: { serviceType: 'NodePort' },
    },
    {
      name: 'every value of the server that differs',
      gateway: {
        mtu: 1400,
        serviceType: 'LoadBalancer',
        port: 51_999,
        loadBalancerIP: '198.18.0.9',
        serviceAnnotations: { a: 'b' },
      },
      left: {
        mtu: 1400,
        port: 51_999,
        loadBalancerIP: '198.18.0.9',
        serviceAnnotations: { a: 'b' },
      },
    },
    { name: 'a node port', gateway: { serviceType: 'NodePort', nodePort: 30_777 } },
    {
      name: 'templates, and their namespace where it is not Liqo’s',
      gateway: {
        serverTemplate: { name: 'own', namespace: 'elsewhere' },
        clientTemplate: { name: 'own', namespace: 'liqo' },
      },
      left: {
        serverTemplate: { name: 'own', namespace: 'elsewhere' },
        clientTemplate: { name: 'own' },
      },
    },
  ];
  for (const { name, gateway, leaf, left = gateway } of specs) {
    it(`asks for ${name}`, () => {
      const world = foreignWorld(gateway);
      const leaves = world.leaves.map((one) => {
        if (leaf !== undefined) one.gateway = leaf;
        return aSurveyedLeaf(one);
      });

      const { takeover, shortcut } = only(aSurvey(world, { leaves }));

      expect(takeover).to.deep.equal({ kind: 'as-is' });
      expect(shortcut?.spec.gateway ?? {}).to.deep.equal(left);
    });
  }

  const verdicts: readonly {
    readonly name: string;
    readonly change: (world: ModelWorld) => void;
    readonly survey?: (world: ModelWorld) => Partial<Survey>;
    readonly kind: Takeover['kind'];
    readonly says: RegExp;
    readonly isWritten?: true;
  }[] = [
    {
      name: 'half a connection',
      change: ({ milan }) => remove(milan, 'GatewayClient'),
      kind: 'refused',
      says: /half a connection: there is no gateway on "milan"/,
    },
    {
      name: 'Configurations without a tunnel, as liqoctl disconnect leaves them',
      change: ({ rome, milan }) => {
        remove(milan, 'GatewayClient');
        remove(rome, 'GatewayServer');
      },
      kind: 'refused',
      says: /only the Configurations are left/,
    },
    {
      name: 'two gateways of a kind for one peer',
      change: ({ rome }) => {
        const [server] = rome.ofKind('GatewayServer');
        rome.put({ ...server!, metadata: { ...server!.metadata, name: 'twin', uid: 'twin' } });
      },
      kind: 'refused',
      says: /has a twin/,
    },
    {
      name: 'a server beside a client',
      change: ({ milan }) => {
        const [client] = milan.ofKind('GatewayClient');
        milan.put({ ...client!, kind: 'GatewayServer' });
      },
      kind: 'refused',
      says: /does not fit the roles/,
    },
    {
      name: 'a gateway with a key Secret of its own',
      change: ({ rome }) =>
        rome.edit(rome.ofKind('GatewayServer')[0]!, { spec: { secretRef: { name: 'own' } } }),
      kind: 'refused',
      says: /key Secret of its own/,
    },
    {
      name: 'a server with several ports',
      change: ({ rome }) =>
        rome.edit(rome.ofKind('GatewayServer')[0]!, { spec: { endpoint: { ports: [1, 2] } } }),
      kind: 'refused',
      says: /spec\.endpoint\.ports that a Shortcut cannot ask for without a new gateway/,
    },
    {
      name: 'a gateway of another type than WireGuard',
      change: ({ rome }) =>
        rome.edit(rome.ofKind('GatewayServer')[0]!, {
          spec: { serverTemplateRef: { kind: 'OtherTemplate' } },
        }),
      kind: 'refused',
      says: /spec\.serverTemplateRef\.kind that a Shortcut cannot ask for/,
    },
    {
      name: 'a Liqo that is too old',
      change: () => undefined,
      survey: ({ rome, milan }) => ({
        leaves: [aSurveyedLeaf(rome), aSurveyedLeaf(milan, { liqoVersion: 'v0.10.3' })],
      }),
      kind: 'refused',
      says: /Liqo on "milan" is v0\.10\.3, and 1\.0 is the oldest/,
    },
    {
      name: 'wrong CIDRs that this Liqo cannot change',
      change: ({ milan }) => {
        milan.version = 'v1.1.2';
        const spec = { remote: { cidr: { pod: ['10.9.0.0/16'] } } };
        milan.edit(milan.ofKind('Configuration')[0]!, { spec });
      },
      kind: 'refused',
      says: /holds other CIDRs than the peer has/,
    },
    {
      name: 'the main cluster as one of the two',
      change: () => undefined,
      survey: () => ({ mainClusterID: 'milan' }),
      kind: 'refused',
      says: /that is the star itself/,
    },
    {
      name: 'a leaf that cannot be seen',
      change: () => undefined,
      survey: ({ rome }) => ({ leaves: [aSurveyedLeaf(rome), anUnseenLeaf('milan')] }),
      kind: 'unseen',
      says: /no answer from "milan"/,
    },
    {
      name: 'a Shortcut for the pair',
      change: () => undefined,
      survey: () => ({ shortcuts: [aShortcut()] }),
      kind: 'ours',
      says: /Shortcut liqo-shortcuts\/rome-milan is for this pair already; to take this connection over, give it shortcuts\.liqo\.io\/adopt: "true"/,
    },
    {
      name: 'objects that another installation has made',
      change: (world) => world.run(aShortcut({ metadata: { annotations: ADOPT } })),
      kind: 'ours',
      says: /Shortcut liqo-shortcuts\/rome-milan of installation "main" has it already/,
    },
    {
      name: 'two MTUs, of which the server’s counts',
      change: ({ milan }) => milan.edit(milan.ofKind('GatewayClient')[0]!, { spec: { mtu: 1500 } }),
      kind: 'with-changes',
      says: /GatewayClient\/liqo-tenant-rome\/rome on "milan": spec\.mtu would be set/,
      isWritten: true,
    },
    {
      name: 'labels of the Service that no Shortcut has',
      change: ({ rome }) =>
        rome.edit(rome.ofKind('GatewayServer')[0]!, { spec: { serviceLabels: { a: 'b' } } }),
      kind: 'with-changes',
      says: /spec\.serviceLabels would be taken away/,
      isWritten: true,
    },
    {
      name: 'a missing Configuration',
      change: ({ rome }) => remove(rome, 'Configuration'),
      kind: 'with-changes',
      says: /"rome" has no Configuration for the other: it would be made/,
      isWritten: true,
    },
  ];
  for (const { name, change, survey, kind, says, isWritten = false } of verdicts) {
    it(`says what it thinks of ${name}`, () => {
      const world = foreignWorld();
      change(world);

      const { takeover, notes, shortcut } = only(aSurvey(world, survey?.(world)));

      expect(takeover.kind).to.equal(kind);
      expect('why' in takeover ? takeover.why : notes.join('\n')).to.match(says);
      expect(shortcut !== undefined).to.equal(isWritten);
    });
  }

  describe('where a client dials', () => {
    function dialling(port: number, value: string): FoundConnection {
      const world = foreignWorld();
      const spec = { endpoint: { addresses: ['203.0.113.9'], port } };
      world.milan.edit(world.milan.ofKind('GatewayClient')[0]!, { spec });
      const [connection] = world.milan.ofKind('Connection');
      world.milan.edit(connection!, { status: { value } });
      return only(aSurvey(world));
    }

    it('is kept while the tunnel runs, and told', () => {
      const { takeover, notes, shortcut } = dialling(40_000, 'Connected');

      expect(takeover).to.deep.equal({ kind: 'as-is' });
      expect(shortcut?.spec.gateway?.clientEndpoint).to.deep.equal({
        address: '203.0.113.9',
        port: 40_000,
      });
      expect(notes.join()).to.match(/dials 203\.0\.113\.9:40000, which is not what the server/);
    });

    it('is the server’s word where the tunnel does not run', () => {
      const { takeover, shortcut } = dialling(40_000, 'Error');

      expect(shortcut?.spec.gateway).to.deep.equal({ serviceType: 'NodePort' });
      expect(takeover).to.have.property('kind', 'with-changes');
    });
  });

  describe('of the star', () => {
    it('is nothing: a leaf’s peering with the main cluster is told and left out', () => {
      const survey = aSurvey(foreignWorld(), { mainClusterID: 'milan' });
      const leaves = survey.leaves.filter(({ name }) => name === 'rome');

      expect(findConnections({ ...survey, leaves })).to.deep.equal([]);
      expect(findStar({ ...survey, leaves })).to.deep.equal(['rome']);
    });
  });

  it('names a peer for which no leaf stands, and how to have it looked at', () => {
    const survey = aSurvey(foreignWorld());
    const leaves = survey.leaves.filter(({ name }) => name === 'rome');

    const { clusters, takeover, shortcut } = only({ ...survey, leaves });

    expect(clusters).to.deep.equal(['milan', 'rome']);
    expect(takeover).to.deep.equal({
      kind: 'unseen',
      why: 'no leaf with the cluster ID "milan" is known: give its kubeconfig with --leaf',
    });
    expect(shortcut).to.equal(undefined);
  });

  it('gives another name where the usual one is taken, and says so', () => {
    const taken = aShortcut({
      metadata: { name: 'milan-rome' },
      spec: { clusters: ['milan', 'naples'] },
    });

    const { shortcut, notes } = only(aSurvey(foreignWorld(), { shortcuts: [taken] }));

    expect(shortcut?.metadata.name).to.equal('milan-rome-2');
    expect(notes).to.deep.equal(['named "milan-rome-2", since "milan-rome" cannot be had']);
  });

  describe('with ForeignClusterConnections', () => {
    it('lets the leaves have the last word, and tells what is said otherwise', () => {
      const wish = aWish({
        client: 'rome',
        server: 'milan',
        settings: { mtu: 1450, port: 51_840 },
      });

      const { foundIn, takeover, notes, shortcut } = only(
        aSurvey(foreignWorld(), { wishes: [wish] }),
      );

      expect(foundIn).to.deep.equal(['leaves', 'ForeignClusterConnection default/milan-rome']);
      expect(takeover).to.deep.equal({ kind: 'as-is' });
      expect(shortcut?.spec).to.deep.equal({
        clusters: ['milan', 'rome'],
        server: 'rome',
        gateway: { serviceType: 'NodePort' },
      });
      expect(notes).to.deep.equal([
        'ForeignClusterConnection default/milan-rome asks for "milan" as the server, where the leaves have "rome"',
        'ForeignClusterConnection default/milan-rome asks for mtu 1450, where the leaves have 1340',
      ]);
    });

    it('takes the first of two for one pair, and tells what the other says otherwise', () => {
      const wishes = [
        aWish({ name: 'z/second', settings: { mtu: 1200 } }),
        aWish({ name: 'a/first', settings: { mtu: 1300, serviceType: 'NodePort' } }),
      ];

      const { takeover, notes, shortcut } = only(aSurvey(new ModelWorld(), { wishes }));

      expect(takeover).to.deep.equal({ kind: 'new' });
      expect(shortcut?.spec).to.deep.equal({
        clusters: ['milan', 'rome'],
        server: 'rome',
        gateway: { mtu: 1300, serviceType: 'NodePort' },
      });
      expect(notes).to.deep.equal([
        'ForeignClusterConnection z/second asks for mtu 1200, where the first one has 1300',
      ]);
    });

    it('completes half a connection that one wishes for', () => {
      const world = foreignWorld();
      remove(world.milan, 'GatewayClient');
      world.breathe();

      const { takeover, shortcut } = only(aSurvey(world, { wishes: [aWish()] }));

      expect(takeover).to.have.property('kind', 'with-changes');
      expect(shortcut?.spec).to.have.property('server', 'rome');
    });

    it('writes what one says where a leaf cannot be seen, and that nobody has compared it', () => {
      const leaves = [anUnseenLeaf('milan'), anUnseenLeaf('rome')];
      const wish = aWish({ settings: { mtu: 1450, serviceType: 'NodePort' } });

      const { takeover, notes, shortcut } = only(
        aSurvey(new ModelWorld(), { leaves, wishes: [wish] }),
      );

      expect(takeover).to.have.property('kind', 'unseen');
      expect(shortcut?.spec).to.deep.equal({
        clusters: ['milan', 'rome'],
        server: 'rome',
        gateway: { mtu: 1450, serviceType: 'NodePort' },
      });
      expect(notes.join()).to.match(/not compared with both leaves/);
    });
  });
});
