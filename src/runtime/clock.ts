import { setTimeout as sleep } from 'node:timers/promises';

/** Time as everything outside `runtime/` sees it, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with an AbortError when the signal is aborted first. */
  sleep(ms: number, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** The machine's own clock. Its timers keep no process alive that has nothing else to do. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, { signal }) => {
    await sleep(ms, undefined, { signal });
  },
};

/**
 * Milliseconds since some moment of the past, for measuring how long something takes: unlike the time of day it is never
 * set. It may stand still while the whole machine sleeps.
 */
export type SteadyNow = () => number;

/** The machine's own. */
export const systemSteadyNow: SteadyNow = () => performance.now();
