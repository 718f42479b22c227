import type { LinkNews, WireCall } from './wire.ts';

/** What a leaf's process can be asked for, by name: argument and answer. */
export interface LeafCalls {
  start: (leaves: LeafShare) => Promise<Readonly<Record<string, string>>>;
  counts: () => Promise<Counts>;
  resetCounts: () => Promise<void>;
  hang: (request: { readonly leaves: readonly string[]; readonly on: boolean }) => Promise<void>;
  follow: (pair: Side) => Promise<void>;
  /** Ends what `follow` began. */
  milestones: (pair: Side) => Promise<readonly Milestone[]>;
  stop: () => Promise<void>;
}

/** The leaves of one process: their names, and the position of the first among all leaves. */
export interface LeafShare {
  readonly dir: string;
  readonly names: readonly string[];
  readonly first: number;
}

/** Requests of the service on several leaves together. */
export interface Counts {
  readonly writes: number;
  readonly requests: number;
  readonly watchesOpen: number;
  readonly handshakes: number;
  readonly mostWatchesOfALeaf: number;
  readonly mostHandshakesOfALeaf: number;
  readonly bytes: number;
  readonly byRequest: Readonly<Record<string, number>>;
}

/** One leaf, seen from the shortcut towards its peer. */
export interface Side {
  readonly leaf: string;
  readonly peer: string;
}

/** The first time that something was true on one side, in milliseconds since the epoch. */
export interface Milestone {
  readonly leaf: string;
  readonly what: 'namespace' | 'gateway' | 'publicKey' | 'endpoint' | 'secret' | 'connected';
  readonly at: number;
}

export type ToLeaves =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly name: keyof LeafCalls;
      readonly argument: unknown;
    }
  | { readonly kind: 'link'; readonly news: LinkNews };

export type FromLeaves =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'wire'; readonly call: WireCall };

/** Milliseconds since the epoch, finer than `Date.now()`, and the same in every process of a machine. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Counts of several processes together. */
export function addCounts(all: readonly Counts[]): Counts {
  const byRequest: Record<string, number> = {};
  for (const counts of all) {
    for (const [request, count] of Object.entries(counts.byRequest)) {
      byRequest[request] = (byRequest[request] ?? 0) + count;
    }
  }
  const sum = (of: (counts: Counts) => number): number =>
    all.reduce((total, counts) => total + of(counts), 0);
  const most = (of: (counts: Counts) => number): number => Math.max(0, ...all.map(of));
  return {
    writes: sum(({ writes }) => writes),
    requests: sum(({ requests }) => requests),
    watchesOpen: sum(({ watchesOpen }) => watchesOpen),
    handshakes: sum(({ handshakes }) => handshakes),
    mostWatchesOfALeaf: most(({ mostWatchesOfALeaf }) => mostWatchesOfALeaf),
    mostHandshakesOfALeaf: most(({ mostHandshakesOfALeaf }) => mostHandshakesOfALeaf),
    bytes: sum(({ bytes }) => bytes),
    byRequest,
  };
}
