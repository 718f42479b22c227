import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

import { type LanguageServer, startLanguageServer } from '../support/language-server.ts';

const EXAMPLES = resolve('examples');
const HEAD = `# yaml-language-server: $schema=../../schemas/shortcut.schema.json
apiVersion: shortcuts.liqo.io/v1alpha1
kind: Shortcut
metadata:
  name: rome-milan
spec:
`;
/** The first line below HEAD, from 1 as people count. */
const LINE = HEAD.split('\n').length;

/** What an editor with yaml-language-server (VS Code, Neovim, Emacs and others) shows of our schemas. */
describe('in an editor', function () {
  this.timeout(60_000);
  let server: LanguageServer;
  let opened = 0;

  before(async () => {
    const schemas = ['shortcut', 'leaf-cluster'].map((kind) => {
      const text = readFileSync(`schemas/${kind}.schema.json`, 'utf8');
      const { $id } = JSON.parse(text) as { readonly $id: string };
      return [$id, text] as const;
    });
    server = await startLanguageServer(EXAMPLES, new Map(schemas));
  });
  after(() => server.stop());

  async function open(spec: string): Promise<{ uri: string; found: readonly string[] }> {
    opened += 1;
    const uri = `file://${EXAMPLES}/shortcuts/opened-${opened}.yaml`;
    return { uri, found: await server.diagnose(uri, HEAD + spec) };
  }

  for (const { where, folder, address } of [
    { where: 'the examples', folder: '.', address: /^\.\.\/\.\.\/schemas\// },
    { where: 'a repository of its own', folder: 'fleet-repository', address: /^https:\/\// },
  ]) {
    for (const kind of ['leaves', 'shortcuts']) {
      it(`every file of ${kind}/ in ${where} is right, by the schema that its first line names`, async () => {
        const files = join(EXAMPLES, folder, kind);

        for (const name of readdirSync(files)) {
          const text = readFileSync(join(files, name), 'utf8');
          const [, schema] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
          expect(schema, name).to.match(address);
          expect(await server.diagnose(`file://${files}/${name}`, text), name).to.deep.equal([]);
          // The schema is found: without one, everything would be right.
          const wrong = text.replace('spec:', 'spec:\n  nothing: of that name');
          const found = await server.diagnose(`file://${files}/wrong-${name}`, wrong);
          expect(found.join(), name).to.include('Property nothing is not allowed.');
        }
      });
    }
  }

  it('`se` is completed to `server`, and its value to what is allowed', async () => {
    const { uri } = await open('  clusters: [rome, milan]\n  se\n');
    const fields = await server.complete(uri, { line: LINE, character: 4 });
    const other = await open('  clusters: [rome, milan]\n  deletionPolicy: \n');
    const values = await server.complete(other.uri, { line: LINE, character: 18 });

    expect(fields).to.include('server').and.not.include('clusters');
    expect(values).to.include.members(['Disconnect', 'Orphan']);
  });

  it('a field is explained where the pointer rests', async () => {
    const { uri } = await open('  clusters: [rome, milan]\n  server: auto\n');

    expect(await server.hover(uri, { line: LINE, character: 4 })).to.include('Which side listens');
  });

  for (const { name, spec, line = LINE, says } of [
    {
      name: 'a typo in a field',
      spec: '  clusters: [rome, milan]\n  sever: milan\n',
      line: LINE + 1,
      says: 'Property sever is not allowed.',
    },
    {
      name: 'one cluster',
      spec: '  clusters: [rome]\n',
      says: 'Array has too few items. Expected 2 or more.',
    },
    {
      name: 'three clusters',
      spec: '  clusters: [rome, milan, naples]\n',
      says: 'Array has too many items. Expected 2 or fewer.',
    },
    {
      name: 'the same cluster twice',
      spec: '  clusters: [rome, rome]\n',
      says: 'Array has duplicate items.',
    },
    {
      name: 'a name that is none',
      spec: '  clusters: [Rome, milan]\n',
      says: "Must be the name of a LeafCluster: lower-case letters, digits and single '-' between them.",
    },
    {
      name: 'a word that is none of a list',
      spec: '  clusters: [rome, milan]\n  deletionPolicy: Keep\n',
      line: LINE + 1,
      says: 'Value is not accepted. Valid values: "Disconnect", "Orphan".',
    },
  ]) {
    it(`${name} is told in words, at its line`, async () => {
      const { found } = await open(spec);

      expect(found).to.deep.equal([`${line}: ${says}`]);
    });
  }
});
