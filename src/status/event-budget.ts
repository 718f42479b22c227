/** New Events of one object at once, as client-go allows them. */
const BURST = 25;
/** From then on one in so many milliseconds. */
const REFILL_MS = 30_000;

/** Keeps an object that never comes to rest from flooding a namespace with Events. */
export interface EventBudget {
  /** Whether the object may have one more. `uid` of the object. */
  take(uid: string): boolean;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** A token bucket for each object. `now` in milliseconds. */
export function createEventBudget(now: () => number): EventBudget {
  const buckets = new Map<string, Bucket>();

  function tokensOf({ tokens, at }: Bucket): number {
    return Math.min(BURST, tokens + (now() - at) / REFILL_MS);
  }

  /** A full bucket is as good as none. */
  function forgetFull(): void {
    for (const [uid, bucket] of buckets) if (tokensOf(bucket) >= BURST) buckets.delete(uid);
  }

  return {
    take: (uid) => {
      forgetFull();
      const tokens = tokensOf(buckets.get(uid) ?? { tokens: BURST, at: now() });
      if (tokens < 1) return false;
      buckets.set(uid, { tokens: tokens - 1, at: now() });
      return true;
    },
  };
}
