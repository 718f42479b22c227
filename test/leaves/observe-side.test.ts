import { expect } from 'chai';
import { NotFoundError } from '../../src/errors/errors.ts';
import type { KubeReader } from '../../src/kube/kube-client.ts';
import { createLeafMirror, type LeafMirror } from '../../src/leaves/leaf-mirror.ts';
import type { Leaf } from '../../src/leaves/leaf.ts';
import type { Sight } from '../../src/leaves/leaf-access.ts';
import type { LeafState } from '../../src/leaves/leaf-state.ts';
import { WATCHED_NAMES } from '../../src/leaves/watched.ts';
import { observeSide, readOtherUseOfTenant } from '../../src/leaves/observe-side.ts';
import { CONFIGURATION, FOREIGN_CLUSTER } from '../../src/liqo/kinds.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { KnownSide } from '../../src/plan/observation.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { aLeafCluster, type LeafClusterOverrides } from '../support/builders/a-leaf-cluster.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from './until.ts';
import { aTenantNamespace, aTenantObject, createLeafServer, tenantOf } from './leaf-server.ts';

const { signal } = new AbortController();
const known: LeafState = { kind: 'known', clusterID: 'rome-id' };

describe('observeSide', () => {
  let rome: ApiServer;
  let mirror: LeafMirror;

  beforeEach(async () => {
    rome = await createLeafServer('rome');
    mirror = createLeafMirror({
      cluster: 'rome',
      client: rome.client(),
      clock: new FakeClock(),
      random: () => 0.5,
      logger: silentLogger,
      resyncMs: 600_000,
      onChange: () => undefined,
      onWatchState: () => undefined,
    });
  });

  afterEach(() => mirror.stop());

  async function aLeaf(sight: Sight = { kind: 'clear', missing: [] }): Promise<Leaf> {
    mirror.keep(WATCHED_NAMES.map((watched) => ({ watched })));
    await until('everything is listed', () =>
      mirror.watches().every(({ state }) => state.kind === 'synced'),
    );
    return { name: 'rome', mirror, sightOf: () => sight } as Partial<Leaf> as Leaf;
  }

  async function observe(
    peerID: string | undefined = 'milan',
    overrides: LeafClusterOverrides = {},
  ): Promise<KnownSide> {
    const leaf = await aLeaf();
    const registered = { leafCluster: aLeafCluster(overrides), leaf, state: known };
    const side = observeSide('rome', registered, peerID);
    if (side.kind === 'unknown') throw new Error(side.message);
    return side;
  }

  async function store(
    ...objects: readonly (readonly [Parameters<typeof aTenantObject>[0], KubeObject])[]
  ) {
    for (const [kind, object] of objects) await rome.client().create(kind, object, { signal });
  }

  function namesOf(objects: readonly KubeObject[]): readonly string[] {
    return objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  }

  describe('knows nothing', () => {
    it('of a leaf that nobody registered', () => {
      expect(observeSide('naples', undefined, 'milan')).to.include({
        kind: 'unknown',
        cluster: 'naples',
        reason: 'LeafUnknown',
      });
    });

    it('of a leaf that is unknown, and says why', () => {
      const state: LeafState = {
        kind: 'unknown',
        reason: 'LeafForbidden',
        message: 'may not list',
      };
      const gateway = { reachability: 'NAT' } as const;
      const registered = {
        leafCluster: aLeafCluster({ spec: { gateway } }),
        leaf: undefined,
        state,
      };

      expect(observeSide('rome', registered, 'milan')).to.deep.equal({
        ...{ kind: 'unknown', cluster: 'rome', gateway, reason: 'LeafForbidden' },
        message: 'may not list',
      });
    });

    it('of a leaf that has no mirror yet', () => {
      const registered = { leafCluster: aLeafCluster(), leaf: undefined, state: known };

      expect(observeSide('rome', registered, 'milan')).to.include({
        kind: 'unknown',
        reason: 'Progressing',
      });
    });
  });

  it('describes a leaf that holds nothing for the pair', async () => {
    const side = await observe();

    expect(side).to.deep.include({
      ...{
        kind: 'known',
        cluster: 'rome',
        clusterID: 'rome-id',
        liqoNamespace: 'liqo',
        gateway: {},
      },
      ...{ tenantNamespaces: [], configurations: [], gatewayServers: [], gatewayClients: [] },
      ...{ publicKeys: [], connections: [], wgGateways: [], networks: [], strangers: [] },
    });
    expect(side.liqoVersion).to.match(/^v1\.2/);
    expect(namesOf(side.ownNetworks)).to.have.members([
      'Network/pod-cidr',
      'Network/external-cidr',
      'Network/service-cidr',
    ]);
  });

  it('leaves to others what only they can tell', async () => {
    expect(await observe()).to.deep.include({
      keySecret: { kind: 'unread' },
      otherUseOfTenant: 'unread',
    });
  });

  it('takes own Networks only from the namespace of Liqo', async () => {
    expect((await observe('milan', { spec: { liqoNamespace: 'elsewhere' } })).ownNetworks).to.be
      .empty;
  });

  it('has no version where the own Networks tell none', async () => {
    const side = await observe('milan', { spec: { liqoNamespace: 'elsewhere' } });

    expect(side).not.to.have.property('liqoVersion');
  });

  it('finds the objects of the peer, and only those', async () => {
    await store(
      [NAMESPACE, aTenantNamespace('milan')],
      [NAMESPACE, aTenantNamespace('naples')],
      [CONFIGURATION, aTenantObject(CONFIGURATION, 'milan')],
      [CONFIGURATION, aTenantObject(CONFIGURATION, 'naples')],
    );

    const side = await observe('milan');

    expect(namesOf(side.tenantNamespaces)).to.deep.equal(['Namespace/liqo-tenant-milan']);
    expect(namesOf(side.configurations)).to.deep.equal(['Configuration/milan']);
    expect(side.strangers).to.be.empty;
  });

  it('looks for nothing while the ID of the peer is not known', async () => {
    await store([NAMESPACE, aTenantNamespace('milan')]);
    const leaf = await aLeaf();

    const side = observeSide(
      'rome',
      { leafCluster: aLeafCluster(), leaf, state: known },
      undefined,
    );

    expect(side).to.deep.include({ kind: 'known', tenantNamespaces: [], strangers: [] });
  });

  describe('finds strangers under a name that we would use:', () => {
    it('a namespace without any label', async () => {
      await store([
        NAMESPACE,
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: tenantOf('milan') } },
      ]);

      expect(namesOf((await observe()).strangers)).to.deep.equal(['Namespace/liqo-tenant-milan']);
    });

    it('a namespace that is no tenant namespace', async () => {
      const labels = { 'liqo.io/remote-cluster-id': 'milan' };
      await store([
        NAMESPACE,
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: tenantOf('milan'), labels } },
      ]);

      const side = await observe();

      expect(namesOf(side.strangers)).to.deep.equal(['Namespace/liqo-tenant-milan']);
      expect(side.tenantNamespaces).to.be.empty;
    });

    it('an object in the tenant namespace that is labelled for nobody, or for another peer', async () => {
      const unlabelled = aTenantObject(CONFIGURATION, 'milan', {
        metadata: { name: 'milan', labels: { 'liqo.io/remote-cluster-id': 'naples' } },
      });
      await store([NAMESPACE, aTenantNamespace('milan')], [CONFIGURATION, unlabelled]);

      expect(namesOf((await observe()).strangers)).to.deep.equal(['Configuration/milan']);
    });
  });
});

describe('readOtherUseOfTenant', () => {
  let rome: ApiServer;

  beforeEach(async () => {
    rome = await createLeafServer('rome');
  });

  async function storeForeignCluster(status: unknown): Promise<void> {
    const object = { ...aTenantObject(FOREIGN_CLUSTER, 'milan'), spec: { clusterID: 'milan' } };
    await rome.client().create(FOREIGN_CLUSTER, object, { signal });
    const ref = { kind: FOREIGN_CLUSTER, name: 'milan' };
    await rome.client().patch(ref, { status }, { subresource: 'status', signal });
  }

  const off = { enabled: false, conditions: [] };
  const on = { enabled: true, conditions: [] };
  const modules = { networking: on, authentication: off, offloading: off };
  const cases = [
    { name: 'the network alone', status: { role: 'Unknown', modules }, want: 'none' },
    { name: 'a role', status: { role: 'Consumer', modules }, want: 'peering' },
    {
      name: 'authentication',
      status: { role: 'Unknown', modules: { ...modules, authentication: on } },
      want: 'peering',
    },
    {
      name: 'offloading',
      status: { role: 'Unknown', modules: { ...modules, offloading: on } },
      want: 'peering',
    },
  ] as const;

  for (const { name, status, want } of cases) {
    it(`is ${want} for ${name}`, async () => {
      await storeForeignCluster(status);

      expect(await readOtherUseOfTenant(rome.client(), 'milan', { signal })).to.equal(want);
    });
  }

  it('is none where Liqo has not summed the peer up yet', async () => {
    const object = { ...aTenantObject(FOREIGN_CLUSTER, 'milan'), spec: { clusterID: 'milan' } };
    await rome.client().create(FOREIGN_CLUSTER, object, { signal });

    expect(await readOtherUseOfTenant(rome.client(), 'milan', { signal })).to.equal('none');
  });

  it('is none where Liqo knows no such peer', async () => {
    expect(await readOtherUseOfTenant(rome.client(), 'milan', { signal })).to.equal('none');
  });

  for (const [fault, want] of [
    ['down', 'unread'],
    ['forbidden', 'forbidden'],
  ] as const) {
    it(`is ${want} when the leaf is ${fault}: then nothing may be concluded`, async () => {
      rome.faults[fault](true);
      const client = rome.client({ outside: true });

      expect(await readOtherUseOfTenant(client, 'milan', { signal })).to.equal(want);
    });
  }

  it('is unread when somebody in between says 404: that is no word about the peer', async () => {
    const details = { kindMissing: true };
    const client: Pick<KubeReader, 'get'> = {
      get: () => Promise.reject(new NotFoundError('the kind is missing', { details })),
    };

    expect(await readOtherUseOfTenant(client, 'milan', { signal })).to.equal('unread');
  });

  it('throws when it is called off', async () => {
    const called = readOtherUseOfTenant(rome.client(), 'milan', { signal: AbortSignal.abort() });

    expect(await called.catch((error: unknown) => error)).to.have.property('name', 'AbortError');
  });
});
