import type { CommitState } from '../model/forge.ts';

/** A state has to hold this long before it is told, so that one that passes is never told. In milliseconds. */
const SETTLE_MS = 2_000;
const TROUBLE_SETTLE_MS = 15_000;

/** So many statuses of a commit are told as they come; then each waits twice as long after the one before. */
const FREE_STATUSES = 5;
const FIRST_GAP_MS = 60_000;
const LONGEST_GAP_MS = 24 * 3_600_000;

const FIRST_COMMENT_GAP_MS = 10_000;
const LONGEST_COMMENT_GAP_MS = 3_600_000;

/**
 * How long a state must hold before it is told. Trouble has to prove itself, and so has whatever follows a success: a
 * gateway that is moved is back in less.
 */
export function settleOf(state: CommitState, told: string | undefined): number {
  const isWorse = state === 'error' || (state === 'pending' && told === 'success');
  return isWorse ? TROUBLE_SETTLE_MS : SETTLE_MS;
}

/**
 * Time between the status number `count` of a commit and the next. GitHub takes at most 1,000 of a commit and context:
 * 15 are possible within a day, then one a day, so the limit is years away.
 */
export function statusGap(count: number): number {
  if (count < FREE_STATUSES) return 0;
  return Math.min(LONGEST_GAP_MS, FIRST_GAP_MS * 2 ** (count - FREE_STATUSES));
}

/** Time between two versions of a comment, when nothing but details changes. */
export function commentGap(count: number): number {
  if (count === 0) return SETTLE_MS;
  return Math.min(LONGEST_COMMENT_GAP_MS, FIRST_COMMENT_GAP_MS * 2 ** (count - 1));
}
