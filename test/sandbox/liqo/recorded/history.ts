import type { KubeObject } from '../../../../src/model/kube-object.ts';
import type { TestLeaf } from '../leaf-pair.ts';
import { RECORDED_KINDS } from './normalised-objects.ts';
import { readRecordedLines } from './recording-files.ts';

const signal = new AbortController().signal;

/** Values by path, e.g. `status.conditions.0.type`. */
type Flat = Readonly<Record<string, unknown>>;

/** One change of one object: what is compared of it, after the change. */
export interface Change {
  readonly cluster: string;
  /** `TERMINATING` is a modification of an object that waits for its finalizers. */
  readonly type: string;
  /** `Kind/name`, a Pod without the random part. */
  readonly key: string;
  readonly generation: number | undefined;
  readonly state: Flat;
}

interface RecordedLine {
  readonly rv: number;
  readonly cluster: string;
  readonly type: string;
  readonly kind: string;
  readonly name: string;
  readonly gen?: number;
  readonly changed?: Flat;
}

function keyOf(kind: string, name: string): string {
  return `${kind}/${kind === 'Pod' ? name.replace(/-[a-z0-9]{5}-[a-z0-9]+$/, '') : name}`;
}

/** Recorded timelines of one run, with each object's finalizers and status put together from the changes. */
export async function readHistory(...files: readonly string[]): Promise<readonly Change[]> {
  const states = new Map<string, Flat>();
  const lines = await Promise.all(files.map((file) => readRecordedLines<RecordedLine>(file)));
  // The watches of different kinds brought their events in no order; versions are the API server's own.
  const inOrder = lines.flat().toSorted((one, other) => one.rv - other.rv);
  return inOrder.map((line) => {
    const key = keyOf(line.kind, line.name);
    const id = `${line.cluster} ${key}`;
    const state = { ...states.get(id), ...line.changed };
    states.set(id, state);
    return {
      cluster: line.cluster,
      type: typeOf(line.type, state['metadata.deletionTimestamp']),
      key,
      generation: line.gen,
      state: comparable(state),
    };
  });
}

function typeOf(type: string, deletionTimestamp: unknown): string {
  return type === 'MODIFIED' && deletionTimestamp !== undefined ? 'TERMINATING' : type;
}

/** Writes down what happens on leaves until stopped. */
export async function recordHistory(
  ...leaves: readonly TestLeaf[]
): Promise<{ stop(): Promise<readonly Change[]> }> {
  const stopping = new AbortController();
  const changes: (readonly [number, Change])[] = [];
  const watches = leaves.flatMap((leaf) =>
    RECORDED_KINDS.map(async (kind) => {
      const { resourceVersion } = await leaf.client.list(kind, { signal });
      return follow(leaf, leaf.client.watch(kind, { resourceVersion, signal: stopping.signal }));
    }),
  );
  const open = await Promise.all(watches);

  return {
    async stop() {
      stopping.abort();
      await Promise.allSettled(open.map(({ done }) => done));
      return changes.toSorted(([one], [other]) => one - other).map(([, change]) => change);
    },
  };

  function follow(leaf: TestLeaf, events: ReturnType<TestLeaf['client']['watch']>) {
    const read = async (): Promise<void> => {
      for await (const event of events) {
        if (event.type === 'BOOKMARK') continue;
        const version = Number(event.object.metadata.resourceVersion);
        changes.push([version, changeOf(leaf.id, event.type, event.object)]);
      }
    };
    return { done: read() };
  }
}

function changeOf(cluster: string, type: string, object: KubeObject): Change {
  const { kind, metadata } = object;
  const state = flatten({
    metadata: { finalizers: metadata.finalizers ?? [] },
    status: object['status'],
  });
  return {
    cluster,
    type: typeOf(type, metadata.deletionTimestamp),
    key: keyOf(kind, metadata.name),
    generation: metadata.generation,
    state: comparable(state),
  };
}

function flatten(value: unknown, path = ''): Flat {
  if (typeof value !== 'object' || value === null) return { [path]: value };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, item]) =>
      flatten(item, path === '' ? key : `${path}.${key}`),
    ),
  ) as Flat;
}

/** Left out: what is empty, what is said in words, and how times and latencies happened to be. */
function comparable(state: Flat): Flat {
  return Object.fromEntries(
    Object.entries(state)
      .filter(([path]) => /^(status|metadata\.finalizers)\b/.test(path))
      .filter(([path]) => !/(Time|timestamp|message|uid|latency\.value)$/.test(path))
      .filter(([, value]) => value !== null && value !== undefined && typeof value !== 'object')
      .map(([path, value]) => [path, SHAPES.reduce(shaped, value)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/^3[0-2]\d{3}$/, '<node port>'],
  [/^(172\.30\.1|10\.200\.0)\.\d+$/, '<pod address>'],
];

function shaped(value: unknown, [shape, name]: readonly [RegExp, string]): unknown {
  return shape.test(String(value)) ? name : value;
}
