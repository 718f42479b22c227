import { expect } from 'chai';
import fc from 'fast-check';
import { shortcutKey } from '../../src/model/shortcut-key.ts';

/** A cluster name as the schema allows it: no two hyphens in a row. */
const clusterName = fc.stringMatching(/^[a-z0-9]+(-[a-z0-9]+){0,3}$/, { maxLength: 20 });

describe('shortcutKey', () => {
  it('names the pair in alphabetical order', () => {
    expect(shortcutKey(['rome', 'milan'])).to.equal('milan--rome');
  });

  it('is the same for both orders', () => {
    fc.assert(
      fc.property(clusterName, clusterName, (a, b) => {
        expect(shortcutKey([a, b])).to.equal(shortcutKey([b, a]));
      }),
    );
  });

  it('tells the pair back, so that two pairs never share a key', () => {
    fc.assert(
      fc.property(clusterName, clusterName, (a, b) => {
        expect(shortcutKey([a, b]).split('--')).to.deep.equal([a, b].sort());
      }),
    );
  });
});
