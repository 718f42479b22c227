import { expect } from 'chai';
import type { CacheChange } from '../../src/kube/watch-cache.ts';
import type { LeafState } from '../../src/leaves/leaf-state.ts';
import type { Watched } from '../../src/leaves/watched.ts';
import type { KubeObject, ObjectMeta } from '../../src/model/kube-object.ts';
import { affectedShortcuts, isRelevantToPlan } from '../../src/reconcile/affected-shortcuts.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';

const PEER = 'liqo.io/remote-cluster-id';

function anObject(metadata: Partial<ObjectMeta> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Any', metadata: { name: 'x', uid: 'u-1', ...metadata } };
}

function modified(previous: KubeObject, object: KubeObject): CacheChange {
  return { type: 'modified', previous, object };
}

describe('isRelevantToPlan', () => {
  const before = anObject({
    generation: 1,
    resourceVersion: '1',
    labels: { a: 'b' },
    annotations: { c: 'd' },
    finalizers: ['f'],
  });

  it('holds for what came and what went', () => {
    expect(isRelevantToPlan({ type: 'added', object: before })).to.be.true;
    expect(isRelevantToPlan({ type: 'deleted', object: before })).to.be.true;
  });

  const cases: readonly { name: string; metadata: Partial<ObjectMeta>; want: boolean }[] = [
    { name: 'our own writing of the status', metadata: { resourceVersion: '2' }, want: false },
    { name: 'a new spec', metadata: { generation: 2 }, want: true },
    {
      name: 'a wish to delete',
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      want: true,
    },
    { name: 'an annotation', metadata: { annotations: { c: 'e' } }, want: true },
    { name: 'a label', metadata: { labels: {} }, want: true },
    { name: 'another object of the same name', metadata: { uid: 'u-2' }, want: true },
  ];

  for (const { name, metadata, want } of cases) {
    it(`${want ? 'holds' : 'does not hold'} for ${name}`, () => {
      const after = anObject({ ...before.metadata, ...metadata });

      expect(isRelevantToPlan(modified(before, after))).to.equal(want);
    });
  }
});

describe('affectedShortcuts', () => {
  const milan = aShortcut({
    metadata: { name: 'rome-milan' },
    spec: { clusters: ['rome', 'milan'] },
  });
  const naples = aShortcut({
    metadata: { name: 'naples-rome' },
    spec: { clusters: ['naples', 'rome'] },
  });

  const states: Readonly<Record<string, LeafState>> = {
    milan: { kind: 'known', clusterID: 'milan-id' },
    naples: { kind: 'known', clusterID: 'naples-id' },
  };

  function affected(
    change: CacheChange,
    watched: Watched = 'connections',
    { known = states, shortcuts = [milan, naples] } = {},
  ): readonly string[] {
    const found = affectedShortcuts(change, watched, {
      cluster: 'rome',
      shortcutsOfLeaf: shortcuts,
      registry: {
        get: (name) => {
          const state = known[name];
          if (state === undefined) return undefined;
          return { leafCluster: aLeafCluster({ metadata: { name } }), leaf: undefined, state };
        },
      },
    });
    return found.map(({ metadata }) => metadata.name);
  }

  const ofMilan = anObject({ labels: { [PEER]: 'milan-id' } });
  const ofNaples = anObject({ labels: { [PEER]: 'naples-id' } });
  const ofNobody = anObject();

  it('is the one for the peer of the object', () => {
    expect(affected({ type: 'added', object: ofMilan })).to.deep.equal(['rome-milan']);
    expect(affected({ type: 'deleted', object: ofNaples })).to.deep.equal(['naples-rome']);
  });

  it('is none for a peer that no shortcut is about', () => {
    const object = anObject({ labels: { [PEER]: 'turin-id' } });

    expect(affected({ type: 'added', object })).to.deep.equal([]);
  });

  it('is both when an object changed its peer', () => {
    expect(affected(modified(ofMilan, ofNaples))).to.deep.equal(['rome-milan', 'naples-rome']);
  });

  for (const watched of ['configurations', 'gatewayServers', 'publicKeys'] as const) {
    it(`is every one when an object of ${watched} lost its peer: it may sit on a name that we use`, () => {
      expect(affected(modified(ofMilan, ofNobody), watched)).to.deep.equal([
        'rome-milan',
        'naples-rome',
      ]);
    });
  }

  it('is every one for the own Networks of the leaf', () => {
    const object = anObject({ labels: { 'ipam.liqo.io/network-type': 'pod-cidr' } });

    expect(affected({ type: 'added', object }, 'networks')).to.have.lengthOf(2);
  });

  it('is none for a Network that is neither', () => {
    expect(affected({ type: 'added', object: ofNobody }, 'networks')).to.deep.equal([]);
  });

  it('is the one whose Network lost its peer', () => {
    expect(affected(modified(ofMilan, ofNobody), 'networks')).to.deep.equal(['rome-milan']);
  });

  it('is every one for a namespace that is named as we would name it', () => {
    const object = anObject({ name: 'liqo-tenant-milan-id' });

    expect(affected({ type: 'added', object }, 'namespaces')).to.have.lengthOf(2);
  });

  it('is none for any other namespace', () => {
    expect(
      affected({ type: 'added', object: anObject({ name: 'default' }) }, 'namespaces'),
    ).to.deep.equal([]);
  });

  describe('while a peer cannot be seen', () => {
    const unseen = {
      ...states,
      milan: { kind: 'unknown', reason: 'LeafUnreachable', message: '' },
    } as const satisfies Readonly<Record<string, LeafState>>;

    it('goes by the ID that the peer had', () => {
      const sides = [{ cluster: 'milan', clusterID: 'milan-id' }];
      const shortcuts = [aShortcut({ status: { sides } }), naples];

      expect(
        affected({ type: 'added', object: ofMilan }, 'connections', { known: unseen, shortcuts }),
      ).to.deep.equal(['rome-milan']);
      expect(
        affected({ type: 'added', object: ofNaples }, 'connections', { known: unseen, shortcuts }),
      ).to.deep.equal(['naples-rome']);
    });

    it('looks once too often rather than not at all when no ID is known', () => {
      expect(
        affected({ type: 'added', object: ofNaples }, 'connections', { known: {} }),
      ).to.deep.equal(['rome-milan', 'naples-rome']);
    });
  });
});
