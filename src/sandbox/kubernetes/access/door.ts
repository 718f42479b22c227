import type { Clock } from '../../../runtime/clock.ts';
import { assertNotForbidden, type FaultState, isForbidden } from './faults.ts';
import type { RequestCounts } from './request-counts.ts';
import type { WatchStream } from '../store/watch-stream.ts';

/** One request as the door sees it. */
export interface DoorRequest {
  readonly user: string;
  readonly verb: string;
  /** Plural name; a path for requests that concern no resource. */
  readonly resource: string;
}

/** Thrown instead of an answer: the connection breaks. */
export class ConnectionBrokenError extends Error {
  constructor() {
    super('connection broken by a fault on command');
    this.name = 'ConnectionBrokenError';
  }
}

/** Where requests from outside come in: they are counted, and faults on command hit them. */
export class Door {
  readonly #counts: RequestCounts;
  readonly #faults: FaultState;
  readonly #clock: Clock;
  readonly #watches = new Set<WatchStream>();

  constructor(counts: RequestCounts, faults: FaultState, clock: Clock) {
    this.#counts = counts;
    this.#faults = faults;
    this.#clock = clock;
  }

  /**
   * Lets a request in. Throws 403 or ConnectionBrokenError when a fault says so, and waits as long as one says;
   * rejects with an AbortError when called off meanwhile.
   */
  async enter(request: DoorRequest, signal: AbortSignal): Promise<void> {
    this.#assertUp();
    this.#counts.request(request.verb, request.resource, request.user);
    if (this.#faults.isHanging) await this.#clock.sleep(FOREVER_MS, { signal });
    if (this.#faults.delayMs > 0) await this.#clock.sleep(this.#faults.delayMs, { signal });
    this.#assertUp();
    assertNotForbidden(this.#faults, request);
  }

  /** Whether a fault takes a right away: a review of rights has to say so. */
  forbids(request: DoorRequest): boolean {
    return isForbidden(this.#faults, request);
  }

  /** Keeps an eye on a watch that a request from outside opened. */
  guard(stream: WatchStream): void {
    this.#counts.watchOpened();
    this.#watches.add(stream);
    if (this.#faults.isSilent) stream.silence();
    stream.onEnd(() => {
      this.#watches.delete(stream);
      this.#counts.watchClosed();
    });
    // The server may have gone down between the request and this.
    if (this.#faults.isDown) stream.break();
  }

  /** Breaks the connection of every watch that came through here. */
  dropWatches(): void {
    for (const stream of [...this.#watches]) stream.break();
  }

  silenceWatches(): void {
    for (const stream of this.#watches) stream.silence();
  }

  #assertUp(): void {
    if (this.#faults.isDown) throw new ConnectionBrokenError();
  }
}

/** The longest that a timer can wait: 24.8 days. */
const FOREVER_MS = 2 ** 31 - 1;
