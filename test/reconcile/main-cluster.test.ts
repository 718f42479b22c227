import { expect } from 'chai';
import { ClusterUnreachableError } from '../../src/errors/errors.ts';
import { LEAF_CLUSTER, NAMESPACE, SECRET, SHORTCUT } from '../../src/model/kinds.ts';
import { nameOf, type Shortcut } from '../../src/model/shortcut.ts';
import { createMainCluster, type MainCluster } from '../../src/reconcile/main-cluster.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { until } from '../leaves/until.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { aShortcut, type ShortcutOverrides } from '../support/builders/a-shortcut.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  createLeafCluster,
  createMainServer,
  createShortcut,
  writeKubeconfig,
} from './main-server.ts';

const { signal } = new AbortController();

describe('main cluster', () => {
  let server: ApiServer;
  let main: MainCluster;
  let clock: FakeClock;
  let seen: string[];

  beforeEach(async () => {
    server = await createMainServer();
    clock = new FakeClock();
    seen = [];
    main = createMainCluster({
      client: server.client({ outside: true }),
      namespace: 'liqo-shortcuts',
      clock,
      random: () => 0.5,
      logger: silentLogger,
      resyncMs: 600_000,
      onShortcut: ({ type, object }) => seen.push(`${type} ${object.metadata.name}`),
      onLeaf: () => seen.push('leaf'),
      onStateChange: () => seen.push('state'),
    });
  });

  afterEach(() => main.stop());

  async function start(): Promise<void> {
    main.start();
    await main.synced({ signal });
    await until('watches are open', () => server.requests.snapshot().watchesOpenNow === 3);
  }

  function shortcut(name: string, clusters: [string, string], rest: ShortcutOverrides = {}) {
    return createShortcut(server, {
      ...rest,
      metadata: { ...rest.metadata, name },
      spec: { clusters },
    });
  }

  function names(shortcuts: readonly Shortcut[]): readonly string[] {
    return shortcuts.map(({ metadata }) => metadata.name);
  }

  it('holds what is there', async () => {
    await shortcut('rome-milan', ['rome', 'milan']);
    await createLeafCluster(server, 'rome');
    await start();

    expect(main.shortcuts().map(nameOf)).to.deep.equal(['liqo-shortcuts/rome-milan']);
    expect(main.shortcut('liqo-shortcuts/rome-milan')?.spec.clusters).to.deep.equal([
      'rome',
      'milan',
    ]);
    expect(names(main.leafClusters() as never)).to.deep.equal(['rome']);
    expect(main.secretOf(main.leafClusters()[0]!)?.metadata.name).to.equal('rome-kubeconfig');
  });

  it('holds nothing that is not there', async () => {
    await start();

    expect(main.shortcut('liqo-shortcuts/rome-milan')).to.equal(undefined);
    expect(main.shortcut('')).to.equal(undefined);
    expect(main.secretOf(aLeafCluster())).to.equal(undefined);
    expect(main.shortcutsOfLeaf('rome')).to.deep.equal([]);
    expect(main.shortcutsOfPair('milan--rome')).to.deep.equal([]);
  });

  it('looks for nothing outside the namespace of the installation', async () => {
    const elsewhere = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } };
    await server.client().create(NAMESPACE, elsewhere, { signal });
    await shortcut('rome-milan', ['rome', 'milan'], { metadata: { namespace: 'elsewhere' } });
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'x', namespace: 'elsewhere' },
    };
    await server.client().create(SECRET, secret, { signal });
    await start();

    expect(main.shortcuts()).to.be.empty;
  });

  it('finds the shortcuts of a leaf, and those of a pair in either order', async () => {
    await shortcut('rome-milan', ['rome', 'milan']);
    await shortcut('naples-rome', ['naples', 'rome']);
    await start();

    expect(names(main.shortcutsOfLeaf('rome'))).to.have.members(['rome-milan', 'naples-rome']);
    expect(names(main.shortcutsOfLeaf('milan'))).to.deep.equal(['rome-milan']);
    expect(names(main.shortcutsOfPair('milan--rome'))).to.deep.equal(['rome-milan']);
  });

  it('puts the oldest of a pair first, and the first by name among equals', async () => {
    await start();
    const pair = { clusters: ['rome', 'milan'] } as const;
    for (const [name, creationTimestamp] of [
      ['young', '2026-01-02T00:00:00Z'],
      ['old-b', '2026-01-01T00:00:00Z'],
      ['old-a', '2026-01-01T00:00:00Z'],
    ] as const) {
      const metadata = { name, uid: name, resourceVersion: '1000000', creationTimestamp };
      main.remember(SHORTCUT, aShortcut({ metadata, spec: pair }));
    }
    main.remember(
      SHORTCUT,
      aShortcut({ metadata: { name: 'unborn', uid: 'x', resourceVersion: '1000000' } }),
    );

    expect(names(main.shortcutsOfPair('milan--rome'))).to.deep.equal([
      'unborn',
      'old-a',
      'old-b',
      'young',
    ]);
  });

  it('tells of shortcuts, and notices when they come and go', async () => {
    await start();
    expect(main.shortcutsOfLeaf('rome')).to.be.empty;

    await shortcut('rome-milan', ['rome', 'milan']);
    await until('the event is there', () => seen.includes('added rome-milan'));
    expect(names(main.shortcutsOfLeaf('rome'))).to.deep.equal(['rome-milan']);

    const ref = { kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' };
    await server.client().delete(ref, { signal });
    await until('the event is there', () => seen.includes('deleted rome-milan'));
    expect(main.shortcutsOfLeaf('rome')).to.be.empty;
  });

  it('tells when a LeafCluster or a Secret changes', async () => {
    await start();
    seen.length = 0;

    await writeKubeconfig(server, 'rome', 'first');
    await until('the Secret is noticed', () => seen.length === 1);
    await server
      .client()
      .create(
        LEAF_CLUSTER,
        { ...aLeafCluster(), metadata: { name: 'rome', namespace: 'liqo-shortcuts' } },
        { signal },
      );
    await until('the LeafCluster is noticed', () => seen.length === 2);

    expect(seen).to.deep.equal(['leaf', 'leaf']);
  });

  it('knows what a write of ours returned before its event', async () => {
    await start();
    const stored = await shortcut('rome-milan', ['rome', 'milan']);

    main.remember(SHORTCUT, stored);

    expect(main.shortcut('liqo-shortcuts/rome-milan')).to.equal(stored);
    expect(names(main.shortcutsOfPair('milan--rome'))).to.deep.equal(['rome-milan']);
  });

  it('does not care about what it does not hold', async () => {
    await start();

    main.remember(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } });

    expect(main.shortcuts()).to.be.empty;
  });

  it('says why it cannot be read, keeps what it knew, and says so no more when it can be', async () => {
    await shortcut('rome-milan', ['rome', 'milan']);
    await start();
    expect(main.failure()).to.equal(undefined);

    server.faults.down(true);
    await clock.advance(60_000);

    expect(main.failure()).to.be.instanceOf(ClusterUnreachableError);
    expect(main.shortcuts()).to.have.lengthOf(1);
    expect(seen).to.include('state');

    server.faults.down(false);
    await clock.advance(60_000);
    await until('it is read again', () => main.failure() === undefined);
  });
});
