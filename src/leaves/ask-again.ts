import { backoffDelay } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';

/** Pauses between questions for rights that are missing. */
const PAUSES = { baseMs: 2_000, capMs: 30_000 };

/** When to ask again for what is missing: no event tells that it was granted. */
export class AskAgain {
  readonly #clock: Clock;
  readonly #random: () => number;
  #missing = '';
  #asked = 0;
  #dueAt = Infinity;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Milliseconds since the epoch; Infinity while nothing is missing. */
  get dueAt(): number {
    return this.#dueAt;
  }

  get isDue(): boolean {
    return this.#clock.now() >= this.#dueAt;
  }

  /** Takes in what is missing now, after each question. Something new begins with short pauses. */
  note(missing: readonly string[]): void {
    const text = missing.join();
    if (text === '') {
      this.#dueAt = Infinity;
    } else if (text !== this.#missing || this.isDue) {
      this.#asked = text === this.#missing ? this.#asked + 1 : 1;
      this.#dueAt = this.#clock.now() + backoffDelay(this.#asked, PAUSES, this.#random);
    }
    this.#missing = text;
  }
}
