import type { ApiStatusError } from '../api-status-error.ts';

/** One line of a watch. */
export interface WatchFrame {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

/** A watch under way: frames wait in it until somebody reads them. */
export class WatchStream implements AsyncIterable<WatchFrame> {
  readonly #frames: WatchFrame[] = [];
  readonly #onEnd = new Set<() => void>();
  #wake: (() => void) | undefined;
  #ended = false;
  #broken = false;
  #silent = false;

  /** Adds a frame; one that is silent for good swallows it. */
  push(frame: WatchFrame): void {
    if (this.#ended || this.#silent) return;
    this.#frames.push(frame);
    this.#wake?.();
  }

  /** Ends it after what already waits, as the server does when the time is up. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake?.();
    for (const told of this.#onEnd) told();
  }

  /** Ends it with the error event of an expired version. */
  fail(error: ApiStatusError): void {
    this.push({ type: 'ERROR', object: error.status });
    this.end();
  }

  /** Ends it as a connection that breaks. */
  break(): void {
    this.#broken = true;
    this.end();
  }

  /** From now on nothing comes out, ever: a connection that is dead without saying so. */
  silence(): void {
    this.#silent = true;
  }

  get isBroken(): boolean {
    return this.#broken;
  }

  /** Calls back when the stream has ended, however it did; at once when it has ended already. */
  onEnd(told: () => void): void {
    if (this.#ended) told();
    else this.#onEnd.add(told);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchFrame> {
    for (;;) {
      for (let frame = this.#frames.shift(); frame !== undefined; frame = this.#frames.shift()) {
        yield frame;
      }
      if (this.#ended) return;
      await new Promise<void>((wake) => (this.#wake = wake));
    }
  }
}
