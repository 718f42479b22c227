import { toOperatorError } from '../errors/classify.ts';
import { ExpiredError, ThrottledError } from '../errors/errors.ts';
import type { OperatorError } from '../errors/operator-error.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import { backoffDelay } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { KubeReader, WatchEvent } from './kube-client.ts';

/** What is listed and watched. */
export interface ListAndWatchOptions {
  readonly client: KubeReader;
  readonly kind: ResourceKind;
  /** Left out: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Time between complete lists, in milliseconds, give or take a tenth. 10 minutes when left out. */
  readonly resyncMs?: number;
}

/** Who is told. Methods are called one after the other and must not throw. */
export interface ListAndWatchSink {
  /** A complete list: what is not in it was gone at this version. */
  listed(objects: readonly KubeObject[], version: string): void;
  /** The server has accepted a watch from the last list or event on. */
  watching(): void;
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void;
  /** A list or a watch was refused. What was told so far may be old by now. */
  failed(error: OperatorError): void;
  /** Asked before each pause: aborted when it is to end now. */
  retryCall(): AbortSignal;
}

const RESYNC_MS = 600_000;
const RESYNC_JITTER = 0.1;

/** The first delay is short: most often a connection was only replaced. */
const BACKOFF = { baseMs: 500, capMs: 30_000 };

/** A watch that ends sooner than this without an event did not work, whatever the server says. */
const SHORTEST_WATCH_MS = 1_000;

/**
 * Lists, then watches, for ever: after a watch that worked, it watches on from the last version seen; after one that did
 * not, when a version has expired and from time to time, it lists again. Ends when called off.
 */
export async function listAndWatch(
  options: ListAndWatchOptions,
  sink: ListAndWatchSink,
  signal: AbortSignal,
): Promise<void> {
  const loop = new ListAndWatch(options, sink, signal);
  while (!signal.aborted) {
    const delayMs = await loop.round();
    if (delayMs <= 0) continue;
    const called = AbortSignal.any([signal, sink.retryCall()]);
    await options.clock.sleep(delayMs, { signal: called }).catch(() => undefined);
  }
}

interface WatchAttempt {
  readonly startedAt: number;
  isAccepted: boolean;
  hasEvents: boolean;
  error?: unknown;
}

class ListAndWatch {
  readonly #options: ListAndWatchOptions;
  readonly #sink: ListAndWatchSink;
  readonly #signal: AbortSignal;
  /** Where to watch on from; undefined when a list is needed first. */
  #version: string | undefined;
  #resyncAt = 0;
  #failures = 0;

  constructor(options: ListAndWatchOptions, sink: ListAndWatchSink, signal: AbortSignal) {
    this.#options = options;
    this.#sink = sink;
    this.#signal = signal;
  }

  /** A list, where one is needed, and a watch to its end. Returns how long to wait before the next, in milliseconds. */
  async round(): Promise<number> {
    try {
      this.#version ??= await this.#list();
    } catch (error) {
      return this.#refused(error);
    }
    const resync = new AbortController();
    const wait = this.#options.clock
      .sleep(Math.max(0, this.#resyncAt - this.#options.clock.now()), {
        signal: AbortSignal.any([resync.signal, this.#signal]),
      })
      .then(
        () => resync.abort(),
        () => undefined, // the watch ended before
      );
    const attempt = await this.#watch(this.#version, resync.signal);
    const isResync = resync.signal.aborted;
    resync.abort();
    await wait;
    if (!isResync) return this.#afterWatch(attempt);
    this.#version = undefined;
    return 0;
  }

  async #list(): Promise<string> {
    const { client, kind, clock, random, resyncMs = RESYNC_MS } = this.#options;
    const { items, resourceVersion } = await client.list(kind, {
      ...this.#scope(),
      signal: this.#signal,
    });
    this.#resyncAt = clock.now() + resyncMs * (1 + RESYNC_JITTER * (2 * random() - 1));
    this.#sink.listed(items, resourceVersion);
    return resourceVersion;
  }

  async #watch(resourceVersion: string, resync: AbortSignal): Promise<WatchAttempt> {
    const { client, kind, clock } = this.#options;
    const attempt: WatchAttempt = {
      startedAt: clock.now(),
      isAccepted: false,
      hasEvents: false,
    };
    const accept = () => {
      if (!attempt.isAccepted) this.#sink.watching();
      attempt.isAccepted = true;
    };
    const signal = AbortSignal.any([this.#signal, resync]);
    const scope = this.#scope();
    try {
      for await (const event of client.watch(kind, {
        ...scope,
        resourceVersion,
        signal,
        onOpen: accept,
      })) {
        accept();
        attempt.hasEvents = true;
        this.#take(event);
      }
      accept();
    } catch (error) {
      attempt.error = error;
    }
    return attempt;
  }

  #take(event: WatchEvent): void {
    if (event.type === 'BOOKMARK') {
      this.#version = event.resourceVersion;
      return;
    }
    this.#sink.event(event.type, event.object);
    this.#version = event.object.metadata.resourceVersion;
  }

  #afterWatch({ startedAt, isAccepted, hasEvents, error }: WatchAttempt): number {
    const isExpired = error instanceof ExpiredError;
    if (!isAccepted && !isExpired) return this.#refused(error);
    const hasWorked = hasEvents || this.#options.clock.now() - startedAt >= SHORTEST_WATCH_MS;
    if (isExpired || !hasWorked) this.#version = undefined;
    if (!hasWorked) return this.#nextDelay();
    this.#failures = 0;
    return error === undefined ? 0 : this.#nextDelay();
  }

  #refused(error: unknown): number {
    if (this.#signal.aborted) return 0;
    this.#version = undefined;
    this.#sink.failed(toOperatorError(error));
    const wished = error instanceof ThrottledError ? error.details['retryAfterSeconds'] : 0;
    return Math.max(this.#nextDelay(), Number(wished ?? 0) * 1_000);
  }

  #nextDelay(): number {
    this.#failures += 1;
    return backoffDelay(this.#failures, BACKOFF, this.#options.random);
  }

  #scope(): { readonly namespace?: string; readonly labelSelector?: string } {
    const { namespace, labelSelector } = this.#options;
    return {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
    };
  }
}
