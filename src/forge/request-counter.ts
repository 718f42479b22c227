import type { ForgeOperation, ForgeRequestCount } from '../model/forge.ts';

/** Counts requests to a forge, for the metrics. */
export interface RequestCounter {
  count(operation: ForgeOperation, code: string): void;
  counts(): readonly ForgeRequestCount[];
}

/** All zero. */
export function createRequestCounter(): RequestCounter {
  const counts = new Map<string, ForgeRequestCount>();
  return {
    count: (operation, code) => {
      const key = `${operation} ${code}`;
      const before = counts.get(key)?.count ?? 0;
      counts.set(key, { operation, code, count: before + 1 });
    },
    counts: () => [...counts.values()],
  };
}
