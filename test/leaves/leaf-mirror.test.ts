import { expect } from 'chai';
import { createLeafMirror, type LeafMirror } from '../../src/leaves/leaf-mirror.ts';
import { ClusterForbiddenError } from '../../src/errors/errors.ts';
import { CONFIGURATION, WG_GATEWAY_SERVER } from '../../src/liqo/kinds.ts';
import { NAMESPACE, SECRET } from '../../src/model/kinds.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { WATCHED_NAMES } from '../../src/leaves/watched.ts';
import { aTenantNamespace, aTenantObject, createLeafServer, tenantOf } from './leaf-server.ts';
import { until } from './until.ts';

const { signal } = new AbortController();
const EVERYWHERE = WATCHED_NAMES.map((watched) => ({ watched }));

describe('leaf mirror', () => {
  let leaf: ApiServer;
  let mirror: LeafMirror;
  let changes: string[];
  let states: string[];

  beforeEach(async () => {
    leaf = await createLeafServer('rome');
    await leaf.client().create(NAMESPACE, aTenantNamespace('milan'), { signal });
    changes = [];
    states = [];
    mirror = createLeafMirror({
      cluster: 'rome',
      client: leaf.client({ outside: true }),
      clock: new FakeClock(),
      random: () => 0.5,
      logger: silentLogger,
      resyncMs: 600_000,
      onChange: ({ type, object }, watched) =>
        changes.push(`${type} ${watched} ${object.metadata.name}`),
      onWatchState: ({ watched, namespace = 'everywhere', state }) =>
        states.push(`${watched} ${namespace} ${state.kind}`),
    });
  });

  afterEach(() => mirror.stop());

  function untilSynced(): Promise<void> {
    return until('everything is listed', () =>
      mirror.watches().every(({ state }) => state.kind === 'synced'),
    );
  }

  async function start(): Promise<void> {
    mirror.keep(EVERYWHERE);
    await untilSynced();
    changes.length = 0;
  }

  it('opens nine watches, reads no Secret, and reads nothing more while nothing changes', async () => {
    await start();
    await until('all watches are open', () => leaf.requests.snapshot().watchesOpenNow === 9);

    const { byRequest, reads, writes } = leaf.requests.snapshot();
    expect(reads).to.equal(9);
    expect(writes).to.equal(0);
    expect(Object.keys(byRequest).join()).not.to.include('secrets');
  });

  it('finds what belongs to a peer, by label', async () => {
    await leaf.client().create(CONFIGURATION, aTenantObject(CONFIGURATION, 'milan'), { signal });
    await start();

    const names = mirror.ofPeer('configurations', 'milan').map(({ metadata }) => metadata.name);
    expect(names).to.deep.equal(['milan']);
    expect(mirror.ofPeer('configurations', 'naples')).to.be.empty;
  });

  it('finds the own Networks of the leaf', async () => {
    await start();

    const found = mirror.withLabel('networks', 'ipam.liqo.io/network-type', 'pod-cidr');

    expect(found.map(({ metadata }) => metadata.name)).to.deep.equal(['pod-cidr']);
  });

  it('finds an object by name, namespaced or not', async () => {
    await leaf.client().create(CONFIGURATION, aTenantObject(CONFIGURATION, 'milan'), { signal });
    await start();

    expect(mirror.get('namespaces', undefined, tenantOf('milan'))).to.have.property('kind');
    expect(mirror.get('configurations', tenantOf('milan'), 'milan')).to.have.property('kind');
    expect(mirror.get('configurations', tenantOf('milan'), 'rome')).to.equal(undefined);
  });

  it('tells of changes, and of which kind they are', async () => {
    await start();

    await leaf.client().create(CONFIGURATION, aTenantObject(CONFIGURATION, 'milan'), { signal });
    await until('the event is there', () => changes.length > 0);

    expect(changes).to.deep.equal(['added configurations milan']);
  });

  it('knows what a write of ours returned before its event, and does not tell of it twice', async () => {
    await start();
    const stored = await leaf
      .client()
      .create(CONFIGURATION, aTenantObject(CONFIGURATION, 'milan'), { signal });

    mirror.remember(CONFIGURATION, stored);

    expect(mirror.ofPeer('configurations', 'milan')).to.have.lengthOf(1);
    await leaf.client().create(NAMESPACE, aTenantNamespace('naples'), { signal });
    await until('a later event is there', () =>
      changes.some((change) => change.includes('naples')),
    );
    expect(changes.filter((change) => change.includes('configurations'))).to.have.length.at.most(1);
  });

  it('does not care about kinds that it does not watch', async () => {
    await start();
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x', namespace: 'liqo' } };

    mirror.remember(SECRET, secret);

    expect(changes).to.be.empty;
  });

  it('keeps who manages an object, without the lists of fields', async () => {
    const applied = aTenantObject(CONFIGURATION, 'milan');
    await leaf.client().apply(CONFIGURATION, applied, { force: false, signal });
    await start();

    const [configuration] = mirror.ofPeer('configurations', 'milan');

    const [entry] = configuration?.metadata.managedFields ?? [];
    expect(entry).to.include({ manager: 'liqo-shortcuts', operation: 'Apply' });
    expect(entry).not.to.have.property('fieldsV1');
  });

  it('drops the pod templates of WgGateways, which nobody reads, and keeps the Service', async () => {
    const wg = aTenantObject(WG_GATEWAY_SERVER, 'milan', {
      spec: {
        secretRef: { name: 'gw-milan' },
        service: { spec: { type: 'NodePort' } },
        deployment: { spec: { selector: {}, template: {} } },
      },
    });
    await leaf.client().create(WG_GATEWAY_SERVER, wg, { signal });
    await start();

    expect(mirror.ofPeer('wgGatewayServers', 'milan')[0]?.['spec']).to.deep.equal({
      service: { spec: { type: 'NodePort' } },
    });
  });

  it('says which kinds cannot be read, and why', async () => {
    leaf.faults.forbidden(true, { resource: 'connections' });
    mirror.keep(EVERYWHERE);
    await until('the refusal is known', () => states.includes('connections everywhere failed'));

    const state = mirror.stateOf({ watched: 'connections' });
    expect(state?.kind === 'failed' && state.error).to.be.instanceOf(ClusterForbiddenError);
    expect(mirror.watches().filter(({ state: { kind } }) => kind === 'failed')).to.have.lengthOf(1);
  });

  describe('of single namespaces', () => {
    const MILAN = { watched: 'configurations', namespace: tenantOf('milan') } as const;
    const NAPLES = { watched: 'configurations', namespace: tenantOf('naples') } as const;

    beforeEach(async () => {
      await leaf.client().create(NAMESPACE, aTenantNamespace('naples'), { signal });
      for (const peer of ['milan', 'naples']) {
        const object = aTenantObject(CONFIGURATION, peer);
        await leaf.client().create(CONFIGURATION, object, { signal });
      }
    });

    it('holds what lies in them, and nothing else', async () => {
      mirror.keep([MILAN]);
      await untilSynced();

      expect(mirror.ofPeer('configurations', 'milan')).to.have.lengthOf(1);
      expect(mirror.ofPeer('configurations', 'naples')).to.be.empty;
      expect(mirror.get('configurations', tenantOf('milan'), 'milan')).to.have.property('kind');
      expect(mirror.get('configurations', tenantOf('naples'), 'naples')).to.equal(undefined);
      expect(states).to.deep.equal([`configurations ${tenantOf('milan')} synced`]);
    });

    it('begins with one more and goes on with the others', async () => {
      mirror.keep([MILAN]);
      await untilSynced();
      leaf.requests.reset();

      mirror.keep([MILAN, NAPLES]);
      await untilSynced();

      expect(leaf.requests.snapshot().reads).to.equal(1);
      expect(mirror.ofPeer('configurations', 'naples')).to.have.lengthOf(1);
    });

    it('forgets one that is no longer wanted, without a word that anything was deleted', async () => {
      mirror.keep([MILAN, NAPLES]);
      await untilSynced();

      mirror.keep([NAPLES]);

      expect(mirror.ofPeer('configurations', 'milan')).to.be.empty;
      expect(mirror.stateOf(MILAN)).to.equal(undefined);
      expect(changes.filter((change) => change.startsWith('deleted'))).to.be.empty;
      await until('its watch is closed', () => leaf.requests.snapshot().watchesOpenNow === 1);
    });

    it('takes in only writes to namespaces that it watches', async () => {
      mirror.keep([MILAN]);
      await untilSynced();
      const ref = { kind: CONFIGURATION, namespace: tenantOf('naples'), name: 'naples' };

      mirror.remember(CONFIGURATION, await leaf.client().get(ref, { signal }));

      expect(mirror.ofPeer('configurations', 'naples')).to.be.empty;
    });

    it('takes over namespaces that were read one by one, until they are watched', async () => {
      const ref = { kind: NAMESPACE, name: tenantOf('milan') };
      mirror.holdNamespaces([await leaf.client().get(ref, { signal })]);

      expect(mirror.ofPeer('namespaces', 'milan')).to.have.lengthOf(1);
      expect(mirror.get('namespaces', undefined, tenantOf('milan'))).to.have.property('kind');
      expect(mirror.get('namespaces', undefined, tenantOf('naples'))).to.equal(undefined);

      mirror.keep([{ watched: 'namespaces' }]);
      await untilSynced();
      expect(mirror.ofPeer('namespaces', 'milan')).to.have.lengthOf(1);
      expect(mirror.ofPeer('namespaces', 'naples')).to.have.lengthOf(1);
    });
  });

  it('closes all watches when it stops', async () => {
    await start();
    await until('all watches are open', () => leaf.requests.snapshot().watchesOpenNow === 9);

    await mirror.stop();

    expect(leaf.requests.snapshot().watchesOpenNow).to.equal(0);
  });
});
