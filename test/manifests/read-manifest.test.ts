import { expect } from 'chai';
import { leafYaml, parseTexts } from './parse-texts.ts';

describe('readManifest', () => {
  for (const { text, want } of [
    { text: 'just text', want: 'a document must be a mapping' },
    { text: '- kind: Shortcut', want: 'a document must be a mapping' },
    { text: '7', want: 'a document must be a mapping' },
    { text: 'apiVersion: v1', want: 'kind must be Shortcut or LeafCluster' },
    { text: 'kind: [Shortcut]', want: 'kind must be Shortcut or LeafCluster' },
    { text: 'kind: shortcut', want: 'unknown kind "shortcut"; did you mean "Shortcut"?' },
    {
      text: 'kind: LeafClusters',
      want: 'unknown kind "LeafClusters"; did you mean "LeafCluster"?',
    },
    { text: 'kind: Deployment', want: 'unknown kind "Deployment"; exclude what is not ours' },
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const { problems } = parseTexts({ 'a.yaml': text });

      expect(problems).to.have.length(1);
      expect(problems[0]?.message).to.include(want);
    });
  }

  for (const { name, text, want } of [
    { name: 'in the default namespace', text: leafYaml('rome'), want: 'LeafCluster/n/rome' },
    {
      name: 'in its own namespace',
      text: leafYaml('rome').replace('metadata:', 'metadata:\n  namespace: other'),
      want: 'LeafCluster/other/rome',
    },
    { name: 'of a broken document', text: `${leafYaml('rome')}a: [`, want: 'LeafCluster/n/rome' },
    { name: 'without a proper name', text: leafYaml('Rome!'), want: '' },
    { name: 'without a name', text: leafYaml(''), want: '' },
    {
      name: 'in a namespace without a proper name',
      text: leafYaml('rome').replace('metadata:', 'metadata:\n  namespace: A'),
      want: '',
    },
    { name: 'of another kind', text: 'kind: Pod\nmetadata: { name: a }', want: '' },
  ]) {
    it(`names the resource ${name}`, () => {
      const { problems } = parseTexts({ 'a.yaml': `${text}\nunknown: 1\n` }, { namespace: 'n' });

      expect(problems[0]?.resource).to.equal(want);
    });
  }
});
