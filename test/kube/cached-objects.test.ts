import { expect } from 'chai';
import fc from 'fast-check';
import { type CacheChange, CachedObjects } from '../../src/kube/cached-objects.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';

interface Wanted {
  name?: string;
  namespace?: string;
  uid?: string;
  version?: string;
  labels?: Record<string, string>;
}

function anObject({
  name = 'a',
  namespace = 'ns',
  uid = 'u',
  version = '1',
  labels = {},
}: Wanted): KubeObject {
  const metadata = { name, namespace, uid, resourceVersion: version, labels };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

describe('CachedObjects', () => {
  it('tells an object that is new, changed and gone, and nothing twice', () => {
    const objects = new CachedObjects([]);
    const first = anObject({ version: '1' });
    const second = anObject({ version: '2' });

    expect(objects.put(first)).to.deep.equal([{ type: 'added', object: first }]);
    expect(objects.put(anObject({ version: '1' }))).to.deep.equal([]);
    expect(objects.get('ns', 'a')).to.equal(first);
    expect(objects.put(second)).to.deep.equal([
      { type: 'modified', object: second, previous: first },
    ]);
    expect(objects.remove(second)).to.deep.equal([{ type: 'deleted', object: second }]);
    expect(objects.remove(second)).to.deep.equal([]);
    expect(objects.list()).to.deep.equal([]);
  });

  it('tells of one that was made again under its name as gone and new', () => {
    const objects = new CachedObjects([]);
    const old = anObject({ uid: 'old' });
    const other = anObject({ uid: 'new' });
    objects.put(old);

    expect(objects.put(other)).to.deep.equal([
      { type: 'deleted', object: old },
      { type: 'added', object: other },
    ]);
    expect(objects.remove(old)).to.deep.equal([]);
    expect(objects.list()).to.deep.equal([other]);
  });

  it('keeps objects of other namespaces and of none apart', () => {
    const objects = new CachedObjects([]);
    const metadata = { name: 'a', uid: 'u', resourceVersion: '1' };
    const clusterScoped = { apiVersion: 'v1', kind: 'Namespace', metadata };
    objects.replace([anObject({}), anObject({ namespace: 'other' }), clusterScoped], '1');

    expect(objects.get(undefined, 'a')).to.equal(clusterScoped);
    expect(objects.list()).to.have.length(3);
  });

  it('finds by label, and follows when the label changes or goes', () => {
    const objects = new CachedObjects(['peer']);
    const one = anObject({ name: 'one', labels: { peer: 'milan' } });
    const two = anObject({ name: 'two', labels: { peer: 'milan', x: 'y' } });
    objects.replace([one, two, anObject({ name: 'three' })], '1');
    expect(objects.byLabel('peer', 'milan')).to.deep.equal([one, two]);

    const moved = anObject({ name: 'one', version: '2', labels: { peer: 'naples' } });
    objects.put(moved);
    objects.remove(two);

    expect(objects.byLabel('peer', 'milan')).to.deep.equal([]);
    expect(objects.byLabel('peer', 'naples')).to.deep.equal([moved]);
    expect(objects.byLabel('x', 'y')).to.deep.equal([]);
  });

  describe('what a write has returned', () => {
    it('is there before its event, which then tells nothing', () => {
      const objects = new CachedObjects([]);
      const old = anObject({ version: '5' });
      const written = anObject({ version: '10' });
      objects.replace([old], '7');

      expect(objects.remember(written)).to.deep.equal([
        { type: 'modified', object: written, previous: old },
      ]);
      expect(objects.put(anObject({ version: '9' }))).to.deep.equal([]);
      expect(objects.put(anObject({ version: '10' }))).to.deep.equal([]);
      expect(objects.put(anObject({ version: '11' }))).to.have.length(1);
    });

    it('is left aside when the events are past it, above all when it is gone again', () => {
      const objects = new CachedObjects([]);
      objects.replace([anObject({ version: '5' })], '7');
      objects.put(anObject({ version: '11' }));
      expect(objects.remember(anObject({ version: '10' }))).to.deep.equal([]);
      objects.remove(anObject({ version: '12' }));

      expect(objects.remember(anObject({ version: '11' }))).to.deep.equal([]);
      expect(objects.remember(anObject({ version: '12' }))).to.deep.equal([]);
      expect(objects.list()).to.deep.equal([]);
    });

    it('is left aside when a list is past it', () => {
      const objects = new CachedObjects([]);
      objects.replace([], '20');

      expect(objects.remember(anObject({ version: '15' }))).to.deep.equal([]);
    });

    it('outlives a list that is older, once', () => {
      const objects = new CachedObjects([]);
      const written = anObject({ version: '30' });
      objects.replace([], '20');
      objects.remember(written);

      expect(objects.replace([anObject({ version: '21' })], '25')).to.deep.equal([]);
      expect(objects.replace([], '26')).to.deep.equal([{ type: 'deleted', object: written }]);
    });

    it('goes with a list that is newer', () => {
      const objects = new CachedObjects([]);
      objects.remember(anObject({ version: '30' }));

      expect(objects.replace([], '31')).to.have.length(1);
    });

    it('goes with its deletion, and gives way to another object of its name', () => {
      const objects = new CachedObjects([]);
      const written = anObject({ version: '30' });
      objects.remember(written);
      expect(objects.remove(anObject({ version: '31' }))).to.have.length(1);
      objects.remember(anObject({ version: '40' }));

      expect(objects.put(anObject({ uid: 'new', version: '35' }))).to.have.length(2);
    });

    it('is taken as it comes when versions tell no order', () => {
      const objects = new CachedObjects([]);
      objects.replace([anObject({ version: 'b' })], 'c');

      expect(objects.remember(anObject({ version: 'a' }))).to.have.length(1);
      expect(objects.put(anObject({ version: 'd' }))).to.have.length(1);
    });
  });

  it('tells of a list exactly what turns the old world into the new one', () => {
    const world = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        uid: fc.constantFrom('u1', 'u2'),
        version: fc.constantFrom('1', '2'),
        labels: fc.constantFrom<Record<string, string>>({}, { peer: 'milan' }, { peer: 'rome' }),
      }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(world, world, (before, after) => {
        const objects = new CachedObjects(['peer']);
        objects.replace(before.map(anObject), '2');
        const mirror = new Map(objects.list().map((object) => [object.metadata.name, object]));

        const changes = objects.replace(after.map(anObject), '2');

        for (const change of changes) follow(mirror, change);
        const byName = (a: KubeObject, b: KubeObject) =>
          a.metadata.name.localeCompare(b.metadata.name);
        expect([...mirror.values()].sort(byName)).to.deep.equal([...objects.list()].sort(byName));
        for (const value of ['milan', 'rome']) {
          expect([...objects.byLabel('peer', value)].sort(byName)).to.deep.equal(
            objects
              .list()
              .filter(({ metadata }) => metadata.labels?.['peer'] === value)
              .sort(byName),
          );
        }
        expect(objects.replace(after.map(anObject), '2')).to.deep.equal([]);
      }),
    );
  });
});

function follow(mirror: Map<string, KubeObject>, change: CacheChange): void {
  const { name } = change.object.metadata;
  switch (change.type) {
    case 'added':
      expect(mirror.has(name)).to.equal(false);
      mirror.set(name, change.object);
      return;
    case 'modified':
      expect(mirror.get(name)).to.equal(change.previous);
      mirror.set(name, change.object);
      return;
    case 'deleted':
      expect(mirror.delete(name)).to.equal(true);
  }
}
