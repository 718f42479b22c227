/** One measured number. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is to be, where something was promised, and whether it is. */
  readonly target?: { readonly text: string; readonly isMet: boolean };
}

/** A number that is to be at most this. */
export function atMost(limit: number, { name, value, unit }: Omit<Figure, 'target'>): Figure {
  return { name, value, unit, target: { text: `≤ ${limit}`, isMet: value <= limit } };
}

/** The value below which the given share of them lies, e.g. 0.95; nearest rank. NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Milliseconds that a piece of work took, and what it gave. */
export function timed<T>(work: () => T): { readonly ms: number; readonly value: T } {
  const start = performance.now();
  const value = work();
  return { ms: performance.now() - start, value };
}

/** Largest memory of the process so far, in MiB. */
export function peakMemoryMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}
