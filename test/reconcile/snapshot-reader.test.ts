import { expect } from 'chai';
import { ClusterUnreachableError } from '../../src/errors/errors.ts';
import type { Leaf } from '../../src/leaves/leaf.ts';
import type { LeafState } from '../../src/leaves/leaf-state.ts';
import type { RegisteredLeaf } from '../../src/leaves/leaf-registry.ts';
import type { LeafCluster } from '../../src/model/leaf-cluster.ts';
import { nameOf, type Shortcut } from '../../src/model/shortcut.ts';
import type { MainCluster } from '../../src/reconcile/main-cluster.ts';
import { createSnapshotReader } from '../../src/reconcile/snapshot-reader.ts';
import { createMemories, type Memories } from '../../src/status/shortcut-memory.ts';
import type { SnapshotReader, SourceSnapshot } from '../../src/status/snapshot.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';

function withReady(name: string, status: 'True' | 'False' | 'Unknown'): Shortcut {
  const condition = { type: 'Ready', status, reason: 'x', message: '', lastTransitionTime: '' };
  return aShortcut({ metadata: { name }, status: { conditions: [condition] } });
}

describe('snapshot reader', () => {
  let shortcuts: Shortcut[];
  let leaves: RegisteredLeaf[];
  let failure: ClusterUnreachableError | undefined;
  let source: SourceSnapshot | undefined;
  let isSynced: boolean;
  let memories: Memories;
  let reader: SnapshotReader;

  beforeEach(() => {
    shortcuts = [];
    leaves = [];
    failure = undefined;
    source = undefined;
    isSynced = true;
    memories = createMemories();
    const main: Partial<MainCluster> = {
      shortcuts: () => shortcuts,
      shortcut: (name) => shortcuts.find((shortcut) => nameOf(shortcut) === name),
      shortcutsOfLeaf: () => shortcuts,
      failure: () => failure,
      failingSince: () => failure && Date.parse('2026-01-01T00:00:00Z'),
    };
    reader = createSnapshotReader({
      ...{
        version: '1.2.3',
        installation: () => 'turin',
        leadership: () => ({ role: 'follower', leader: 'turin_2' }) as const,
        namespace: 'liqo-shortcuts',
        memories,
      },
      main: main as MainCluster,
      registry: {
        all: () => leaves,
        get: (name) => leaves.find(({ leafCluster }) => leafCluster.metadata.name === name),
        update: () => undefined,
        setPeers: () => undefined,
        stop: () => Promise.resolve(),
      },
      source: () => source,
      forge: () => undefined,
      isSynced: () => isSynced,
    });
  });

  function aLeaf(leafCluster: LeafCluster, permissionsMissing?: readonly string[]): RegisteredLeaf {
    const state: LeafState = { kind: 'known', clusterID: 'x' };
    const leaf = { permissionsMissing: () => permissionsMissing ?? [] } as Leaf;
    return { leafCluster, state, leaf: permissionsMissing && leaf };
  }

  it('shows an installation in which there is nothing yet', () => {
    isSynced = false;

    expect(reader.snapshot()).to.deep.equal({
      ...{
        version: '1.2.3',
        installation: 'turin',
        namespace: 'liqo-shortcuts',
        synced: false,
        role: 'follower',
        leader: 'turin_2',
      },
      counts: { shortcuts: 0, ready: 0, notReady: 0, unknown: 0, leaves: 0, leavesReady: 0 },
      shortcuts: [],
      leaves: [],
    });
  });

  it('counts how things stand, and takes what nobody looked at for unknown', () => {
    shortcuts = [
      withReady('a', 'True'),
      withReady('b', 'False'),
      withReady('c', 'Unknown'),
      aShortcut(),
    ];
    const conditions = [
      { type: 'Ready', status: 'True', reason: 'Connected', message: '', lastTransitionTime: '' },
    ] as const;
    leaves = [aLeaf(aLeafCluster({ status: { conditions } })), aLeaf(aLeafCluster())];

    expect(reader.snapshot().counts).to.deep.equal({
      ...{ shortcuts: 4, ready: 1, notReady: 1, unknown: 2, leaves: 2, leavesReady: 1 },
    });
  });

  it('lists everything by name', () => {
    shortcuts = [withReady('b', 'True'), withReady('a', 'True')];
    leaves = ['rome', 'milan'].map((name) => aLeaf(aLeafCluster({ metadata: { name } })));

    const snapshot = reader.snapshot();

    expect(snapshot.shortcuts.map(({ name }) => name)).to.deep.equal(['a', 'b']);
    expect(snapshot.leaves.map(({ name }) => name)).to.deep.equal(['milan', 'rome']);
  });

  it('says that what it shows may be old while the main cluster cannot be read', () => {
    failure = new ClusterUnreachableError('no connection');

    expect(reader.snapshot()).to.include({
      mainError: 'no connection',
      staleSince: '2026-01-01T00:00:00.000Z',
    });
  });

  it('shows how the source stands', () => {
    source = { location: '.', ref: 'main', path: '.', problems: [], held: [] };

    expect(reader.snapshot().source).to.equal(source);
  });

  it('is built once for each change, not for each reader', () => {
    const first = reader.snapshot();

    expect(reader.snapshot()).to.equal(first);
    memories.touch();
    expect(reader.snapshot()).not.to.equal(first);
    expect(reader.version).to.equal(memories.version);
  });

  it('tells when the loop last showed life', () => {
    memories.beat(42);

    expect(reader.lastBeat).to.equal(42);
  });

  it('finds one shortcut in detail, or none', () => {
    shortcuts = [aShortcut()];

    expect(reader.shortcut('liqo-shortcuts', 'rome-milan')).to.include({ key: 'milan--rome' });
    expect(reader.shortcut('liqo-shortcuts', 'naples-milan')).to.equal(undefined);
  });

  it('finds one leaf, or none', () => {
    shortcuts = [aShortcut()];
    leaves = [aLeaf(aLeafCluster(), ['get secrets'])];

    expect(reader.leaf('rome')).to.deep.include({
      name: 'rome',
      shortcuts: 1,
      permissionsMissing: ['get secrets'],
    });
    expect(reader.leaf('naples')).to.equal(undefined);
  });
});
