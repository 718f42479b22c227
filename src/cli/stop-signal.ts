/** A process that can be told to stop. */
export interface StoppableProcess {
  once(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): never;
}

/** The end that was asked for has to come within this time, whatever hangs. */
const LONGEST_END_MS = 9_500;
/** As shells report a process ended by SIGINT. */
const EXIT_INTERRUPTED = 130;

/**
 * Aborted by the first SIGINT or SIGTERM. A second one, or an end that takes too long, ends the process at once: every
 * write is idempotent, so nothing is lost. `release` lets go of the process again.
 */
export function stopSignal(
  stoppable: StoppableProcess,
  startTimer: (ms: number, onElapsed: () => void) => void,
): { readonly signal: AbortSignal; readonly release: () => void } {
  const stopping = new AbortController();
  function stop(): void {
    if (stopping.signal.aborted) stoppable.exit(EXIT_INTERRUPTED);
    stopping.abort();
    stoppable.once('SIGINT', stop);
    stoppable.once('SIGTERM', stop);
    startTimer(LONGEST_END_MS, () => stoppable.exit(EXIT_INTERRUPTED));
  }
  stoppable.once('SIGINT', stop);
  stoppable.once('SIGTERM', stop);
  return {
    signal: stopping.signal,
    release: () => {
      stoppable.off('SIGINT', stop);
      stoppable.off('SIGTERM', stop);
    },
  };
}
