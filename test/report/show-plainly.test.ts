import { expect } from 'chai';
import { shorten, showPlainly } from '../../src/report/show-plainly.ts';

describe('showPlainly', () => {
  const cases = [
    {
      name: 'leaves other alphabets and emoji alone',
      text: 'città/🏛 a:b #1',
      want: 'città/🏛 a:b #1',
    },
    { name: 'shows escape', text: 'a\u001b[2J', want: String.raw`a\u{1b}[2J` },
    { name: 'shows C1', text: '\u009b', want: String.raw`\u{9b}` },
    { name: 'shows line breaks of every kind', text: '\n\u2028', want: String.raw`\u{a}\u{2028}` },
    { name: 'shows a change of direction', text: 'a\u202eb', want: String.raw`a\u{202e}b` },
    { name: 'shows half of a pair', text: 'a\ud800b', want: String.raw`a\u{d800}b` },
    { name: 'shows what XML cannot hold', text: '\ufffe', want: String.raw`\u{fffe}` },
    {
      name: 'takes a workflow command apart',
      text: ' ::error::x',
      want: String.raw` \u{3a}:error::x`,
    },
    { name: 'takes an older one apart', text: 'x ##[error]', want: String.raw`x \u{23}#[error]` },
    { name: 'takes apart however many', text: '###', want: String.raw`\u{23}\u{23}#` },
  ];
  for (const { name, text, want } of cases) {
    it(name, () => {
      expect(showPlainly(text)).to.equal(want);
    });
  }
});

describe('shorten', () => {
  it('leaves alone what is short enough', () => {
    expect(shorten('abcd', 4)).to.equal('abcd');
  });

  it('says that something is left out, and halves no pair', () => {
    expect(shorten('abcde', 4)).to.equal('abc…');
    expect(shorten('ab🏛e', 4)).to.equal('ab\ufffd…');
  });
});
