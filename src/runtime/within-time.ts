import type { Clock } from './clock.ts';
import { following } from './following.ts';

/**
 * Does `work` with a signal that is aborted after `ms` milliseconds, or together with one of `signals`. Throws what
 * `work` throws, which is an AbortError when it heeds its signal.
 */
export async function withinTime<Result>(
  ms: number,
  { clock, signals }: { readonly clock: Clock; readonly signals: readonly AbortSignal[] },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const done = new AbortController();
  clock.sleep(ms, { signal: done.signal }).then(
    () => late.abort(),
    () => undefined, // done in time
  );
  return following([late.signal, ...signals], work).finally(() => done.abort());
}
