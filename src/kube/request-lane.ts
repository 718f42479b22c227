import { ThrottledError, TimeoutError } from '../errors/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { CallOptions } from './kube-client.ts';

export interface RequestLaneOptions {
  /** How many requests may be under way at the same time. */
  readonly limit: number;
  readonly clock: Clock;
}

/**
 * The way to one cluster, which everybody shares who asks something of it. It is what keeps a cluster from being flooded,
 * and a cluster in trouble from holding up the others: nobody else waits in this line.
 */
export interface RequestLane {
  /**
   * Carries one request out when it is its turn. After a 429 the whole lane pauses as long as the server asks for, and the
   * request, which was not processed, is sent again. When one gets no answer in time, those that wait in line behind it
   * fail with the same error rather than to try one after the other.
   */
  run<Answer>(request: () => Promise<Answer>, options: CallOptions): Promise<Answer>;
}

/** Sending a request again and again helps nobody: after so many 429 the caller is told. */
const MAX_THROTTLED = 5;
/** Pause after a 429 that says nothing, and the longest that is believed. */
const PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

interface Waiting {
  readonly go: () => void;
  readonly fail: (error: Error) => void;
}

/** A free lane. */
export function createRequestLane(options: RequestLaneOptions): RequestLane {
  return new FirstComeLane(options);
}

class FirstComeLane implements RequestLane {
  readonly #options: RequestLaneOptions;
  readonly #waiting = new Set<Waiting>();
  #underWay = 0;
  /** Milliseconds since the epoch. */
  #pausedUntil = 0;

  constructor(options: RequestLaneOptions) {
    this.#options = options;
  }

  async run<Answer>(request: () => Promise<Answer>, { signal }: CallOptions): Promise<Answer> {
    await this.#turn(signal);
    try {
      return await this.#send(request, signal);
    } catch (error) {
      if (error instanceof TimeoutError && !signal.aborted) this.#turnAway(error);
      throw error;
    } finally {
      this.#underWay -= 1;
      this.#next();
    }
  }

  async #send<Answer>(request: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#pause(signal);
      try {
        return await request();
      } catch (error) {
        if (!(error instanceof ThrottledError) || attempt >= MAX_THROTTLED) throw error;
        this.#pausedUntil = this.#options.clock.now() + pauseOf(error);
      }
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    for (;;) {
      const ms = this.#pausedUntil - this.#options.clock.now();
      if (ms <= 0) return;
      await this.#options.clock.sleep(ms, { signal });
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#underWay < this.#options.limit) {
      this.#underWay += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiting: Waiting = { go: () => resolve(undefined), fail: reject };
    const onAbort = () => {
      this.#waiting.delete(waiting);
      reject(new DOMException('The call was called off', 'AbortError'));
    };
    this.#waiting.add(waiting);
    signal.addEventListener('abort', onAbort);
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** The place of the one that has ended goes to the one that waits longest. */
  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#underWay >= this.#options.limit) return;
    this.#waiting.delete(first);
    this.#underWay += 1;
    first.go();
  }

  #turnAway(error: TimeoutError): void {
    const turnedAway = [...this.#waiting];
    this.#waiting.clear();
    for (const { fail } of turnedAway) fail(error);
  }
}

function pauseOf({ details }: ThrottledError): number {
  const seconds = details['retryAfterSeconds'];
  return typeof seconds === 'number' ? Math.min(seconds * 1_000, MAX_PAUSE_MS) : PAUSE_MS;
}
