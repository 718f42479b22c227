import { isAbort } from '../errors/classify.ts';
import { ClusterUnreachableError, TimeoutError } from '../errors/errors.ts';
import type { Clock, SteadyNow } from '../runtime/clock.ts';
import { following } from '../runtime/following.ts';
import type { KubeClient } from './kube-client.ts';
import { LEASE_DURATION_MS } from './lease-record.ts';

/**
 * Stands before every write, on every cluster: nothing begins while it is closed. What is refused or called off ends
 * with an AbortError, as everything that somebody calls off.
 */
export interface WriteFence {
  /** The same client, whose writes pass the fence. Reads and questions always pass. */
  guard(client: KubeClient): KubeClient;
  /** From now on writes may begin, as long as `mayWrite` says so. */
  open(): void;
  /** From now on no write begins; those under way go on. */
  close(): void;
  /** Closes it, and calls off what is under way. */
  cut(): void;
  /**
   * Waits at most `graceMs` milliseconds for the end of what is under way. True when every write of the last seconds
   * was answered: then nothing of ours can arrive at an API server any more.
   */
  drained(graceMs: number): Promise<boolean>;
}

export interface WriteFenceOptions {
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  readonly clock: Clock;
  readonly steadyNow: SteadyNow;
}

/** A fence that is closed. */
export function createWriteFence({ mayWrite, clock, steadyNow }: WriteFenceOptions): WriteFence {
  const underWay = new Set<Promise<unknown>>();
  let isOpen = false;
  let cutting = new AbortController();
  let unansweredAt: number | undefined;

  async function pass<Result>(
    signal: AbortSignal,
    write: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    if (!isOpen || !mayWrite()) throw new DOMException('Writing is not our turn', 'AbortError');
    const writing = following([signal, cutting.signal], write);
    underWay.add(writing);
    try {
      return await writing;
    } catch (error) {
      if (isUnanswered(error)) unansweredAt = steadyNow();
      throw error;
    } finally {
      underWay.delete(writing);
    }
  }

  return {
    guard: (client) => ({
      get: (ref, options) => client.get(ref, options),
      list: (kind, options) => client.list(kind, options),
      watch: (kind, options) => client.watch(kind, options),
      isAllowed: (right, options) => client.isAllowed(right, options),
      create: (kind, object, options) =>
        pass(options.signal, (signal) => client.create(kind, object, { ...options, signal })),
      apply: (kind, object, options) =>
        pass(options.signal, (signal) => client.apply(kind, object, { ...options, signal })),
      patch: (ref, body, options) =>
        pass(options.signal, (signal) => client.patch(ref, body, { ...options, signal })),
      delete: (ref, options) =>
        pass(options.signal, (signal) => client.delete(ref, { ...options, signal })),
      close: () => client.close(),
    }),
    open: () => {
      isOpen = true;
    },
    close: () => {
      isOpen = false;
    },
    cut: () => {
      isOpen = false;
      cutting.abort();
      cutting = new AbortController();
    },
    drained: async (graceMs) => {
      const done = new AbortController();
      const grace = clock.sleep(graceMs, { signal: done.signal }).catch(() => undefined);
      await Promise.race([Promise.allSettled(underWay), grace]);
      done.abort();
      if (underWay.size > 0) return false;
      return unansweredAt === undefined || steadyNow() - unansweredAt >= LEASE_DURATION_MS;
    },
  };
}

/** Nobody knows whether such a write will still take place. */
function isUnanswered(error: unknown): boolean {
  return (
    isAbort(error) || error instanceof TimeoutError || error instanceof ClusterUnreachableError
  );
}
