/**
 * Does `work` with a signal that is aborted as soon as one of `signals` is. Unlike `AbortSignal.any` it leaves nothing
 * behind on them when the work is done: with one that lives as long as the process, the remains of thousands of requests
 * would wait there for the garbage collector.
 */
export async function following<Result>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const follower = new AbortController();
  const listeners = signals.map((signal) => ({
    signal,
    listener: () => follower.abort(signal.reason),
  }));
  for (const { signal, listener } of listeners) {
    signal.addEventListener('abort', listener);
    if (signal.aborted) listener();
  }
  try {
    return await work(follower.signal);
  } finally {
    for (const { signal, listener } of listeners) signal.removeEventListener('abort', listener);
  }
}
