import { expect } from 'chai';
import { evaluateCel } from '../../../src/sandbox/kubernetes/schema/cel-evaluator.ts';
import { parseCel } from '../../../src/sandbox/kubernetes/schema/cel-parser.ts';
import { CelError } from '../../../src/sandbox/kubernetes/schema/cel-tokens.ts';

const scope = {
  self: { a: 1, b: 'text', list: ['x', 'y'], map: { k: 1 }, on: true, none: null, empty: [] },
};

describe('CEL', () => {
  for (const [expression, want] of [
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3],
    ['7.0 / 2.0', 3],
    ['7.5 / 2.5', 3],
    ['1.0 / 4.5 > 0.2', true],
    ['7 % 4', 3],
    ['-7 % 4', -3],
    ['-self.a', -1],
    ['10 - 2 - 3', 5],
    ['\'a\' + "b"', 'ab'],
    ["'it\\'s\\n'", "it's\n"],
    ["r'a\\d'", 'a\\d'],
    ['[1, 2] + [3]', [1, 2, 3]],
    ["{'a': 1, 'b': [2]}", { a: 1, b: [2] }],
    ['self.a == 1 ? "yes" : "no"', 'yes'],
    ['self.a > 1 ? "yes" : "no"', 'no'],
    ['self.a < 2 && self.a <= 1 && self.a >= 1 && !(self.a > 1)', true],
    ["'a' < 'b' && 'b' >= 'a'", true],
    ['self.a != 1 || self.on', true],
    ['self.none == null', true],
    ["self.b == 'text' && self.map['k'] == 1 && self.list[1] == 'y'", true],
    ["'x' in self.list && !('z' in self.list)", true],
    ["'k' in self.map", true],
    ['has(self.a) && !has(self.absent) && !has(self.b.deeper)', true],
    ['size(self.list) == 2 && self.b.size() == 4 && size(self.map) == 1', true],
    ["self.list.all(i, i != 'z') && self.list.exists(i, i == 'x')", true],
    ["self.list.exists_one(i, i == 'x') && self.map.all(k, k == 'k')", true],
    ["self.list.filter(i, i == 'x')", ['x']],
    ["self.list.map(i, i + '!')", ['x!', 'y!']],
    ["self.b.startsWith('te') && self.b.endsWith('xt') && self.b.contains('ex')", true],
    ["self.b.matches('^t.*$')", true],
    ["'a,b'.split(',')", ['a', 'b']],
    ['string(5) + string(true)', '5true'],
    ["int('5') + double('0.5')", 5.5],
    ['self.absent == 1 || self.on', true],
    ['self.on || self.absent == 1', true],
    ['self.absent == 1 && false', false],
    ['self.a == 1 && false', false],
    ['false || self.a == 2', false],
  ] as const) {
    it(`evaluates ${expression}`, () => {
      expect(evaluateCel(parseCel(expression), scope)).to.deep.equal(want);
    });
  }

  for (const expression of [
    'self.absent',
    'self.list[9]',
    'self.absent == 1 || false',
    'unknown',
    '1 / 0',
    '1 % 0',
    "1 + 'a'",
    "'a' - 'b'",
    "'a' * 'b'",
    '[1] - [2]',
    '!1',
    "-'a'",
    'true && 1',
    "'a' in 5",
    'size(5)',
    'guess(1)',
    '(1).startsWith(2)',
    'self.list.guess(i, i)',
    'self.a.all(i, i)',
  ]) {
    it(`has no value for ${expression}`, () => {
      expect(() => evaluateCel(parseCel(expression), scope)).to.throw(CelError);
    });
  }

  for (const expression of [
    '',
    '1 +',
    '(1',
    '[1',
    '{1',
    '{1: 2',
    'a.',
    'a[1',
    'a ? b',
    'f(1',
    '1 1',
    'a # b',
    "'x",
  ]) {
    it(`cannot read ${expression || 'nothing'}`, () => {
      expect(() => parseCel(expression)).to.throw(CelError);
    });
  }
});
