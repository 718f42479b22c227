/** Two leaves by name. */
export type Pair = readonly [string, string];

/** Names of leaves, in order. */
export function leafNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `leaf${String(index).padStart(3, '0')}`);
}

/**
 * All pairs of these leaves, neighbours first, then those two apart, and so on: so every leaf takes part in about as many
 * as any other, however many are taken.
 */
export function* spreadPairs(names: readonly string[]): Generator<Pair> {
  const count = names.length;
  for (let distance = 1; distance <= count / 2; distance += 1) {
    // Opposite each other in a ring of even size: each pair would come twice.
    const starts = distance * 2 === count ? distance : count;
    for (let start = 0; start < starts; start += 1) {
      const [a, b] = [names[start], names[(start + distance) % count]];
      if (a !== undefined && b !== undefined) yield [a, b];
    }
  }
}

/** Pairs that are not connected yet. */
export interface PairPool {
  /** Takes the next ones that are accepted. Throws `RangeError` when there are not so many left. */
  take(count: number, accepts?: (pair: Pair) => boolean): readonly Pair[];
}

export function createPairPool(names: readonly string[]): PairPool {
  const pool = new Set(spreadPairs(names));
  return {
    take: (count, accepts = () => true) => {
      const taken = [...pool].filter(accepts).slice(0, count);
      if (taken.length < count) {
        throw new RangeError(`${names.length} leaves have no ${count} pairs left to connect`);
      }
      for (const pair of taken) pool.delete(pair);
      return taken;
    },
  };
}
