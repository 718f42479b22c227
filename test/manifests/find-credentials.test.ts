import { expect } from 'chai';
import { leafYaml, parseTexts, places, shortcutYaml } from './parse-texts.ts';

// Taken apart, so that nobody's secret scanner mistakes this file for a leak.
const PEM = ['-----BEGIN', 'PRIVATE KEY-----'].join(' ');
const PEM_BASE64 = Buffer.from(PEM).toString('base64');
const TOKEN = ['eyJhbGciOiJub25lIn0', 'eyJzdWIiOiJub2JvZHkifQ', 'c2ln'].join('.');

describe('findCredentials', () => {
  for (const { name, text, want } of [
    {
      name: 'a kubeconfig within a LeafCluster',
      text: leafYaml('rome', '  kubeconfig: |\n    x\n'),
      want: ['7:3 inline-credential /spec/kubeconfig'],
    },
    {
      name: 'a kubeconfig file',
      text: `apiVersion: v1\nkind: Config\nusers:\n- user:\n    client-key-data: ${PEM_BASE64}\n`,
      want: ['2:1 inline-credential /kind', '5:5 inline-credential /users/0/user/client-key-data'],
    },
    {
      name: 'a token by its key, in any case',
      text: 'users:\n- user: { Token: abc }\n',
      want: ['2:11 inline-credential /users/0/user/Token'],
    },
    {
      name: 'PEM in a block of text',
      text: leafYaml('rome', `  liqoNamespace: |\n    ${PEM}\n`),
      want: ['8:5 inline-credential /spec/liqoNamespace'],
    },
    {
      name: 'PEM in a comment',
      text: `# ${PEM}\n${leafYaml('rome')}`,
      want: ['1:3 inline-credential '],
    },
    {
      name: 'a JSON web token as a value',
      text: shortcutYaml('a', 'rome, milan', `  server: ${TOKEN}\n`),
      want: ['7:11 inline-credential /spec/server'],
    },
    {
      name: 'a token within broken YAML',
      text: `a: [\n# ${TOKEN}`,
      want: ['2:3 inline-credential /a', '2:50 yaml-parse-error '],
    },
    {
      name: 'a token in the second document',
      text: `${leafYaml('rome')}---\n# ${TOKEN}\n${leafYaml('milan')}`,
      want: ['8:3 inline-credential '],
    },
  ]) {
    it(`finds ${name}, and never repeats it`, () => {
      const state = parseTexts({ 'a.yaml': text });

      expect(places(state)).to.deep.equal(want.map((place) => `a.yaml:${place}`));
      expect(JSON.stringify(state.problems)).to.not.include(TOKEN).and.not.include(PEM);
    });
  }

  it('leaves the reference to a Secret alone', () => {
    const text = leafYaml('rome').replace(
      '{ name: rome-kubeconfig }',
      '{ name: token, key: kubeconfig }',
    );

    expect(parseTexts({ 'a.yaml': text }).problems).to.deep.equal([]);
  });
});
