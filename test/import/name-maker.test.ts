import { expect } from 'chai';
import { createNameMaker } from '../../src/import/name-maker.ts';

describe('names of what is imported', () => {
  const cases: readonly (readonly [wanted: string, name: string])[] = [
    ['rome-milan', 'rome-milan'],
    ['rome--milan', 'rome-milan'],
    ['Rome.Milan_2', 'rome-milan-2'],
    ['-', 'unnamed'],
  ];
  for (const [wanted, name] of cases) {
    it(`make "${name}" of "${wanted}"`, () => {
      expect(createNameMaker({ taken: [], maxLength: 63 }).make(wanted)).to.equal(name);
    });
  }

  it('are given once, and never where somebody has them', () => {
    const names = createNameMaker({ taken: ['a-b-c'], maxLength: 63 });

    expect([names.make('a-b-c'), names.make('a-b-c')]).to.deep.equal(['a-b-c-2', 'a-b-c-3']);
  });

  it('stay two where two long ones begin alike, and fit', () => {
    const names = createNameMaker({ taken: [], maxLength: 20 });

    const made = [names.make(`${'a'.repeat(30)}b`), names.make(`${'a'.repeat(30)}c`)];

    expect(new Set(made).size).to.equal(2);
    for (const name of made) expect(name).to.match(/^a{11}-[0-9a-f]{8}$/);
  });
});
