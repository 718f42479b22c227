import { isAbort, toOperatorError } from '../errors/classify.ts';
import { ClusterForbiddenError, NotFoundError } from '../errors/errors.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { microTime } from '../kube/lease-record.ts';
import { EVENT } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { ObjectEvent } from '../model/object-event.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { createWorkQueue } from '../runtime/work-queue.ts';
import { createEventBudget } from './event-budget.ts';

/** What happens again within this time is counted on the same Event. */
const SERIES_MS = 600_000;
/** How often an Event that is counted on is written at most. */
const SERIES_WRITE_MS = 30_000;
/** So many are remembered; the oldest are forgotten, and would be told anew. */
const MAX_REMEMBERED = 1_000;
const CONCURRENCY = 2;
const BACKOFF = { baseMs: 1_000, capMs: 30_000 };
/** So often is a write tried that an API server does not take for a moment. */
const MAX_TRIES = 6;
const STOP_GRACE_MS = 1_000;
/** Bytes that a note may have. */
const MAX_NOTE = 1_024;
const MAX_NAME = 220;
const CONTROLLER = 'shortcuts.liqo.io/liqo-shortcuts';

/** Writes Events (events.k8s.io/v1) on the main cluster, aside from everything else: none is waited for or missed. */
export interface EventRecorder {
  /** At once; writing comes later, or not at all. */
  record(event: ObjectEvent): void;
  /** Resolves when nothing is to be written now. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch'>;
  /** Which of several processes speaks, at most 128 characters. */
  readonly instance: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

interface Remembered {
  readonly event: ObjectEvent;
  readonly firstAt: number;
  count: number;
  lastAt: number;
  /** Writes that failed in a row. */
  failures: number;
  /** Name of the Event, once it is stored. */
  name?: string;
  writtenAt?: number;
}

/** A recorder that counts what repeats itself, and gives each object a budget of Events. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, instance, clock, random, logger } = options;
  const remembered = new Map<string, Remembered>();
  const budget = createEventBudget(() => clock.now());
  let serial = 0;
  /** It was said that there is no right to write Events: once is enough. */
  let isForbidden = false;
  const queue = createWorkQueue<string>({
    work: (key, { signal }) => write(key, signal),
    concurrency: CONCURRENCY,
    clock,
    random,
    logger,
    backoff: BACKOFF,
  });
  queue.start();

  function record(event: ObjectEvent): void {
    const now = clock.now();
    const key = keyOf(event);
    const before = remembered.get(key);
    if (before !== undefined && now - before.lastAt < SERIES_MS) {
      before.count += 1;
      before.lastAt = now;
      const dueAt = (before.writtenAt ?? now) + SERIES_WRITE_MS;
      queue.addAfter(key, Math.max(0, dueAt - now), 'cluster-change');
      return;
    }
    if (!budget.take(event.regarding.metadata.uid ?? '')) return;
    remembered.delete(key);
    remembered.set(key, { event, firstAt: now, lastAt: now, count: 1, failures: 0 });
    forgetOldest();
    queue.add(key, 'cluster-change');
  }

  function forgetOldest(): void {
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  }

  async function write(key: string, signal: AbortSignal): Promise<Outcome> {
    const entry = remembered.get(key);
    if (entry === undefined) return { kind: 'settled' };
    entry.writtenAt = clock.now();
    try {
      await (entry.name === undefined ? create(entry, signal) : count(entry, entry.name, signal));
      entry.failures = 0;
    } catch (err) {
      return failed(entry, err);
    }
    return { kind: 'settled' };
  }

  /** An Event that is lost in the end is no error: the next of its kind tries again. */
  function failed(entry: Remembered, err: unknown): Outcome {
    if (isAbort(err)) return { kind: 'settled' };
    if (err instanceof NotFoundError) delete entry.name; // Events live for an hour
    const isNews = err instanceof ClusterForbiddenError && !isForbidden;
    isForbidden ||= isNews;
    logger[isNews ? 'warn' : 'debug']({ err, reason: entry.event.reason }, 'Writing event failed');
    entry.failures += 1;
    const isTriedAgain = toOperatorError(err).retry === 'backoff' && entry.failures < MAX_TRIES;
    return { kind: isTriedAgain ? 'backoff' : 'settled' };
  }

  async function create(entry: Remembered, signal: AbortSignal): Promise<void> {
    const { regarding, note, ...said } = entry.event;
    const { name, namespace = '' } = regarding.metadata;
    serial += 1;
    const suffix = `${entry.firstAt.toString(16)}${serial.toString(16).padStart(4, '0')}`;
    const object: KubeObject = {
      apiVersion: EVENT.apiVersion,
      kind: EVENT.kind,
      metadata: { name: `${shortName(name)}.${suffix}`, namespace },
      eventTime: microTime(entry.firstAt),
      reportingController: CONTROLLER,
      reportingInstance: instance,
      ...said,
      note: shortened(note),
      regarding: referenceTo(regarding),
      ...(entry.count > 1 && { series: seriesOf(entry) }),
    };
    const stored = await client.create(EVENT, object, { signal });
    entry.name = stored.metadata.name;
  }

  async function count(entry: Remembered, name: string, signal: AbortSignal): Promise<void> {
    const { namespace = '' } = entry.event.regarding.metadata;
    await client.patch({ kind: EVENT, namespace, name }, { series: seriesOf(entry) }, { signal });
  }

  return {
    record,
    idle: () => queue.idle(),
    stop: () => queue.stop({ graceMs: STOP_GRACE_MS }),
  };
}

/** So much of a name that it can go on with a dot. */
function shortName(name: string): string {
  return name.slice(0, MAX_NAME).replace(/[-.]+$/, '');
}

function keyOf({ regarding, type, reason, note }: ObjectEvent): string {
  return JSON.stringify([regarding.metadata.uid, type, reason, note]);
}

function seriesOf({ count, lastAt }: Remembered): object {
  return { count, lastObservedTime: microTime(lastAt) };
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): object {
  const { namespace, name, uid } = metadata;
  return { apiVersion, kind, namespace, name, uid };
}

function shortened(note: string): string {
  if (Buffer.byteLength(note) <= MAX_NOTE) return note;
  const cut = Buffer.from(note)
    .subarray(0, MAX_NOTE - 6)
    .toString('utf8');
  return `${cut.replace(/\uFFFD$/, '')}…`;
}
