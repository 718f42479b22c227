import { expect } from 'chai';
import { CredentialInvalidError } from '../../src/errors/errors.ts';
import type { ClusterCredentials } from '../../src/kube/credentials.ts';
import { createLeafCredentialReader } from '../../src/leaves/leaf-credentials.ts';
import { createLeafRegistry, type LeafRegistry } from '../../src/leaves/leaf-registry.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { LeafCluster } from '../../src/model/leaf-cluster.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { aLeafCluster, type LeafClusterOverrides } from '../support/builders/a-leaf-cluster.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { closable, createLeafServer } from './leaf-server.ts';
import { until } from './until.ts';

type Secrets = Readonly<Record<string, KubeObject>>;

function aSecret(text: string, key = 'kubeconfig'): KubeObject {
  const data = { [key]: Buffer.from(text).toString('base64') };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data };
}

describe('leaf registry', () => {
  let servers: ReadonlyMap<string, ApiServer>;
  let registry: LeafRegistry;
  let clock: FakeClock;
  let clients: ReturnType<typeof closable>[];
  let changes: string[];
  let stateChanges: string[];
  let logged: string;
  /** Where a credential leads, for those that do not lead to the leaf of their name. */
  let routes: Map<string, string>;

  beforeEach(async () => {
    servers = new Map([
      ['rome', await createLeafServer('rome')],
      ['milan', await createLeafServer('milan')],
    ]);
    clients = [];
    clock = new FakeClock();
    changes = [];
    stateChanges = [];
    logged = '';
    routes = new Map();
    registry = createLeafRegistry({
      connect: ({ fingerprint }, cluster) => {
        const server = servers.get(routes.get(fingerprint) ?? cluster)!;
        const client = closable(server.client({ outside: true }));
        clients.push(client);
        return Promise.resolve(client);
      },
      parseKubeconfig: parse,
      clock,
      random: () => 0.5,
      logger: createLogger({
        level: 'debug',
        destination: { write: (line) => void (logged += line) },
      }),
      resyncMs: 600_000,
      onChange: (cluster, { object }, watched) =>
        changes.push(`${cluster} ${watched} ${object.metadata.name}`),
      onStateChange: (cluster) => stateChanges.push(cluster),
    });
  });

  afterEach(() => registry.stop());

  /** A kubeconfig here is the name of a user; one that begins with `!` is refused. */
  function parse(text: string, cluster: string): ClusterCredentials {
    if (text === 'bug') throw new TypeError('not mapped');
    if (text.startsWith('!')) throw new CredentialInvalidError(`leaf "${cluster}": user is wrong`);
    return { server: 'https://leaf.example', fingerprint: text };
  }

  function update(
    leafClusters: readonly LeafCluster[] = [aLeafCluster()],
    secrets: Secrets = { rome: aSecret('admin'), milan: aSecret('admin') },
  ): void {
    registry.update(leafClusters, ({ metadata }) => secrets[metadata.name]);
  }

  async function untilKnown(...names: readonly string[]): Promise<void> {
    await until(`${names.join()} known`, () =>
      names.every((name) => registry.get(name)?.state.kind === 'known'),
    );
  }

  it('is empty at first', () => {
    expect(registry.all()).to.deep.equal([]);
    expect(registry.get('rome')).to.equal(undefined);
  });

  it('connects every leaf that is registered', async () => {
    update([aLeafCluster(), aLeafCluster({ metadata: { name: 'milan' } })]);
    await untilKnown('rome', 'milan');

    const states = registry
      .all()
      .map(({ leafCluster, state }) => [leafCluster.metadata.name, state]);
    expect(states).to.deep.equal([
      ['rome', { kind: 'known', clusterID: 'rome' }],
      ['milan', { kind: 'known', clusterID: 'milan' }],
    ]);
    expect(stateChanges).to.include.members(['rome', 'milan']);
  });

  it('tells of changes, and on which leaf', async () => {
    update();
    await untilKnown('rome');

    expect(changes).to.include('rome namespaces liqo');
  });

  it('does not let one leaf that cannot be reached delay another', async () => {
    servers.get('milan')!.faults.hang(true);
    update([aLeafCluster({ metadata: { name: 'milan' } }), aLeafCluster()]);

    await untilKnown('rome');

    expect(registry.get('milan')?.state).to.include({ kind: 'unknown', reason: 'Progressing' });
  });

  describe('with what changed', () => {
    const same: readonly { name: string; overrides: LeafClusterOverrides }[] = [
      { name: 'nothing', overrides: {} },
      { name: 'its status', overrides: { status: { clusterID: 'rome' } } },
      {
        name: 'how its gateway is reached',
        overrides: { spec: { gateway: { reachability: 'NAT' } } },
      },
    ];

    for (const { name, overrides } of same) {
      it(`goes on with the same leaf when ${name} changed`, async () => {
        update();
        await untilKnown('rome');
        const { leaf } = registry.get('rome')!;
        const leafCluster = aLeafCluster(overrides);

        update([leafCluster]);

        expect(registry.get('rome')).to.include({ leaf, leafCluster });
        expect(clients).to.have.lengthOf(1);
      });
    }

    const other: readonly { name: string; overrides: LeafClusterOverrides; secret?: KubeObject }[] =
      [
        { name: 'its credential', overrides: {}, secret: aSecret('somebody else') },
        { name: 'the namespace of Liqo', overrides: { spec: { liqoNamespace: 'liqo-system' } } },
        { name: 'its registered cluster ID', overrides: { spec: { clusterID: 'rome' } } },
        { name: 'the LeafCluster itself, made anew', overrides: { metadata: { uid: 'another' } } },
      ];

    for (const { name, overrides, secret = aSecret('admin') } of other) {
      it(`builds the leaf anew when ${name} changed`, async () => {
        update();
        await untilKnown('rome');
        const { leaf } = registry.get('rome')!;

        update([aLeafCluster(overrides)], { rome: secret });
        await until('the old connection is closed', () => clients[0]?.isClosed === true);

        expect(registry.get('rome')?.leaf).not.to.equal(leaf);
        expect(clients).to.have.lengthOf(2);
        expect(clients[1]?.isClosed).to.be.false;
      });
    }
  });

  describe('with a new credential', () => {
    it('sees all the time: the old one is used until the new one works', async () => {
      update();
      await untilKnown('rome');
      const { leaf } = registry.get('rome')!;
      servers.get('rome')!.faults.hang(true);
      stateChanges.length = 0;

      update([aLeafCluster()], { rome: aSecret('newer') });
      await until('it connects', () => clients.length === 2);
      await settle();

      expect(registry.get('rome')).to.include({ leaf });
      expect(registry.get('rome')?.state.kind).to.equal('known');
      expect(clients[0]?.isClosed).to.equal(false);
      expect(stateChanges).to.deep.equal([]);
    });

    it('is told when the new one does not work, and the old one is given up', async () => {
      update();
      await untilKnown('rome');
      servers.get('milan')!.faults.revoked(true, 'admin');
      routes.set('newer', 'milan');

      update([aLeafCluster()], { rome: aSecret('newer') });
      await until('it is refused', () => registry.get('rome')?.state.kind === 'unknown');

      expect(registry.get('rome')?.state).to.include({ reason: 'CredentialInvalid' });
      await until('the old one is closed', () => clients[0]?.isClosed === true);
    });

    it('goes on with the old one when that comes back first', async () => {
      update();
      await untilKnown('rome');
      const { leaf } = registry.get('rome')!;
      servers.get('milan')!.faults.hang(true);
      routes.set('newer', 'milan');
      update([aLeafCluster()], { rome: aSecret('newer') });
      await until('it connects', () => clients.length === 2);

      update();
      await until('the newer one is closed', () => clients[1]?.isClosed === true);

      expect(registry.get('rome')).to.include({ leaf });
      expect(clients[0]?.isClosed).to.equal(false);
    });

    it('takes the last of several', async () => {
      update();
      await untilKnown('rome');
      servers.get('milan')!.faults.hang(true);
      routes.set('second', 'milan');

      update([aLeafCluster()], { rome: aSecret('second') });
      update([aLeafCluster()], { rome: aSecret('third') });
      await until('the first is closed', () => clients[0]?.isClosed === true);

      expect(registry.get('rome')?.state.kind).to.equal('known');
      await until('one is left', () => clients.filter(({ isClosed }) => !isClosed).length === 1);
    });

    it('is refused when it leads to another cluster, though no status knows the old one', async () => {
      update();
      await untilKnown('rome');
      routes.set('wrong', 'milan');

      update([aLeafCluster()], { rome: aSecret('wrong') });
      await until('it is refused', () => registry.get('rome')?.state.kind === 'unknown');

      expect(registry.get('rome')?.state).to.include({ reason: 'ClusterIDMismatch' });

      update();
      await untilKnown('rome');
    });

    it('is parsed once', () => {
      let parsed = 0;
      const counting = createLeafCredentialReader((text, cluster) => {
        parsed += 1;
        return parse(text, cluster);
      });

      for (const text of ['admin', 'admin', '!wrong', '!wrong']) {
        counting.read(aLeafCluster(), aSecret(text));
      }
      counting.keepOnly(new Set());
      counting.read(aLeafCluster(), aSecret('!wrong'));

      expect(parsed).to.equal(3);
    });
  });

  describe('two leaves that are one cluster', () => {
    const rome = aLeafCluster({ metadata: { creationTimestamp: '2026-01-01T00:00:00Z' } });
    const copy = (status?: LeafClusterOverrides['status']): LeafCluster =>
      aLeafCluster({
        metadata: { name: 'copy', creationTimestamp: '2026-01-02T00:00:00Z' },
        ...(status && { status }),
      });
    const secrets = { rome: aSecret('admin'), copy: aSecret('to-rome') };

    beforeEach(() => routes.set('to-rome', 'rome'));

    it('are never both known: the second is refused, and says which was first', async () => {
      update([rome], secrets);
      await untilKnown('rome');

      update([rome, copy()], secrets);
      await until('it is refused', () => reasonOfLeaf('copy') === 'ClusterIDMismatch');

      const { state } = registry.get('copy')!;
      expect(state.kind === 'unknown' && state.message).to.include('leaf "rome"');
      expect(registry.get('rome')?.state.kind).to.equal('known');
    });

    it('are told apart when both begin at once', async () => {
      update([rome, copy()], secrets);
      await until('one is refused', () =>
        ['rome', 'copy'].some((name) => reasonOfLeaf(name) === 'ClusterIDMismatch'),
      );
      await until('the other is known', () =>
        ['rome', 'copy'].some((name) => registry.get(name)?.state.kind === 'known'),
      );
    });

    it('stay as they were over a restart, though the first to hold it does not answer yet', async () => {
      servers.get('milan')!.faults.hang(true);
      routes.set('to-rome', 'milan');

      update([rome, copy({ clusterID: 'rome' })], secrets);

      await until('it is refused', () => reasonOfLeaf('rome') === 'ClusterIDMismatch');
    });

    it('make room for one another when the first is removed', async () => {
      update([rome, copy()], secrets);
      await until('one is refused', () => reasonOfLeaf('copy') === 'ClusterIDMismatch');

      update([copy()], secrets);
      await clock.advance(60_000);

      await untilKnown('copy');
    });

    it('do not keep the cluster from its owner when one only points there by mistake', async () => {
      const milan = aLeafCluster({ metadata: { name: 'milan' } });
      update([rome, milan], { rome: aSecret('admin'), milan: aSecret('admin') });
      await untilKnown('rome', 'milan');
      routes.set('wrong', 'milan');

      update([rome, milan], { rome: aSecret('wrong'), milan: aSecret('admin') });
      await until('it is refused', () => reasonOfLeaf('rome') === 'ClusterIDMismatch');

      expect(registry.get('milan')?.state.kind).to.equal('known');
    });

    function reasonOfLeaf(name: string): string | undefined {
      const state = registry.get(name)?.state;
      return state?.kind === 'unknown' ? state.reason : undefined;
    }
  });

  it('takes the key of the Secret that the LeafCluster names', async () => {
    const kubeconfigSecretRef = { name: 'x', key: 'value' };

    update([aLeafCluster({ spec: { kubeconfigSecretRef } })], { rome: aSecret('admin', 'value') });

    await untilKnown('rome');
  });

  it('closes a leaf that is no longer registered', async () => {
    update();
    await untilKnown('rome');
    stateChanges.length = 0;

    update([]);
    await until('the connection is closed', () => clients[0]?.isClosed === true);

    expect(registry.get('rome')).to.equal(undefined);
    expect(stateChanges).to.deep.equal(['rome']);
    expect(servers.get('rome')!.requests.snapshot().watchesOpenNow).to.equal(0);
  });

  describe('without a credential that can be used', () => {
    const cases: readonly { name: string; secrets: Secrets; says: string }[] = [
      { name: 'no Secret', secrets: {}, says: 'does not exist' },
      {
        name: 'a Secret without the key',
        secrets: { rome: aSecret('admin', 'other') },
        says: 'no key',
      },
      {
        name: 'a Secret without any data',
        secrets: { rome: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } } },
        says: 'no key',
      },
      {
        name: 'a kubeconfig that is refused',
        secrets: { rome: aSecret('!wrong') },
        says: 'user is wrong',
      },
    ];

    for (const { name, secrets, says } of cases) {
      it(`has no leaf, and says why: ${name}`, () => {
        update([aLeafCluster()], secrets);

        const { leaf, state } = registry.get('rome')!;
        expect(leaf).to.equal(undefined);
        expect(state).to.include({ kind: 'unknown', reason: 'CredentialInvalid' });
        expect(state.kind === 'unknown' && state.message).to.include(says);
      });
    }

    it('says so once', () => {
      update([aLeafCluster()], {});
      update([aLeafCluster()], {});

      expect(stateChanges).to.deep.equal(['rome']);
    });

    it('connects as soon as there is one', async () => {
      update([aLeafCluster()], {});
      update();

      await untilKnown('rome');
    });

    it('gives the leaf up when its credential is taken away', async () => {
      update();
      await untilKnown('rome');

      update([aLeafCluster()], {});
      await until('the connection is closed', () => clients[0]?.isClosed === true);

      expect(registry.get('rome')).to.include({ leaf: undefined });
    });
  });

  it('does not take a bug for a bad credential', () => {
    expect(() => update([aLeafCluster()], { rome: aSecret('bug') })).to.throw(TypeError);
  });

  it('never shows or logs what is in a Secret', async () => {
    update([aLeafCluster(), aLeafCluster({ metadata: { name: 'milan' } })], {
      rome: aSecret('!a very secret text'),
      milan: aSecret('a very secret token'),
    });
    await untilKnown('milan');

    expect(JSON.stringify(registry.all().map(({ state }) => state))).not.to.include('very secret');
    expect(logged).to.include('milan').and.not.include('very secret');
  });

  it('closes everything when it stops, and waits for it', async () => {
    update([aLeafCluster(), aLeafCluster({ metadata: { name: 'milan' } })]);
    await untilKnown('rome', 'milan');

    await registry.stop();

    expect(clients.map(({ isClosed }) => isClosed)).to.deep.equal([true, true]);
    expect(registry.all()).to.deep.equal([]);
  });

  it('goes on when a connection cannot be closed', async () => {
    update();
    await untilKnown('rome');
    clients[0]!.close = () => Promise.reject(new TypeError('close failed'));

    update([]);
    await settle();
    await registry.stop();

    expect(logged).to.include('Closing leaf failed');
  });
});
