import { expect } from 'chai';

import { createPairPool, leafNames, spreadPairs } from './fleet/fleet-pairs.ts';

describe('spreadPairs', () => {
  for (const count of [4, 5, 50]) {
    it(`gives each pair of ${count} leaves once`, () => {
      const pairs = [...spreadPairs(leafNames(count))];

      const different = new Set(pairs.map((pair) => pair.toSorted().join(' ')));
      expect(pairs).to.have.length((count * (count - 1)) / 2);
      expect(different.size).to.equal(pairs.length);
    });
  }

  it('gives every leaf as many as any other', () => {
    const pairs = [...spreadPairs(leafNames(50)).take(500)];

    const times = leafNames(50).map((name) => pairs.filter((pair) => pair.includes(name)).length);
    expect(new Set(times)).to.deep.equal(new Set([20]));
  });
});

describe('createPairPool', () => {
  it('gives no pair twice, and only what is accepted', () => {
    const pool = createPairPool(leafNames(4));

    const first = pool.take(2);
    const withLast = pool.take(3, (pair) => pair.includes('leaf003'));
    const rest = pool.take(1);

    expect(withLast.every((pair) => pair.includes('leaf003'))).to.equal(true);
    expect(new Set([...first, ...withLast, ...rest]).size).to.equal(6);
  });

  it('refuses to give more than there are, instead of waiting for them in vain', () => {
    const pool = createPairPool(leafNames(4));

    expect(() => pool.take(7)).to.throw(RangeError, '4 leaves have no 7 pairs left');
  });
});
