import { expect } from 'chai';
import { leafYaml, parseTexts, places, shortcutYaml } from './parse-texts.ts';

const gateway = (line: string) => shortcutYaml('a', 'rome, milan', `  gateway:\n    ${line}\n`);
const metadata = (line: string) =>
  shortcutYaml('a', 'rome, milan').replace('metadata:\n', `metadata:\n  ${line}\n`);
const spec = (text: string) =>
  shortcutYaml('a', 'rome, milan').replace('  clusters: [rome, milan]\n', text);

describe('schemaFindings', () => {
  for (const { text, want } of [
    { text: gateway('mtu: 99999'), want: 'spec.gateway.mtu: must be <= 9000, is 99999' },
    { text: gateway('mtu: 575'), want: 'spec.gateway.mtu: must be >= 576, is 575' },
    { text: gateway('mtu: "1340"'), want: 'spec.gateway.mtu: must be integer, is "1340"' },
    { text: gateway('mtu: 13.5'), want: 'spec.gateway.mtu: must be integer, is 13.5' },
    { text: gateway('mtu: [1]'), want: 'spec.gateway.mtu: must be integer, is a list of 1' },
    { text: gateway('mtu: {}'), want: 'spec.gateway.mtu: must be integer, is a mapping' },
    { text: gateway('mtu:'), want: 'spec.gateway.mtu: must be integer, is empty' },
    { text: gateway('mtu: true'), want: 'spec.gateway.mtu: must be integer, is true' },
    { text: gateway('port: 0'), want: 'spec.gateway.port: must be >= 1, is 0' },
    { text: gateway('port: 70000'), want: 'spec.gateway.port: must be <= 65535, is 70000' },
    { text: gateway('nodePort: 80'), want: 'spec.gateway.nodePort: must be >= 30000, is 80' },
    {
      text: gateway('nodePort: 70000'),
      want: 'spec.gateway.nodePort: must be <= 32767, is 70000',
    },
    {
      text: gateway('serviceType: Nodeport'),
      want: 'spec.gateway.serviceType: must be "LoadBalancer" or "NodePort" or "ClusterIP", is "Nodeport"',
    },
    {
      text: gateway('serviceType: ExternalName'),
      want: 'spec.gateway.serviceType: must be "LoadBalancer" or "NodePort" or "ClusterIP", is "ExternalName"',
    },
    {
      text: gateway('loadBalancerIP: nope'),
      want: 'spec.gateway.loadBalancerIP: must be an IPv4 address, is "nope"',
    },
    {
      text: gateway('clientEndpoint: { address: not an address!, port: 1 }'),
      want: 'spec.gateway.clientEndpoint.address: must be an IPv4 address or a DNS name in lower case, is "not an address!"',
    },
    {
      text: gateway('clientEndpoint: { address: 300.1.2.3, port: 1 }'),
      want: 'spec.gateway.clientEndpoint.address: must be an IPv4 address or a DNS name in lower case, is "300.1.2.3"',
    },
    {
      text: gateway('clientEndpoint: { address: a.example }'),
      want: 'spec.gateway.clientEndpoint.port is missing',
    },
    {
      text: gateway('serviceAnnotations: { "a/b/c": x }'),
      want: `spec.gateway.serviceAnnotations: key "a/b/c" must be a key: an optional DNS prefix with '/', and a name of at most 63 letters, digits, '-', '_' and '.'`,
    },
    {
      text: gateway('serviceAnnotations: { "example.com/a": 1 }'),
      want: 'spec.gateway.serviceAnnotations["example.com/a"]: must be string, is 1',
    },
    {
      text: gateway('serviceAnotations: {}'),
      want: 'spec.gateway: unknown property "serviceAnotations"; did you mean "serviceAnnotations"?',
    },
    { text: gateway('nothing: {}'), want: 'spec.gateway: unknown property "nothing"' },
    { text: `${gateway('mtu: 1340')}status: {}\n`, want: 'unknown property "status"' },
    { text: metadata('uid: x'), want: 'metadata: unknown property "uid"' },
    {
      text: metadata('labels: { shortcuts.liqo.io/source: x }'),
      want: 'metadata.labels["shortcuts.liqo.io/source"]: must be left out: labels below shortcuts.liqo.io/ are set by Liqo Shortcuts itself',
    },
    {
      text: metadata('labels: { a: b c }'),
      want: `metadata.labels.a: must be empty, or letters, digits, '-', '_' and '.', which starts and ends with a letter or digit, is "b c"`,
    },
    {
      text: metadata(`labels: { a: ${'b'.repeat(64)} }`),
      want: `metadata.labels.a: must NOT have more than 63 characters, is "${'b'.repeat(63)}…"`,
    },
    { text: metadata('labels: { a: 1 }'), want: 'metadata.labels.a: must be string, is 1' },
    {
      text: metadata('annotations: { shortcuts.liqo.io/revision: x }'),
      want: 'metadata.annotations["shortcuts.liqo.io/revision"]: must be left out: of the annotations below shortcuts.liqo.io/, a file may set prune, adopt, forget-leaf and reconcile-requested-at',
    },
    {
      text: metadata('annotations: { shortcuts.liqo.io/prune: disable }'),
      want: 'metadata.annotations["shortcuts.liqo.io/prune"]: must be "disabled", is "disable"',
    },
    {
      text: metadata('annotations: { shortcuts.liqo.io/adopt: true }'),
      want: 'metadata.annotations["shortcuts.liqo.io/adopt"]: must be string, is true',
    },
    { text: spec('  suspend: true\n'), want: 'spec.clusters is missing' },
    { text: spec('  clusters: rome\n'), want: 'spec.clusters: must be array, is "rome"' },
    {
      text: spec('  clusters: [rome]\n'),
      want: 'spec.clusters: must NOT have fewer than 2 items, is a list of 1',
    },
    {
      text: spec('  clusters: [rome, milan, naples]\n'),
      want: 'spec.clusters: must NOT have more than 2 items, is a list of 3',
    },
    {
      text: spec('  clusters: [rome--x, milan]\n'),
      want: `spec.clusters[0]: must be the name of a LeafCluster: lower-case letters, digits and single '-' between them, is "rome--x"`,
    },
    {
      text: spec('  clusters: [rome, milаn]\n'),
      want: `spec.clusters[1]: must be the name of a LeafCluster: lower-case letters, digits and single '-' between them, is "mil\\u{430}n" with U+0430, which is not ASCII`,
    },
    { text: spec('  {}\n'), want: 'spec.clusters is missing' },
    { text: spec(''), want: 'spec: must be object, is empty' },
    {
      text: spec('  clusters: [rome, milan]\n  deletionPolicy: Delete\n'),
      want: 'spec.deletionPolicy: must be "Disconnect" or "Orphan", is "Delete"',
    },
    {
      text: leafYaml('rome').replace('{ name: rome-kubeconfig }', '{ name: rome, key: a/b }'),
      want: `spec.kubeconfigSecretRef.key: must be a key of letters, digits, '-', '_' and '.', is "a/b"`,
    },
    {
      text: leafYaml('rome', '  gateway: { reachability: Nat }\n'),
      want: 'spec.gateway.reachability: must be "Public" or "Private" or "NAT", is "Nat"',
    },
    {
      text: leafYaml('rome', '  cidrs: { pod: [10.200.0.0] }\n'),
      want: 'spec.cidrs.pod[0]: must be a CIDR such as 10.200.0.0/16, is "10.200.0.0"',
    },
    {
      text: leafYaml('rome', '  cidrs: { pod: [300.1.0.0/16] }\n'),
      want: 'spec.cidrs.pod[0]: must be a CIDR such as 10.200.0.0/16, is "300.1.0.0/16"',
    },
    {
      text: leafYaml('rome', '  clusterID: Rome\n'),
      want: `spec.clusterID: must be a Liqo cluster ID of lower-case letters, digits and '-', which starts and ends with a letter or digit, is "Rome"`,
    },
  ]) {
    it(`says: ${want}`, () => {
      const { problems } = parseTexts({ 'a.yaml': text }, { leavesKnown: KNOWN });

      const violations = problems.filter(({ code }) => code === 'schema-violation');
      expect(violations.map(({ message }) => message)).to.deep.equal([want]);
    });
  }

  for (const { name, text, want } of [
    {
      name: 'a missing apiVersion',
      text: shortcutYaml('a', 'rome, milan').replace(/^apiVersion.*\n/, ''),
      want: ['unknown-api-version apiVersion is missing'],
    },
    {
      name: 'an apiVersion that is no text',
      text: shortcutYaml('a', 'rome, milan').replace(/^apiVersion.*/, 'apiVersion: 1'),
      want: ['unknown-api-version apiVersion: must be string, is 1'],
    },
    {
      name: 'missing metadata',
      text: shortcutYaml('a', 'rome, milan').replace('metadata:\n  name: a\n', ''),
      want: ['missing-name metadata is missing'],
    },
    {
      name: 'a name that is no text',
      text: shortcutYaml('7', 'rome, milan'),
      want: ['invalid-name metadata.name: must be string, is 7'],
    },
    {
      name: 'a bad namespace',
      text: metadata('namespace: a.b'),
      want: [
        `invalid-name metadata.namespace: must be a name of lower-case letters, digits and '-', which starts and ends with a letter or digit, is "a.b"`,
      ],
    },
    {
      name: 'a name of a leaf with two hyphens, since it would make pairs ambiguous',
      text: leafYaml('ro--me'),
      want: [
        `invalid-name metadata.name: must be the name of a leaf: lower-case letters, digits and single '-' between them, is "ro--me"`,
      ],
    },
    {
      name: 'a name that is too long',
      text: shortcutYaml('a'.repeat(254), 'rome, milan'),
      want: [
        `invalid-name metadata.name: must NOT have more than 253 characters, is "${'a'.repeat(63)}…"`,
      ],
    },
  ]) {
    it(`has a code of its own for ${name}`, () => {
      const { problems } = parseTexts({ 'a.yaml': text }, { leavesKnown: KNOWN });

      const found = problems.map(({ code, message }) => `${code} ${message}`);
      expect(found).to.deep.equal(want);
    });
  }

  it('escapes keys in pointers as RFC 6901 says', () => {
    const state = parseTexts(
      {
        'a.yaml': metadata('annotations: { example.com/a: 1 }'),
        'b.yaml': metadata('"~": 1').replace('name: a', 'name: b'),
        'c.yaml': leafYaml('rome', '  "a/~b": 1\n'),
      },
      { leavesKnown: KNOWN },
    );

    const violations = state.problems.filter(({ code }) => code === 'schema-violation');
    expect(violations.map(({ message }) => message)).to.deep.equal([
      'metadata.annotations["example.com/a"]: must be string, is 1',
      'metadata: unknown property "~"',
      'spec: unknown property "a/~b"',
    ]);
    expect(places({ ...state, problems: violations })).to.deep.equal([
      'a.yaml:4:33 schema-violation /metadata/annotations/example.com~1a',
      'b.yaml:4:3 schema-violation /metadata/~0',
      'c.yaml:7:3 schema-violation /spec/a~1~0b',
    ]);
  });

  it('stops at a hundred problems of one document', () => {
    const lines = Array.from({ length: 200 }, (_, index) => `  x${index}: 1\n`).join('');

    const { problems } = parseTexts({ 'a.yaml': leafYaml('rome', lines) });

    expect(problems).to.have.length(100);
  });
});

const KNOWN = new Set(['rome', 'milan']);
