import { expect } from 'chai';

import { matchesPatternList } from '../../../src/git/signatures/match-pattern.ts';

describe('matchesPatternList', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['ada@example.com', 'ada@example.com', true],
    ['ada@example.com', 'Ada@example.com', false],
    ['ada@example.com', 'eve@example.com,ada@example.com', true],
    ['ada@example.com', '*@example.com', true],
    ['ada@example.com', '*', true],
    ['ada@example.com', 'a?a@*', true],
    ['ada@example.com', '*example*m', true],
    ['ada@example.com', '*.org', false],
    ['ada@example.com', 'ada', false],
    ['ada', 'ada@example.com', false],
    ['aab', '*ab', true],
    ['ada@example.com', '!ada@example.com,*@example.com', false],
    ['ada@example.com', '*@example.com,!ada@*', false],
    ['eve@example.com', '!ada@example.com,*@example.com', true],
    ['eve@example.com', '!ada@example.com', false],
    ['', '*', true],
    ['', '', true],
    ['ada', '', false],
    ['a.a', 'a.a', true],
    ['ada', 'a.a', false],
  ];
  for (const [text, list, want] of cases) {
    it(`"${text}" ${want ? 'matches' : 'does not match'} "${list}"`, () => {
      expect(matchesPatternList(text, list)).to.equal(want);
    });
  }

  it('does not take for ever for a pattern of many stars', () => {
    expect(matchesPatternList('a'.repeat(2000), '*a'.repeat(500) + 'b')).to.equal(false);
  });
});
