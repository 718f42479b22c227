import { expect } from 'chai';
import { ClusterUnreachableError, CredentialInvalidError } from '../../src/errors/errors.ts';
import type { ClusterCredentials } from '../../src/kube/credentials.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { createLeaf, type Leaf, type LeafOptions } from '../../src/leaves/leaf.ts';
import { CONFIG_MAP } from '../../src/model/kinds.ts';
import { createLogger, silentLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { closable, createLeafServer } from './leaf-server.ts';
import { until } from './until.ts';

const { signal } = new AbortController();
const RESYNC_MS = 600_000;
const credentials: ClusterCredentials = { server: 'https://rome.example', fingerprint: 'f-1' };

describe('leaf', () => {
  let server: ApiServer;
  let clock: FakeClock;
  let leaf: Leaf;
  let stateChanges: number;

  beforeEach(async () => {
    server = await createLeafServer('rome', 'rome-id');
    clock = new FakeClock();
    stateChanges = 0;
  });

  afterEach(async () => {
    await leaf.stop();
  });

  function create(overrides: Partial<LeafOptions> = {}): void {
    leaf = createLeaf({
      leafCluster: aLeafCluster(),
      credentials,
      connect: () => Promise.resolve(server.client({ outside: true })),
      clock,
      random: () => 1,
      logger: silentLogger,
      resyncMs: RESYNC_MS,
      onChange: () => undefined,
      onStateChange: () => (stateChanges += 1),
      ...overrides,
    });
  }

  async function startKnown(overrides: Partial<LeafOptions> = {}): Promise<void> {
    create(overrides);
    leaf.start();
    await untilKnown();
    await until('all watches are open', () => server.requests.snapshot().watchesOpenNow === 9);
  }

  function untilKnown(): Promise<void> {
    return until('the leaf is known', () => leaf.state().kind === 'known');
  }

  function untilReason(reason: string): Promise<void> {
    return until(`the leaf is unknown for ${reason}`, () => reasonNow() === reason);
  }

  function reasonNow(): string | undefined {
    const state = leaf.state();
    return state.kind === 'unknown' ? state.reason : undefined;
  }

  async function replaceClusterID(clusterID: string): Promise<void> {
    const ref = { kind: CONFIG_MAP, namespace: 'liqo', name: 'liqo-clusterid-configmap' };
    await server.client().patch(ref, { data: { CLUSTER_ID: clusterID } }, { signal });
  }

  it('does nothing before it is started', async () => {
    create();
    await settle();

    expect(server.requests.snapshot().total).to.equal(0);
    expect(leaf).to.include({ client: undefined, mirror: undefined, keys: undefined });
    expect(leaf.state()).to.include({ kind: 'unknown', reason: 'Progressing' });
    expect(leaf.permissionsMissing()).to.deep.equal([]);
  });

  it('is known once it is identified and read, and tells so once', async () => {
    await startKnown();

    expect(leaf.state()).to.deep.equal({ kind: 'known', clusterID: 'rome-id' });
    expect(stateChanges).to.equal(1);
    expect(
      leaf.mirror?.withLabel('networks', 'ipam.liqo.io/network-type', 'pod-cidr'),
    ).to.have.lengthOf(1);
    expect(leaf.keys?.refused()).to.equal(undefined);
  });

  it('connects with its credential, under its name', async () => {
    const calls: unknown[] = [];
    await startKnown({
      connect: (...given) => {
        calls.push(given);
        return Promise.resolve(server.client({ outside: true }));
      },
    });

    expect(calls).to.deep.equal([[credentials, 'rome']]);
  });

  it('tells of what changes on the leaf', async () => {
    const seen: string[] = [];
    await startKnown({
      onChange: ({ object }, watched) => seen.push(`${watched} ${object.metadata.name}`),
    });

    expect(seen).to.include('networks pod-cidr').and.include('namespaces liqo');
  });

  it('cannot be started twice', async () => {
    await startKnown();

    expect(() => leaf.start()).to.throw(TypeError);
  });

  describe('that cannot be reached when it starts', () => {
    beforeEach(async () => {
      server.faults.down(true);
      create();
      leaf.start();
      await untilReason('LeafUnreachable');
    });

    it('says so once, not with every try', async () => {
      await clock.advance(10 * 60_000);

      expect(reasonNow()).to.equal('LeafUnreachable');
      expect(stateChanges).to.equal(1);
    });

    it('is tried again, and heals by itself', async () => {
      server.faults.down(false);

      await clock.advance(60_000);
      await untilKnown();
    });
  });

  it('is tried again later each time, at most every minute', async () => {
    const times: number[] = [];
    create({
      connect: () => {
        times.push(clock.now());
        return Promise.reject(new CredentialInvalidError('the key does not fit'));
      },
    });
    leaf.start();
    await clock.advance(300_000);

    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(pauses).to.deep.equal(
      [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000),
    );
    expect(reasonNow()).to.equal('CredentialInvalid');
  });

  it('does not pile anything up while it waits for a leaf that does not come', async () => {
    const warnings: Error[] = [];
    const collect = (warning: Error) => warnings.push(warning);
    process.on('warning', collect);
    server.faults.down(true);
    create();
    leaf.start();

    await clock.advance(30 * 60_000);
    process.off('warning', collect);

    expect(warnings.map(({ name }) => name)).not.to.include('MaxListenersExceededWarning');
  });

  it('names the rights that are missing, and heals once they are granted', async () => {
    server.faults.forbidden(true, { resource: 'connections' });
    create();
    leaf.start();
    await until('the rights are known', () => leaf.permissionsMissing().length > 0);

    expect(leaf.permissionsMissing()).to.deep.equal([
      'list connections.networking.liqo.io',
      'watch connections.networking.liqo.io',
    ]);
    await untilKnown();
    leaf.setPeers([{ id: 'milan' }]);
    await until('the peer is told', () => leaf.sightOf('milan').kind === 'refused');

    server.faults.forbidden(false);
    await clock.advance(30_000);
    await until('the rights are there', () => leaf.permissionsMissing().length === 0);
    await untilKnown();
    expect(leaf.sightOf('milan')).to.have.property('kind', 'clear');
  });

  it('names the right to read key Secrets when one was refused', async () => {
    await startKnown();
    server.faults.forbidden(true, { resource: 'secrets' });
    const ref = {
      kind: { ...CONFIG_MAP, kind: 'Secret', plural: 'secrets' },
      namespace: 'liqo',
      name: 'x',
    };

    await leaf.keys?.read(ref, { gatewayUID: 'u', trusted: true, signal });

    // Until the rights are asked for, nobody knows that it is missing everywhere.
    expect(leaf.permissionsMissing()).to.deep.equal(['get secrets/x in namespace liqo']);
    await until('the right is known', () => leaf.permissionsMissing().join() === 'get secrets');
    expect(leaf.state().kind).to.equal('known');
  });

  it('tells why it cannot be read once it answers at all', async () => {
    server.faults.down(true);
    server.faults.forbidden(true, { resource: 'configmaps' });
    create();
    leaf.start();
    await untilReason('LeafUnreachable');

    server.faults.down(false);
    await clock.advance(60_000);

    await untilReason('LeafForbidden');
  });

  describe('whose watches break', () => {
    beforeEach(() => startKnown());

    it('is looked for again for three seconds, in which nothing is concluded', async () => {
      server.faults.down(true);
      await clock.advance(2_999);

      expect(reasonNow()).to.equal('Progressing');
    });

    it('is unreachable after that', async () => {
      server.faults.down(true);
      await clock.advance(10_000);

      expect(reasonNow()).to.equal('LeafUnreachable');
    });

    it('writes no line in the log for a break that heals in time', async () => {
      await leaf.stop();
      const lines: string[] = [];
      const destination = { write: (line: string) => void lines.push(line) };
      await startKnown({ logger: createLogger({ level: 'info', destination }) });

      server.faults.down(true);
      await clock.advance(1_000);
      server.faults.down(false);
      await clock.advance(1_500);
      await untilKnown();

      expect(lines).to.have.length(1);
    });

    it('heals by itself', async () => {
      server.faults.down(true);
      await clock.advance(10_000);
      server.faults.down(false);
      await clock.advance(60_000);

      await untilKnown();
    });

    it('has to say who it is before it is known again', async () => {
      server.faults.down(true);
      await clock.advance(1_000);
      await replaceClusterID('another');
      server.faults.down(false);
      await clock.advance(60_000);

      await untilReason('ClusterIDMismatch');
    });

    it('gives every break its own grace', async () => {
      server.faults.down(true);
      await clock.advance(2_000);
      server.faults.down(false);
      await clock.advance(60_000);
      await untilKnown();
      server.faults.down(true);
      await clock.advance(2_000);

      expect(reasonNow()).to.equal('Progressing');
    });
  });

  describe('when it is identified again', () => {
    beforeEach(() => startKnown());

    it('is refused as soon as there is another cluster behind the address', async () => {
      await replaceClusterID('milan-id');
      await clock.advance(RESYNC_MS);

      await untilReason('ClusterIDMismatch');
    });

    it('is known again when it is the right cluster again', async () => {
      await replaceClusterID('milan-id');
      await clock.advance(RESYNC_MS);
      await untilReason('ClusterIDMismatch');
      await replaceClusterID('rome-id');
      await clock.advance(60_000);

      await untilKnown();
    });

    it('is unknown when Liqo is gone', async () => {
      const ref = { kind: CONFIG_MAP, namespace: 'liqo', name: 'liqo-clusterid-configmap' };
      await server.client().delete(ref, { signal });
      await clock.advance(RESYNC_MS);

      await untilReason('LiqoMissing');
    });
  });

  it('stays known when it cannot be identified again while its watches are open', async () => {
    const failed: unknown[] = [];
    const client = server.client({ outside: true });
    const list = client.list.bind(client);
    client.list = (kind, options) => {
      if (kind !== CONFIG_MAP || leaf.state().kind !== 'known') return list(kind, options);
      failed.push(kind);
      return Promise.reject(new ClusterUnreachableError('no connection'));
    };
    await startKnown({ connect: () => Promise.resolve(client) });

    await clock.advance(RESYNC_MS);
    await until('it was tried', () => failed.length > 0);

    expect(leaf.state().kind).to.equal('known');
    expect(stateChanges).to.equal(1);
  });

  describe('that is stopped', () => {
    it('closes its watches and its connections', async () => {
      let client: ReturnType<typeof closable> | undefined;
      await startKnown({
        connect: () => {
          client = closable(server.client({ outside: true }));
          return Promise.resolve(client as KubeClient);
        },
      });

      await leaf.stop();

      expect(server.requests.snapshot().watchesOpenNow).to.equal(0);
      expect(client?.isClosed).to.be.true;
    });

    it('says and asks nothing more', async () => {
      await startKnown();
      const before = stateChanges;

      await leaf.stop();
      server.requests.reset();
      await clock.advance(3_600_000);

      expect(stateChanges).to.equal(before);
      expect(server.requests.snapshot().total).to.equal(0);
      expect(clock.sleeping).to.equal(0);
    });

    it('ends in the middle of connecting', async () => {
      server.faults.hang(true);
      create();
      leaf.start();
      await settle();

      await leaf.stop();

      expect(reasonNow()).to.equal('Progressing');
    });

    it('ends before it was started', async () => {
      create();

      await leaf.stop();

      expect(server.requests.snapshot().total).to.equal(0);
    });
  });
});
