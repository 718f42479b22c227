import { expect } from 'chai';
import { leafYaml, parseTexts, places, shortcutYaml } from './parse-texts.ts';

const LEAVES = {
  'leaves/rome.yaml': leafYaml('rome'),
  'leaves/milan.yaml': leafYaml('milan'),
};

describe('checkFleet', () => {
  describe('leaves that do not exist', () => {
    const shortcut = { 'a.yaml': shortcutYaml('a', 'rome, milano') };

    it('are an error where the source declares leaves, with the nearest name', () => {
      const state = parseTexts({ ...LEAVES, ...shortcut });

      expect(places(state)).to.deep.equal(['a.yaml:6:20 unknown-leaf /spec/clusters/1']);
      expect(state.problems[0]).to.deep.include({
        severity: 'error',
        message: 'there is no LeafCluster "milano"; did you mean "milan"?',
      });
      expect(state.resources).to.have.length(2);
    });

    it('are an error where the clusters were asked', () => {
      const state = parseTexts(shortcut, { leavesKnown: new Set(['rome', 'milan']) });

      expect(places(state)).to.deep.equal(['a.yaml:6:20 unknown-leaf /spec/clusters/1']);
      expect(state.complete).to.be.false;
    });

    it('are an error where the clusters have none at all', () => {
      const state = parseTexts(shortcut, { leavesKnown: new Set() });

      expect(state.problems.map(({ message }) => message)).to.deep.equal([
        'there is no LeafCluster "rome"',
        'there is no LeafCluster "milano"',
      ]);
    });

    it('are a warning where nobody can tell, and the Shortcut goes through', () => {
      const state = parseTexts(shortcut);

      expect(state.problems.map(({ severity }) => severity)).to.deep.equal(['warning', 'warning']);
      expect(state.problems[0]?.message).to.equal(
        'not checked whether a LeafCluster "rome" exists: this source declares none, and no cluster was asked',
      );
      expect(state.resources).to.have.length(1);
      expect(state.complete).to.be.true;
    });

    it('are not those that only one of source and clusters has', () => {
      const texts = { 'rome.yaml': leafYaml('rome'), 'a.yaml': shortcutYaml('a', 'rome, naples') };

      const state = parseTexts(texts, { leavesKnown: new Set(['naples']) });

      expect(state.problems).to.deep.equal([]);
    });

    it('are not those whose own file has a problem', () => {
      const texts = { ...LEAVES, 'leaves/milan.yaml': leafYaml('milan', '  unknown: 1\n') };

      const state = parseTexts({ ...texts, 'a.yaml': shortcutYaml('a', 'rome, milan') });

      expect(places(state)).to.deep.equal(['leaves/milan.yaml:7:3 schema-violation /spec/unknown']);
      expect(state.resources.map(({ kind }) => kind)).to.deep.equal(['LeafCluster', 'Shortcut']);
    });
  });

  describe('duplicates', () => {
    it('are the later ones, by file and line', () => {
      const state = parseTexts({
        ...LEAVES,
        'b.yaml': shortcutYaml('x', 'rome, milan'),
        'a.yaml': `${shortcutYaml('y', 'milan, rome')}---\n${shortcutYaml('z', 'rome, milan')}`,
      });

      expect(places(state)).to.deep.equal([
        'a.yaml:13:13 duplicate-pair /spec/clusters',
        'b.yaml:6:13 duplicate-pair /spec/clusters',
      ]);
      expect(state.problems[1]?.message).to.include('already in a.yaml:1');
      expect(state.resources.map(({ object }) => object.metadata.name)).to.include('y');
    });

    it('never are the sound ones, when another has a problem', () => {
      const state = parseTexts({
        ...LEAVES,
        'a.yaml': shortcutYaml('x', 'rome, milan', '  unknown: 1\n'),
        'b.yaml': shortcutYaml('x', 'rome, milan'),
      });

      expect(places(state)).to.deep.equal([
        'a.yaml:4:9 duplicate-resource /metadata/name',
        'a.yaml:7:3 schema-violation /spec/unknown',
      ]);
      expect(state.resources).to.have.length(3);
    });

    it('are reported once, as a resource rather than as a pair', () => {
      const text = shortcutYaml('x', 'rome, milan');

      expect(places(parseTexts({ ...LEAVES, 'a.yaml': text, 'b.yaml': text }))).to.deep.equal([
        'b.yaml:4:9 duplicate-resource /metadata/name',
      ]);
    });

    it('are not two that have no name and no clusters', () => {
      const text = shortcutYaml('a', '').replace('  name: a', '  {}').replace('clusters: []', '{}');

      expect(places(parseTexts({ 'a.yaml': text, 'b.yaml': text }))).to.deep.equal([
        'a.yaml:4:3 missing-name /metadata',
        'a.yaml:6:3 schema-violation /spec',
        'b.yaml:4:3 missing-name /metadata',
        'b.yaml:6:3 schema-violation /spec',
      ]);
    });

    describe('of a node port', () => {
      const leaves = { ...LEAVES, 'leaves/naples.yaml': leafYaml('naples') };
      const asking = (name: string, clusters: string, server: string, nodePort = 31_500) =>
        shortcutYaml(name, clusters, `  server: ${server}\n  gateway: { nodePort: ${nodePort} }\n`);
      const first = asking('a', 'rome, milan', 'milan');

      it('are those of one server', () => {
        const texts = { 'a.yaml': first, 'b.yaml': asking('b', 'naples, milan', 'milan') };

        const { problems } = parseTexts({ ...leaves, ...texts });

        expect(problems.map(({ code, file }) => [code, file])).to.deep.equal([
          ['duplicate-node-port', 'b.yaml'],
        ]);
        expect(problems[0]?.message).to.include('a.yaml:1');
      });

      for (const [name, other] of [
        ['another server', asking('b', 'naples, milan', 'naples')],
        ['another port', asking('b', 'naples, milan', 'milan', 31_501)],
        ['a server that is yet to be chosen', asking('b', 'naples, milan', 'auto')],
      ] as const) {
        it(`are not those of ${name}`, () => {
          const { problems } = parseTexts({ ...leaves, 'a.yaml': first, 'b.yaml': other });

          expect(problems).to.deep.equal([]);
        });
      }

      it('are reported once, as a pair rather than as a port', () => {
        const texts = { 'a.yaml': first, 'b.yaml': asking('b', 'milan, rome', 'milan') };

        const { problems } = parseTexts({ ...leaves, ...texts });

        expect(problems.map(({ code }) => code)).to.deep.equal(['duplicate-pair']);
      });
    });

    it('are not two connections of a leaf with itself, which are wrong already', () => {
      const state = parseTexts({
        ...LEAVES,
        'a.yaml': shortcutYaml('a', 'rome, rome'),
        'b.yaml': shortcutYaml('b', 'rome, rome'),
      });

      expect(state.problems.map(({ code }) => code)).to.deep.equal(['self-link', 'self-link']);
    });
  });

  for (const { server, want } of [
    { server: 'auto', want: [] },
    { server: 'milan', want: [] },
    { server: 'naples', want: ['a.yaml:7:11 unsupported-server /spec/server'] },
    { server: 'Auto', want: ['a.yaml:7:11 schema-violation /spec/server'] },
  ]) {
    it(`looks at the server ${server} in one way only`, () => {
      const text = shortcutYaml('a', 'rome, milan', `  server: ${server}\n`);

      expect(places(parseTexts({ ...LEAVES, 'a.yaml': text }))).to.deep.equal(want);
    });
  }
});
