import { expect } from 'chai';
import { leafYaml, parseTexts, places } from './parse-texts.ts';

describe('findFaults', () => {
  for (const { name, text, want } of [
    { name: 'an anchor alone', text: 'a: &x 1', want: ['1:7 yaml-alias /a'] },
    { name: 'an anchor on a mapping', text: 'a: &x\n  b: 1', want: ['2:3 yaml-alias /a'] },
    { name: 'an alias to nothing', text: 'a: *x', want: ['1:4 yaml-alias /a'] },
    { name: 'a merge key', text: '<<: { a: 1 }', want: ['1:1 yaml-alias /<<'] },
    {
      name: 'a merge key of YAML 1.1',
      text: '%YAML 1.1\n---\n<<: {}',
      want: ['3:1 yaml-alias /<<'],
    },
    {
      name: 'every duplicate key',
      text: 'a: 1\na: 2\nb: { c: 1, c: 2, c: 3 }',
      want: ['2:1 duplicate-key /a', '3:12 duplicate-key /b/c', '3:18 duplicate-key /b/c'],
    },
    { name: 'a custom tag', text: 'a: !secret x', want: ['1:4 yaml-parse-error '] },
    { name: 'a binary', text: 'a: !!binary aGk=', want: ['1:4 yaml-parse-error '] },
    { name: 'a key that is a list', text: '? [a]\n: b', want: ['1:3 yaml-parse-error '] },
    { name: 'a tab as indentation', text: 'a:\n\tb: 1', want: ['2:1 yaml-parse-error '] },
    { name: 'a directive alone', text: '%YAML 1.2\n', want: ['2:1 yaml-parse-error '] },
    {
      name: 'only the first parse error',
      text: '- a\nb: c\nd: e',
      want: ['2:1 yaml-parse-error '],
    },
    { name: 'a bidirectional override', text: 'a: "x\u202ey"', want: ['1:4 schema-violation /a'] },
    { name: 'a zero-width key', text: '"a\u200b": 1', want: ['1:1 schema-violation /a\u200b'] },
    { name: 'a control character', text: 'a: "\\0"', want: ['1:4 schema-violation /a'] },
    { name: 'an escape sequence', text: 'a: "\\x1b[31m"', want: ['1:4 schema-violation /a'] },
    { name: 'a half character', text: 'a: "\\ud800"', want: ['1:4 schema-violation /a'] },
  ]) {
    it(`refuses ${name}`, () => {
      const state = parseTexts({ x: '', 'a.yaml': text });

      expect(places(state)).to.deep.equal(want.map((place) => `a.yaml:${place}`));
    });
  }

  it('takes tabs and line breaks within values, plain tags and other alphabets', () => {
    const text = leafYaml('rome').replace(
      'metadata:\n',
      'metadata:\n  annotations:\n    note: |\n      Île\tde\n      北京\n    plain: !!str 5\n',
    );

    expect(parseTexts({ 'a.yaml': text }).problems).to.deep.equal([]);
  });

  it('repeats neither the text of the file nor the character', () => {
    const { problems } = parseTexts({
      'a.yaml': 'a: |hunter2',
      'b.yaml': 'a: "\u202ehunter2"',
      'c.yaml': 'a: !hunter2 b',
      'd.yaml': 'a: [b\n  hunter2: {',
    });

    expect(problems.map(({ message }) => message)).to.deep.equal([
      'not valid YAML: Block scalar header includes extra characters',
      'holds the invisible character U+202E: take it out',
      'not valid YAML: Unresolved tag',
      'not valid YAML: Implicit keys of flow sequence pairs need to be on a single line',
    ]);
    expect(JSON.stringify(problems)).not.to.include('hunter2');
  });
});
