import { expect } from 'chai';
import { clustersOf, nameOf } from '../../src/model/shortcut.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';

describe('clustersOf', () => {
  it('keeps the order of the CR', () => {
    expect(clustersOf(aShortcut({ spec: { clusters: ['rome', 'milan'] } }))).to.deep.equal([
      'rome',
      'milan',
    ]);
  });

  it('gives two names even for an object that no schema has seen', () => {
    const broken = { spec: { clusters: [] as unknown as readonly [string, string] } };

    expect(clustersOf(broken)).to.deep.equal(['', '']);
  });
});

describe('nameOf', () => {
  it('is namespace/name', () => {
    expect(nameOf(aShortcut())).to.equal('liqo-shortcuts/rome-milan');
  });

  it('has an empty namespace where there is none', () => {
    expect(nameOf({ metadata: { name: 'rome-milan' } })).to.equal('/rome-milan');
  });
});
