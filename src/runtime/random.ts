/** A number from 0 (included) to 1 (excluded): where jitter comes from, so that tests own it. */
export type Random = () => number;

/** The machine's own randomness. For jitter only, never for secrets. */
export const systemRandom: Random = () => Math.random();
