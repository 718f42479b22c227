import fc from 'fast-check';
import { leafYaml, shortcutYaml } from './parse-texts.ts';

/** Manifests in which every field is there once. */
const SEEDS = [
  leafYaml('rome'),
  shortcutYaml('rome-milan', 'rome, milan'),
  `# yaml-language-server: $schema=x
apiVersion: shortcuts.liqo.io/v1alpha1
kind: Shortcut
metadata:
  name: rome-milan
  namespace: liqo-shortcuts
  annotations: { shortcuts.liqo.io/adopt: "true" }
spec:
  clusters:
    - rome
    - milan
  server: milan
  gateway:
    mtu: 1340
    serviceType: NodePort
    port: 51840
    nodePort: 30999
    loadBalancerIP: 203.0.113.7
    serviceAnnotations: {}
    clientEndpoint: { address: vpn.rome.example, port: 51840 }
    serverTemplate: { name: wireguard-server, namespace: liqo }
  suspend: false
  deletionPolicy: Disconnect
---
apiVersion: shortcuts.liqo.io/v1alpha1
kind: LeafCluster
metadata: { name: rome }
spec:
  clusterID: rome
  kubeconfigSecretRef: { name: rome-kubeconfig, key: kubeconfig }
  liqoNamespace: liqo
  gateway: { serviceType: NodePort, reachability: Public }
  cidrs: { pod: [10.200.0.0/16], external: [10.70.0.0/16] }
`,
] as const;

/** What means something to YAML, to our schemas, to a number parser or to a prototype. */
const TOKENS = [
  ...['---', '...', '- ', '? ', ': ', ':', ', ', '[', ']', '{', '}', '\n', '\n  ', '\t', ' ', '#'],
  ...[
    '&a ',
    '*a',
    '<<: *a',
    '!!binary ',
    '!!js/function ',
    '!!set ',
    '!<tag:x> ',
    '|',
    '>-',
    '%YAML 1.1\n',
  ],
  ...[
    '"',
    "'",
    '\\',
    '"\\u0000"',
    '"\\ud800"',
    '~',
    'null',
    'true',
    'no',
    '0x1F',
    '1e9',
    '.nan',
    '-.inf',
  ],
  ...[
    '9007199254740993',
    '0o17',
    '2026-11-25',
    '\u0000',
    '\u0085',
    '\u2028',
    '\u202e',
    '\ufeff',
    '🏛',
    'а',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'kind: Secret',
    'kubeconfig: |',
    'rome',
    '10.0.0.0/33',
    '::/0',
  ],
] as const;

interface Edit {
  /** Where, as a share of the text. */
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat(12), fc.nat(200)),
  insert: fc.oneof(
    fc.constantFrom(...TOKENS),
    fc.array(fc.constantFrom(...TOKENS), { maxLength: 6 }).map((tokens) => tokens.join('')),
    fc.string({ maxLength: 4 }),
    fc.constantFrom('[', '{', '- ', '&a [').map((token) => token.repeat(300)),
  ),
});

/** Manifests to which something was done, as bytes; some of them not UTF-8 any more. */
export const mutatedYaml: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(...SEEDS), fc.array(edit, { minLength: 1, maxLength: 5 }), fc.nat(20))
  .map(([seed, edits, garbage]) => {
    const text = edits.reduce((before, { at, remove, insert }) => {
      const start = Math.floor(at * before.length);
      return before.slice(0, start) + insert + before.slice(start + remove);
    }, seed);
    const bytes = new TextEncoder().encode(text);
    if (garbage === 0 && bytes.length > 0) bytes[bytes.length >> 1] = 0xff;
    return bytes;
  });
