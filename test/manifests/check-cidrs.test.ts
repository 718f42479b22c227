import { expect } from 'chai';
import { leafYaml, parseTexts, shortcutYaml } from './parse-texts.ts';

function messages(texts: Readonly<Record<string, string>>): readonly string[] {
  return parseTexts(texts)
    .problems.filter(({ code }) => code === 'cidr-conflict')
    .map(({ pointer, message }) => `${pointer} ${message}`);
}

function leafWith(name: string, pod: string, external = ''): string {
  return leafYaml(name, `  cidrs: { pod: [${pod}], external: [${external}] }\n`);
}

describe('checkCidrs', () => {
  for (const { name, pod, external, want } of [
    {
      name: 'proper ranges',
      pod: '10.200.0.0/16, 10.201.0.0/16',
      external: '10.70.0.0/16',
      want: [],
    },
    {
      name: 'host bits',
      pod: '10.200.0.1/16',
      want: ['/spec/cidrs/pod/0 10.200.0.1/16 has host bits set; did you mean 10.200.0.0/16?'],
    },
    {
      name: 'IPv6',
      pod: '10.0.0.0/16, "fd00::/48"',
      want: ['/spec/cidrs/pod/1 fd00::/48 is IPv6: Liqo connects IPv4 only'],
    },
    {
      name: 'a range given twice',
      pod: '"fd00::/48", 10.0.0.0/16, 10.0.0.0/16',
      want: [
        '/spec/cidrs/pod/0 fd00::/48 is IPv6: Liqo connects IPv4 only',
        '/spec/cidrs/pod/2 10.0.0.0/16 is declared twice',
      ],
    },
    {
      name: 'pods within the external range',
      pod: '10.70.1.0/24',
      external: '10.70.0.0/16',
      want: ['/spec/cidrs/external/0 10.70.0.0/16 overlaps 10.70.1.0/24'],
    },
    { name: 'texts that are no CIDR, which the schema refuses', pod: '10.0.0.0, 7', want: [] },
  ]) {
    it(`looks at one leaf: ${name}`, () => {
      expect(messages({ 'a.yaml': leafWith('rome', pod, external) })).to.deep.equal(want);
    });
  }

  for (const { name, rome, milan, want } of [
    {
      name: 'the same range on both, which Liqo remaps',
      rome: leafWith('rome', '10.200.0.0/16', '10.70.0.0/16'),
      milan: leafWith('milan', '10.200.0.0/16', '10.70.0.0/16'),
      want: [],
    },
    {
      name: 'two whole pools, which cannot be remapped',
      rome: leafWith('rome', '10.0.0.0/8'),
      milan: leafWith('milan', '10.0.0.0/8'),
      want: [
        `/spec/clusters "rome" cannot reach 10.0.0.0/8 of "milan": it must be remapped, and Liqo's pools have no free range of that size`,
      ],
    },
    {
      name: 'a range that is too large for what the other side leaves free',
      rome: leafWith('rome', '10.1.0.0/16'),
      milan: leafWith('milan', '10.0.0.0/8'),
      want: [
        `/spec/clusters "rome" cannot reach 10.0.0.0/8 of "milan": it must be remapped, and Liqo's pools have no free range of that size`,
      ],
    },
    {
      name: 'a range outside the pools with room for it',
      rome: leafWith('rome', '10.1.0.0/16'),
      milan: leafWith('milan', '100.64.0.0/10'),
      want: [],
    },
    {
      name: 'a range outside the pools that fits nowhere',
      rome: leafWith('rome', '10.1.0.0/16'),
      milan: leafWith('milan', '100.0.0.0/8'),
      want: [
        `/spec/clusters "rome" cannot reach 100.0.0.0/8 of "milan": it must be remapped, and Liqo's pools have no free range of that size`,
      ],
    },
    {
      name: 'the fault on the second leaf',
      rome: leafWith('rome', '100.0.0.0/8', '172.16.0.0/16'),
      milan: leafWith('milan', '10.1.0.0/16'),
      want: [
        `/spec/clusters "milan" cannot reach 100.0.0.0/8 of "rome": it must be remapped, and Liqo's pools have no free range of that size`,
      ],
    },
    {
      name: 'a leaf that declares nothing',
      rome: leafYaml('rome'),
      milan: leafWith('milan', '100.0.0.0/8'),
      want: [],
    },
  ]) {
    it(`looks at a pair: ${name}`, () => {
      const texts = { 'rome.yaml': rome, 'milan.yaml': milan };

      const state = { ...texts, 'a.yaml': shortcutYaml('a', 'rome, milan') };

      expect(messages(state)).to.deep.equal(want);
      expect(messages({ ...state, 'a.yaml': shortcutYaml('a', 'rome, rome') })).to.deep.equal([]);
    });
  }
});
