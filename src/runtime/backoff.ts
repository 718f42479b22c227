import type { Random } from './random.ts';

/** How long to wait between tries, in milliseconds. */
export interface Backoff {
  /** Upper bound of the first delay; it doubles with each further failure. */
  readonly baseMs: number;
  /** No delay is longer than this. */
  readonly capMs: number;
}

/**
 * The delay after the given number of failures in a row (1 = the first), in milliseconds: a random share of the
 * exponential step ("full jitter"), so that many clients that failed together do not come back together.
 */
export function backoffDelay(failures: number, { baseMs, capMs }: Backoff, random: Random): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** (failures - 1)));
}
