/**
 * Whether one commit goes on from another: `descends`; `rewritten`, it does not; `unknown`, nobody can tell without
 * reading more of the history than it is worth.
 */
export type Descent = 'descends' | 'rewritten' | 'unknown';

/** What a commit says of itself. */
export interface CommitHeader {
  readonly parents: readonly string[];
  /** When it was committed, in seconds. */
  readonly date: number;
}

/** Two commits, where the ref pointed and where it points. */
export interface CommitPair {
  readonly from: string;
  readonly to: string;
}

/** So far, in seconds, may the clocks be apart of those who commit. */
export const CLOCK_SLACK = 3_600;

/** Commits looked at, at most. */
const MOST_COMMITS = 2_000;

/**
 * Walks back from `to` until it meets `from`, or only what is known to be older: what `from` itself goes on from, or
 * what was made an hour and more before it. `read` answers undefined for a commit that is not at hand; with
 * `isComplete` these are older too, since everything younger was fetched.
 */
export async function findDescent(
  { from, to }: CommitPair,
  { read, isComplete }: { readonly read: ReadHeader; readonly isComplete: boolean },
): Promise<Descent> {
  const start = (await read(from)) ?? LONG_AGO;
  const ancestors = createWalk(start.parents, read);
  const missing: string[] = [];
  const walk: Walk = { seen: new Set([to]), pending: [to] };
  for (const commit of walk.pending) {
    if (walk.seen.size > MOST_COMMITS) return 'unknown';
    // Twice as fast, so that it has been everywhere first where both have gone.
    await ancestors.step();
    await ancestors.step();
    const header = ancestors.seen.has(commit) ? LONG_AGO : await read(commit);
    if (header === undefined) missing.push(commit);
    else if (header.parents.includes(from)) return 'descends';
    else if (header.date >= start.date - CLOCK_SLACK) add(header.parents, walk);
  }
  const unseen = missing.filter((commit) => !ancestors.seen.has(commit));
  return unseen.length === 0 || isComplete ? 'rewritten' : 'unknown';
}

type ReadHeader = (commit: string) => Promise<CommitHeader | undefined>;

/** Stands for a commit that nothing is known of, and for one that needs no reading. */
const LONG_AGO: CommitHeader = { parents: [], date: -Infinity };

interface Walk {
  readonly seen: Set<string>;
  readonly pending: string[];
}

function add(commits: readonly string[], { seen, pending }: Walk): void {
  const fresh = commits.filter((commit) => !seen.has(commit));
  for (const commit of fresh) seen.add(commit);
  pending.push(...fresh);
}

/** Visits what `start` goes on from, a commit for each step. */
function createWalk(start: readonly string[], read: ReadHeader) {
  const walk: Walk = { seen: new Set(start), pending: [...start] };
  const queue = walk.pending.values();
  return {
    seen: walk.seen,
    step: async (): Promise<void> => {
      const { value: commit } = queue.next();
      if (commit === undefined || walk.seen.size > MOST_COMMITS) return;
      add((await read(commit))?.parents ?? [], walk);
    },
  };
}
