import type { WatchCache } from './watch-cache.ts';

/**
 * For all watches of one cluster: when one comes back, the others try again at once, instead of each after its own
 * growing pause. So a cluster is whole again as soon as its first watch is.
 */
export function recoverTogether(caches: readonly WatchCache[]): void {
  for (const cache of caches) {
    cache.onState(({ kind }) => {
      if (kind === 'synced') retryFailed(caches);
    });
  }
}

/** Ends the pauses of the watches that have failed. */
export function retryFailed(caches: readonly WatchCache[]): void {
  for (const cache of caches) if (cache.state().kind === 'failed') cache.retryNow();
}
