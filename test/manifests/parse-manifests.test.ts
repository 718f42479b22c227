import { expect } from 'chai';
import fc from 'fast-check';
import { join } from 'node:path';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import { leafYaml, parseTexts, places, shortcutYaml, sourceFile } from './parse-texts.ts';
import { readTree } from './read-tree.ts';

const ROOT = join(import.meta.dirname, '../..');
const OPTIONS = { path: '.', namespace: 'liqo-shortcuts' };

describe('parseManifests', () => {
  it('accepts every file of the examples', () => {
    const state = parseManifests(readTree(join(ROOT, 'examples')), OPTIONS);

    expect(state.problems).to.deep.equal([]);
    expect(state.complete).to.be.true;
    expect(state.files).to.equal(5);
    expect(state.resources.map(({ kind, file }) => `${kind} ${file}`)).to.deep.equal([
      'LeafCluster leaves/milan.yaml',
      'LeafCluster leaves/naples.yaml',
      'LeafCluster leaves/rome.yaml',
      'Shortcut shortcuts/milan-naples.yaml',
      'Shortcut shortcuts/rome-milan.yaml',
    ]);
  });

  describe('of a file that it has seen', () => {
    const files = ['rome', 'milan'].map((name) => sourceFile(`${name}.yaml`, leafYaml(name)));
    const broken = sourceFile('broken.yaml', 'kind: Shortcut');
    const first = parseManifests([...files, broken], OPTIONS);

    it('says the same again, of the very same objects', () => {
      const again = parseManifests([...files, broken], OPTIONS);

      expect(again).to.deep.equal(first);
      expect(again.resources[0]?.object).to.equal(first.resources[0]?.object);
    });

    it('reads it again for another namespace', () => {
      const elsewhere = parseManifests(files, { ...OPTIONS, namespace: 'elsewhere' });

      expect(elsewhere.resources.map(({ object }) => object.metadata.namespace)).to.deep.equal([
        'elsewhere',
        'elsewhere',
      ]);
    });

    it('checks it anew beside other files, with its place', () => {
      const state = parseManifests([...files, sourceFile('z.yaml', leafYaml('rome'))], OPTIONS);

      expect(places(state)).to.have.length(1);
      expect(state.problems[0]).to.include({ code: 'duplicate-resource', file: 'z.yaml' });
      expect(state.problems[0]?.message).to.contain('rome.yaml:1');
    });
  });

  it('fills in the namespace and the defaults of the schema', () => {
    const text = `# first\n---\n${leafYaml('rome')}---\n${leafYaml('milan')}---\n${shortcutYaml('a', 'rome, milan')}`;

    const { resources } = parseTexts({ 'all.yaml': text });

    expect(resources).to.deep.equal([
      {
        kind: 'LeafCluster',
        file: 'all.yaml',
        line: 10,
        object: {
          apiVersion: 'shortcuts.liqo.io/v1alpha1',
          kind: 'LeafCluster',
          metadata: { name: 'milan', namespace: 'liqo-shortcuts' },
          spec: {
            kubeconfigSecretRef: { name: 'milan-kubeconfig', key: 'kubeconfig' },
            liqoNamespace: 'liqo',
          },
        },
      },
      {
        kind: 'LeafCluster',
        file: 'all.yaml',
        line: 3,
        object: {
          apiVersion: 'shortcuts.liqo.io/v1alpha1',
          kind: 'LeafCluster',
          metadata: { name: 'rome', namespace: 'liqo-shortcuts' },
          spec: {
            kubeconfigSecretRef: { name: 'rome-kubeconfig', key: 'kubeconfig' },
            liqoNamespace: 'liqo',
          },
        },
      },
      {
        kind: 'Shortcut',
        file: 'all.yaml',
        line: 17,
        object: {
          apiVersion: 'shortcuts.liqo.io/v1alpha1',
          kind: 'Shortcut',
          metadata: { name: 'a', namespace: 'liqo-shortcuts' },
          spec: {
            clusters: ['rome', 'milan'],
            server: 'auto',
            suspend: false,
            deletionPolicy: 'Disconnect',
          },
        },
      },
    ]);
  });

  it('keeps a namespace, labels and annotations that are given', () => {
    const text = shortcutYaml('a', 'rome, milan').replace(
      '  name: a\n',
      `  name: a
  namespace: elsewhere
  labels: { team: network, "example.com/tier": "" }
  annotations:
    shortcuts.liqo.io/prune: disabled
    shortcuts.liqo.io/adopt: "true"
    shortcuts.liqo.io/forget-leaf: milan
    example.com/note: any text
`,
    );

    const { resources } = parseTexts(
      { 'a.yaml': text },
      { leavesKnown: new Set(['rome', 'milan']), namespace: 'elsewhere' },
    );

    expect(resources[0]?.object.metadata).to.deep.equal({
      name: 'a',
      namespace: 'elsewhere',
      labels: { team: 'network', 'example.com/tier': '' },
      annotations: {
        'shortcuts.liqo.io/prune': 'disabled',
        'shortcuts.liqo.io/adopt': 'true',
        'shortcuts.liqo.io/forget-leaf': 'milan',
        'example.com/note': 'any text',
      },
    });
  });

  it('refuses what lies in another namespace than the installation: nobody would look at it there', () => {
    const other = shortcutYaml('s', 'rome, milan').replace(
      'metadata:\n',
      'metadata:\n  namespace: team-a\n',
    );

    const { problems, resources } = parseTexts(
      { 'a.yaml': other },
      { leavesKnown: new Set(['rome', 'milan']) },
    );

    expect(resources).to.deep.equal([]);
    expect(problems.map(({ code, line, pointer }) => ({ code, line, pointer }))).to.deep.equal([
      { code: 'schema-violation', line: 4, pointer: '/metadata/namespace' },
    ]);
  });

  it('sorts resources by kind and name, whatever the order of the files', () => {
    const { resources } = parseTexts({
      'z.yaml': shortcutYaml('s', 'b, c'),
      'y.yaml': leafYaml('c'),
      'x.yaml': leafYaml('b'),
      'w.yaml': leafYaml('a'),
    });

    const names = resources.map(({ kind, object }) => `${kind}/${object.metadata.name}`);
    expect(names).to.deep.equal(['LeafCluster/a', 'LeafCluster/b', 'LeafCluster/c', 'Shortcut/s']);
  });

  it('reports every problem of a revision at once, by file, line and column', () => {
    const state = parseTexts({
      'b.yaml': `${leafYaml('rome', '  liqoNamespaec: x\n')}---\nkind: Pod\n`,
      'a.yaml': shortcutYaml('A', 'rome, Milan', '  server: 7\n  suspend: "no"\n'),
    });

    expect(places(state)).to.deep.equal([
      'a.yaml:4:9 invalid-name /metadata/name',
      'a.yaml:6:20 schema-violation /spec/clusters/1',
      'a.yaml:7:11 schema-violation /spec/server',
      'a.yaml:8:12 schema-violation /spec/suspend',
      'b.yaml:7:3 schema-violation /spec/liqoNamespaec',
      'b.yaml:9:7 unknown-kind /kind',
    ]);
    expect(state.resources).to.deep.equal([]);
  });

  it('orders problems of one place by code', () => {
    const state = parseTexts(
      { 'a.yaml': shortcutYaml('a', 'rome, rome'), 'b.yaml': shortcutYaml('a', 'rome, rome') },
      { leavesKnown: new Set() },
    );

    expect(places(state)).to.deep.equal([
      'a.yaml:6:13 self-link /spec/clusters',
      'a.yaml:6:14 unknown-leaf /spec/clusters/0',
      'a.yaml:6:20 unknown-leaf /spec/clusters/1',
      'b.yaml:4:9 duplicate-resource /metadata/name',
      'b.yaml:6:13 self-link /spec/clusters',
      'b.yaml:6:14 unknown-leaf /spec/clusters/0',
      'b.yaml:6:20 unknown-leaf /spec/clusters/1',
    ]);
  });

  it('says that a source without any resource is empty, not that all is to be deleted', () => {
    for (const texts of [{}, { 'README.md': 'text' }, { 'a.yaml': '# nothing\n---\n~\n' }]) {
      const state = parseTexts(texts, { path: '.' });

      expect(places(state), JSON.stringify(texts)).to.deep.equal(['.:1:1 empty-source ']);
      expect(state.complete).to.be.false;
    }
  });

  it('lets N good files through beside one file of arbitrary bytes, and is incomplete when that one is bad', () => {
    const good = ['a', 'b', 'c', 'd'].map((name) => sourceFile(`${name}.yaml`, leafYaml(name)));
    good.push(sourceFile('a-b.yaml', shortcutYaml('a-b', 'a, b')));
    const wanted = parseManifests(good, OPTIONS).resources;
    const nearlyYaml = fc
      .array(
        fc.constantFrom(...'a : \n - [ { } " & * ! % \t | # ? \u202e ---\n kind:'.split(' '), ' '),
        {
          maxLength: 60,
        },
      )
      .map((parts) => new TextEncoder().encode(parts.join('')));

    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), nearlyYaml), (bytes) => {
        const state = parseManifests([...good, sourceFile('0.yaml', bytes)], OPTIONS);

        expect(state.resources).to.deep.equal(wanted);
        expect(state.complete).to.equal(state.problems.length === 0);
      }),
    );
  }).timeout(60_000);

  it('does not depend on the order of the files', () => {
    const files = [
      sourceFile('a.yaml', leafYaml('rome')),
      sourceFile('b.yaml', leafYaml('rome')),
      sourceFile('c.yaml', shortcutYaml('x', 'rome, milan')),
      sourceFile('d.yaml', shortcutYaml('y', 'milan, rome')),
    ];
    const wanted = parseManifests(files, OPTIONS);

    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
        expect(parseManifests(shuffled, OPTIONS)).to.deep.equal(wanted);
      }),
      { numRuns: 20 },
    );
  });
});
