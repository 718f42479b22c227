import { expect } from 'chai';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import { MAX_DEPTH, MAX_DOCUMENTS, MAX_FILE_BYTES } from '../../src/manifests/parse-yaml.ts';
import { leafYaml, parseTexts, places, sourceFile } from './parse-texts.ts';

describe('parseYaml', () => {
  it('takes a byte-order mark and carriage returns', () => {
    const text = `\ufeff${leafYaml('rome', '  liqoNamespace: Liqo\n')}`.replaceAll('\n', '\r\n');

    expect(places(parseTexts({ 'a.yaml': text }))).to.deep.equal([
      'a.yaml:7:18 schema-violation /spec/liqoNamespace',
    ]);
  });

  it('reads many documents of one file and skips the empty ones', () => {
    const text = `---\n---\n# nothing\n---\n${leafYaml('a')}...\n---\n~\n---\n${leafYaml('b')}---\n`;

    const state = parseTexts({ 'a.yaml': text });

    expect(state.problems).to.deep.equal([]);
    expect(state.resources.map(({ line }) => line)).to.deep.equal([5, 15]);
  });

  it('does not let a broken document hide its neighbours', () => {
    const text = `${leafYaml('a')}---\nname: [x\n---\n${leafYaml('b')}`;

    const state = parseTexts({ 'a.yaml': text });

    expect(state.resources.map(({ object }) => object.metadata.name)).to.deep.equal(['a', 'b']);
    expect(places(state)).to.deep.equal(['a.yaml:9:1 yaml-parse-error ']);
  });

  const nested = (levels: number) => `a: ${'{a: '.repeat(levels - 1)}x${'}'.repeat(levels - 1)}`;
  for (const { name, text, want } of [
    {
      name: 'the largest number of documents',
      text: `${'---\n'.repeat(MAX_DOCUMENTS - 1)}---\n${leafYaml('a')}`,
      want: [],
    },
    {
      name: 'one document too many',
      text: `${'---\n'.repeat(MAX_DOCUMENTS)}---\n${leafYaml('a')}`,
      want: ['a.yaml:101:1 yaml-parse-error '],
    },
    { name: 'the deepest nesting', text: nested(MAX_DEPTH), want: ['a.yaml:1:1 unknown-kind '] },
    {
      name: 'nesting that is one too deep',
      text: nested(MAX_DEPTH + 1),
      want: ['a.yaml:1:133 yaml-parse-error '],
    },
    {
      name: 'nesting of sixty thousand levels',
      text: '['.repeat(60_000),
      want: ['a.yaml:1:35 yaml-parse-error '],
    },
    {
      name: 'nesting within keys',
      text: '? '.repeat(30_000),
      want: ['a.yaml:1:68 yaml-parse-error '],
    },
  ]) {
    it(`keeps the caps: ${name}`, () => {
      expect(places(parseTexts({ 'a.yaml': text }))).to.deep.equal(want);
    });
  }

  it('takes a file of exactly the largest size, and none that is one byte longer', () => {
    const text = leafYaml('a');
    const padded = `${text}#${' '.repeat(MAX_FILE_BYTES - text.length - 1)}`;

    expect(places(parseTexts({ 'a.yaml': padded }))).to.deep.equal([]);
    expect(places(parseTexts({ 'a.yaml': `${padded} ` }))).to.deep.equal([
      'a.yaml:1:1 file-too-large ',
    ]);
  });

  it('needs no bytes of a file that is too large', () => {
    const file = { path: 'a.yaml', kind: 'file', size: MAX_FILE_BYTES + 1 } as const;

    const state = parseManifests([file], { path: '.', namespace: 'n' });

    expect(places(state)).to.deep.equal(['a.yaml:1:1 file-too-large ']);
  });

  for (const { name, bytes } of [
    { name: 'Latin-1', bytes: Uint8Array.of(0x23, 0xe9) },
    { name: 'UTF-16', bytes: Uint8Array.of(0xff, 0xfe, 0x61, 0x00) },
    { name: 'a surrogate', bytes: Uint8Array.of(0xed, 0xa0, 0x80) },
  ]) {
    it(`refuses what is not UTF-8: ${name}`, () => {
      const state = parseManifests([sourceFile('a.yaml', bytes)], { path: '.', namespace: 'n' });

      expect(places(state)).to.deep.equal(['a.yaml:1:1 not-utf8 ']);
    });
  }
});
