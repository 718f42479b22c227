import type { Clock } from '../../src/runtime/clock.ts';

/** Time that passes only in sleeps, and in those at once: for pauses that a test does not want to wait for. */
export function hurriedClock(): Clock {
  let now = Date.parse('2026-01-01T00:00:00Z');
  return {
    now: () => now,
    sleep: (ms, { signal }) => {
      signal.throwIfAborted();
      now += ms;
      return Promise.resolve();
    },
  };
}
