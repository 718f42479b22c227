import { expect } from 'chai';
import { codePointName, didYouMean, quote } from '../../src/manifests/wording.ts';

describe('wording', () => {
  it('quotes a text in printable ASCII and a bearable length', () => {
    expect(quote('rome')).to.equal('"rome"');
    expect(quote('r\u043eme\u202e\n😀\ud800')).to.equal(
      String.raw`"r\u{43e}me\u{202e}\u{a}\u{1f600}\u{d800}"`,
    );
    expect(quote('a'.repeat(63))).to.equal(`"${'a'.repeat(63)}"`);
    expect(quote('a'.repeat(64))).to.equal(`"${'a'.repeat(63)}…"`);
  });

  it('names a character as Unicode does', () => {
    expect(['a', '\u202e', '😀'].map(codePointName)).to.deep.equal(['U+0061', 'U+202E', 'U+1F600']);
  });

  for (const { written, candidates, want } of [
    { written: 'milano', candidates: ['rome', 'milan'], want: 'milan' },
    { written: 'mlian', candidates: ['milan', 'mlan'], want: 'mlan' },
    { written: 'Shortcutt', candidates: ['Shortcut'], want: 'Shortcut' },
    { written: 'shortcut', candidates: ['Shortcut'], want: 'Shortcut' },
    { written: 'b', candidates: ['c', 'a'], want: 'a' },
    { written: 'b', candidates: ['a', 'c'], want: 'a' },
    { written: 'frankfurt-a', candidates: ['frankfurt-aaa', 'frankfurt-b'], want: 'frankfurt-b' },
    { written: 'paris', candidates: ['rome', 'milan'], want: undefined },
    { written: 'paris', candidates: [], want: undefined },
    { written: 'x'.repeat(254), candidates: ['x'.repeat(253)], want: undefined },
  ]) {
    it(`proposes ${want ?? 'nothing'} for ${written.slice(0, 20)} among [${candidates.join(', ').slice(0, 20)}]`, () => {
      expect(didYouMean(written, candidates)).to.equal(
        want === undefined ? '' : `; did you mean "${want}"?`,
      );
    });
  }
});
