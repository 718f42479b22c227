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
   * Carries one request out when it is its turn. After a 429 the whole lane pauses as long as the server asks for, then goes
   * on with half as many at a time, and the request, which was not processed, is sent again. When one gets no answer in time, those that wait in line behind it
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
  /** In the order in which they go. */
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
  /** How many may be under way now: halved by a 429, and one more with every answer, up to the limit. */
  #width: number;
  /** Milliseconds since the epoch. */
  #pausedUntil = 0;

  constructor(options: RequestLaneOptions) {
    this.#options = options;
    this.#width = options.limit;
  }

  async run<Answer>(request: () => Promise<Answer>, { signal }: CallOptions): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#turn(signal, attempt > 1);
      try {
        await this.#pause(signal);
        const answer = await request();
        this.#width = Math.min(this.#width + 1, this.#options.limit);
        return answer;
      } catch (error) {
        if (error instanceof TimeoutError && !signal.aborted) this.#turnAway(error);
        if (!(error instanceof ThrottledError)) throw error;
        this.#slowDown(error);
        if (attempt >= MAX_THROTTLED) throw error;
      } finally {
        this.#underWay -= 1;
        this.#next();
      }
    }
  }

  #slowDown(error: ThrottledError): void {
    this.#width = Math.max(1, Math.floor(this.#width / 2));
    this.#pausedUntil = this.#options.clock.now() + pauseOf(error);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    for (;;) {
      const ms = this.#pausedUntil - this.#options.clock.now();
      if (ms <= 0) return;
      await this.#options.clock.sleep(ms, { signal });
    }
  }

  /** Who has had a turn before is `first` in line. */
  async #turn(signal: AbortSignal, first: boolean): Promise<void> {
    signal.throwIfAborted();
    if (this.#underWay < this.#width) {
      this.#underWay += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiting: Waiting = { go: () => resolve(undefined), fail: reject };
    const onAbort = () => {
      const place = this.#waiting.indexOf(waiting);
      if (place >= 0) this.#waiting.splice(place, 1);
      reject(new DOMException('The call was called off', 'AbortError'));
    };
    if (first) this.#waiting.unshift(waiting);
    else this.#waiting.push(waiting);
    signal.addEventListener('abort', onAbort);
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** The places that are free go to those that wait longest. */
  #next(): void {
    while (this.#underWay < this.#width) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#underWay += 1;
      next.go();
    }
  }

  #turnAway(error: TimeoutError): void {
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }
}

function pauseOf({ details }: ThrottledError): number {
  const seconds = details['retryAfterSeconds'];
  return typeof seconds === 'number' ? Math.min(seconds * 1_000, MAX_PAUSE_MS) : PAUSE_MS;
}
