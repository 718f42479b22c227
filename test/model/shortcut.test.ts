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
});

describe('nameOf', () => {
  it('is namespace/name', () => {
    expect(nameOf(aShortcut())).to.equal('liqo-shortcuts/rome-milan');
  });

  it('has an empty namespace where there is none', () => {
    expect(nameOf({ metadata: { name: 'rome-milan' } })).to.equal('/rome-milan');
  });
});
