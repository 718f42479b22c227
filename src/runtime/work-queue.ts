import { isAbort, toOperatorError } from '../errors/classify.ts';
import { InvariantError } from '../errors/errors.ts';
import type { Outcome, Trigger } from '../model/outcome.ts';
import { type Backoff, backoffDelay } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Random } from './random.ts';

export interface WorkContext {
  /** Aborted when the queue pauses or stops. */
  readonly signal: AbortSignal;
  /** Why this run takes place; the first of the reasons when several were collapsed. */
  readonly trigger: Trigger;
}

export interface WorkQueueOptions<K extends string> {
  /** One run for one key. What it throws counts as `backoff`. */
  readonly work: (key: K, context: WorkContext) => Promise<Outcome>;
  /** How many keys run at the same time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly backoff: Backoff;
}

/**
 * A queue of keys, as client-go's: level-based (a key says that something may have changed, never what), one run per
 * key at a time, bounded in all. Triggers that arrive while a key waits are one run; those that arrive while it runs
 * are one more run afterwards. None is lost.
 */
export interface WorkQueue<K extends string> {
  add(key: K, trigger: Trigger): void;
  /** Adds the key in `ms` milliseconds. Per key and trigger the earliest time counts. */
  addAfter(key: K, ms: number, trigger: Trigger): void;
  /** Begins to work, or goes on after a pause; keys added before are kept. Throws InvariantError while it works. */
  start(): void;
  /** Starts nothing more until the next `start`. What runs is called off, and is one of the keys that wait for it. */
  pause(): void;
  /** Starts nothing more, aborts what runs, and waits for its end, at most `graceMs` milliseconds. */
  stop(options: { readonly graceMs: number }): Promise<void>;
  /** Resolves as soon as no key waits or runs. Keys that are due later do not count. */
  idle(): Promise<void>;
  /** No key waits or runs. */
  readonly isIdle: boolean;
  /** Number of keys that wait to be run. */
  readonly depth: number;
}

/** Share of a `retryAfter` that is added at random, so that keys do not march in step. */
const RETRY_AFTER_JITTER = 0.1;

export function createWorkQueue<K extends string>(options: WorkQueueOptions<K>): WorkQueue<K> {
  return new KeyedWorkQueue(options);
}

class KeyedWorkQueue<K extends string> implements WorkQueue<K> {
  readonly #options: WorkQueueOptions<K>;
  #isStopped = false;
  /** From `start` to the next `pause`; undefined in between. */
  #turn: AbortController | undefined;
  /** Keys in the order in which they will run. A running key can wait here too, for its next run. */
  readonly #waiting = new Map<K, Trigger>();
  readonly #running = new Set<K>();
  readonly #failures = new Map<K, number>();
  readonly #timers = new Map<string, { readonly dueAt: number; readonly timer: AbortController }>();
  #idleWaiters: (() => void)[] = [];

  constructor(options: WorkQueueOptions<K>) {
    this.#options = options;
  }

  get depth(): number {
    return this.#waiting.size;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#running.size === 0;
  }

  add(key: K, trigger: Trigger): void {
    if (this.#isStopped) return;
    if (!this.#waiting.has(key)) this.#waiting.set(key, trigger);
    this.#fill();
  }

  addAfter(key: K, ms: number, trigger: Trigger): void {
    if (this.#isStopped) return;
    const id = timerId(key, trigger);
    const dueAt = this.#options.clock.now() + ms;
    const earlier = this.#timers.get(id);
    if (earlier !== undefined && earlier.dueAt <= dueAt) return;
    earlier?.timer.abort();
    const timer = new AbortController();
    this.#timers.set(id, { dueAt, timer });
    void this.#options.clock.sleep(ms, { signal: timer.signal }).then(
      () => {
        this.#timers.delete(id);
        this.add(key, trigger);
      },
      () => undefined, // taken back: an earlier time, a new run, or the end of the queue
    );
  }

  start(): void {
    if (this.#turn !== undefined) throw new InvariantError('the work queue was started twice');
    this.#turn = new AbortController();
    this.#fill();
  }

  pause(): void {
    this.#turn?.abort();
    this.#turn = undefined;
  }

  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#isStopped = true;
    this.pause();
    this.#waiting.clear();
    for (const { timer } of this.#timers.values()) timer.abort();
    this.#timers.clear();
    this.#wakeIdleWaiters();
    const grace = new AbortController();
    await Promise.race([
      this.idle(),
      this.#options.clock.sleep(graceMs, { signal: grace.signal }).catch(() => undefined),
    ]);
    grace.abort();
  }

  async idle(): Promise<void> {
    if (this.isIdle) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#idleWaiters.push(() => resolve(undefined));
    await promise;
  }

  #wakeIdleWaiters(): void {
    if (!this.isIdle) return;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  /** Runs what may run now. */
  #fill(): void {
    const { signal } = this.#turn ?? {};
    if (signal === undefined) return;
    for (const [key, trigger] of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key, { signal, trigger });
    }
  }

  async #run(key: K, context: WorkContext): Promise<void> {
    this.#cancelRetry(key); // this run decides anew when the next one is
    const outcome = await this.#work(key, context);
    this.#running.delete(key);
    if (context.signal.aborted) this.add(key, context.trigger);
    else this.#schedule(key, outcome);
    this.#fill();
    this.#wakeIdleWaiters();
  }

  async #work(key: K, context: WorkContext): Promise<Outcome> {
    try {
      return await this.#options.work(key, context);
    } catch (error) {
      // What can go wrong outside is tried again; only what we did not foresee is an error of ours.
      const level = toOperatorError(error).code === 'BUG' ? 'error' : 'warn';
      if (!isAbort(error))
        this.#options.logger[level]({ err: error, key }, 'Working on key failed');
      return { kind: 'backoff' };
    }
  }

  #schedule(key: K, outcome: Outcome): void {
    const { random, backoff } = this.#options;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.delete(key);
    switch (outcome.kind) {
      case 'settled':
      case 'stalled':
        return;
      case 'retryAfter':
        this.addAfter(key, outcome.ms * (1 + RETRY_AFTER_JITTER * random()), 'retry');
        return;
      case 'backoff':
        this.#failures.set(key, failures);
        this.addAfter(key, backoffDelay(failures, backoff, random), 'retry');
    }
  }

  #cancelRetry(key: K): void {
    const id = timerId(key, 'retry');
    this.#timers.get(id)?.timer.abort();
    this.#timers.delete(id);
  }
}

function timerId(key: string, trigger: Trigger): string {
  return `${trigger} ${key}`;
}
