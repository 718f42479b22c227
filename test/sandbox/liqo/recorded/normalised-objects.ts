import { NAMESPACE, SECRET } from '../../../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../../../src/model/kube-object.ts';
import { listAt, numberAt, textAt, uidOf, valueAt } from '../../../../src/sandbox/liqo/fields.ts';
import * as kinds from '../../../../src/sandbox/liqo/kinds.ts';
import type { TestLeaf } from '../leaf-pair.ts';

const signal = new AbortController().signal;

/** What the recordings hold of the cluster itself rather than of Liqo's work on it. */
const NOT_RECORDED = new Set([
  'CustomResourceDefinition',
  'Node',
  'WgGatewayServerTemplate',
  'WgGatewayClientTemplate',
]);

/** The kinds that the recordings show. */
export const RECORDED_KINDS: readonly ResourceKind[] = [
  ...Object.values(kinds).filter(({ kind }) => !NOT_RECORDED.has(kind)),
  SECRET,
  NAMESPACE,
];

/** Everything on a leaf of these kinds. */
export async function objectsOn(leaf: TestLeaf): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(RECORDED_KINDS.map((kind) => leaf.client.list(kind, { signal })));
  return lists
    .flatMap(({ items }) => items)
    .filter(({ kind, metadata }) => kind !== 'Namespace' || metadata.name.startsWith('liqo'));
}

/** `Kind/namespace/name`, with a Pod's name without what chance added. */
function keyOf({ kind, metadata }: KubeObject): string {
  const name = kind === 'Pod' ? metadata.name.replace(RANDOM_TAIL, '') : metadata.name;
  return `${kind}/${metadata.namespace ?? ''}/${name}`;
}

const RANDOM_TAIL = /-[a-z0-9]{5}-[a-z0-9]+$/;

/**
 * The objects of both leaves by leaf and key, with what is random by nature replaced by what it stands for: UIDs, device
 * names, pod and cluster addresses, node ports, keys, times, latencies. References between objects stay visible.
 */
export function normalised(
  leaves: Readonly<Record<string, readonly KubeObject[]>>,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const named = Object.entries(leaves).map(
    ([leaf, objects]) => [leaf, objects.flatMap((object) => randomTexts(leaf, object))] as const,
  );
  /** A leaf's own come first: both may give their first Pod the same address. */
  const tokensOf = (leaf: string) =>
    named
      .toSorted(([one]) => (one === leaf ? -1 : 1))
      .flatMap(([, tokens]) => tokens)
      .toSorted(([one], [other]) => other.length - one.length);
  return Object.fromEntries(
    Object.entries(leaves).map(([leaf, objects]) => [
      leaf,
      Object.fromEntries(
        objects
          .map(
            (object) => [keyOf(object), withoutChance(comparable(object), tokensOf(leaf))] as const,
          )
          .toSorted(([one], [other]) => (one < other ? -1 : 1)),
      ),
    ]),
  );
}

type Token = readonly [text: string, standsFor: string];

function randomTexts(leaf: string, object: KubeObject): readonly Token[] {
  const owner = `${leaf} ${keyOf(object)}`;
  const nodePort = numberAt(listAt(object, 'spec.ports')[0], 'nodePort');
  const texts: (readonly [string | undefined, string])[] = [
    [uidOf(object), 'UID'],
    [textAt(object, 'spec.interface.gateway.name'), 'device'],
    [textAt(object, 'spec.interface.node.name'), 'device'],
    [textAt(object, 'status.podIP'), 'address'],
    [object.kind === 'Service' ? textAt(object, 'spec.clusterIP') : undefined, 'address'],
    [object.kind === 'Pod' ? object.metadata.name : undefined, 'name'],
    [nodePort === undefined ? undefined : String(nodePort), 'node port'],
  ];
  return texts.flatMap(([text, what]) =>
    text === undefined || text === '' ? [] : [[text, `<${what} of ${owner}>`] as const],
  );
}

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, '<time>'],
  [/^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/, '<UUID>'],
  [/^[A-Za-z0-9+/]{43}=$/, '<key>'],
  [/^<placeholder: 32 raw bytes>$/, '<key>'],
  [/^[\d.]+[mμ]s$/, '<latency>'],
];

function withoutChance(value: unknown, tokens: readonly Token[]): unknown {
  if (typeof value === 'number') {
    return tokens.find(([text]) => text === String(value))?.[1] ?? value;
  }
  if (typeof value === 'string') {
    const shape = SHAPES.find(([pattern]) => pattern.test(value));
    const named = tokens.reduce((text, [from, to]) => text.replaceAll(from, to), value);
    return named === value && shape !== undefined ? shape[1] : named;
  }
  if (Array.isArray(value)) return value.map((item) => withoutChance(item, tokens));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutChance(item, tokens)]),
  );
}

/** What is compared of an object: all of it, but of the core kinds only what Liqo decides, not a cluster's defaults. */
function comparable(object: KubeObject): object {
  if (object.kind === 'Pod') return comparablePod(object);
  const isCore = CORE_KINDS.has(object.kind);
  const metadata = Object.entries(object.metadata).filter(
    ([field]) => !VOLATILE.has(field) && !(isCore && field === 'generation'),
  );
  const all = { ...object, metadata: Object.fromEntries(metadata) };
  if (!isCore) return all;
  return JSON.parse(JSON.stringify(all), (key, value: unknown) =>
    CLUSTER_DEFAULTS.has(key) || isEmptyObject(value) || isDefaultOf(key, value)
      ? undefined
      : value,
  ) as object;
}

const VOLATILE = new Set(['resourceVersion', 'creationTimestamp', 'managedFields']);

const CORE_KINDS = new Set(['Deployment', 'Namespace', 'Secret', 'Service', 'ServiceAccount']);

/** Fields that a real API server fills in and that the embedded one, which validates core kinds loosely, does not. */
const CLUSTER_DEFAULTS = new Set([
  'defaultMode',
  'dnsPolicy',
  'externalTrafficPolicy',
  'internalTrafficPolicy',
  'ipFamilies',
  'ipFamilyPolicy',
  'progressDeadlineSeconds',
  'restartPolicy',
  'revisionHistoryLimit',
  'schedulerName',
  'sessionAffinity',
  'terminationGracePeriodSeconds',
  'terminationMessagePath',
  'terminationMessagePolicy',
]);

function isDefaultOf(key: string, value: unknown): boolean {
  return key === 'strategy' ? textAt(value, 'type') === 'RollingUpdate' : value === 'v1';
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The kubelet's part is not Liqo's: labels, owner, programs and their arguments, address and phase. */
function comparablePod(pod: KubeObject): object {
  const { labels, ownerReferences } = pod.metadata;
  return {
    labels,
    ownerReferences,
    containers: listAt(pod, 'spec.containers').map((container) => ({
      name: textAt(container, 'name'),
      image: textAt(container, 'image'),
      args: valueAt(container, 'args'),
    })),
    nodeName: textAt(pod, 'spec.nodeName'),
    phase: textAt(pod, 'status.phase'),
    podIP: textAt(pod, 'status.podIP'),
  };
}
