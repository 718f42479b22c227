import type { CommitState } from '../model/forge.ts';
import type { HeldStatus, SentStatus } from './forge.ts';
import { commentGap, settleOf, statusGap } from './pace.ts';

/** What is to be told of a commit. Times in milliseconds since the epoch. */
export interface Wish {
  readonly state: CommitState;
  /** In our words, whatever the forge makes of it. */
  readonly description: string;
  readonly status: SentStatus;
  /** Since when `status` is as it is. */
  readonly statusSince: number;
  readonly body: string;
}

/** What was told of a commit, as far as it is known. */
export interface Told {
  /** Undefined until the forge was asked. */
  readonly status: HeldStatus | undefined;
  readonly statusAt: number;
  /** How many statuses this process has set. */
  readonly statuses: number;
  /** Undefined until the forge was asked; `none` when no pull request brought the commit. */
  readonly pull: number | 'none' | undefined;
  /** How often the forge was asked for the pull request. */
  readonly lookups: number;
  /**
   * Undefined until the forge was asked. `id` is undefined while there is no comment; `body` is then what a deleted one
   * must have said, if any.
   */
  readonly comment: { readonly id: number | undefined; readonly body: string } | undefined;
  readonly commentAt: number;
  /** How often this process has written it, and with which status the last time. */
  readonly comments: number;
  readonly commentedWith: SentStatus | undefined;
}

/** Nothing is known yet. */
export const UNTOLD: Told = {
  status: undefined,
  statusAt: 0,
  statuses: 0,
  pull: undefined,
  lookups: 0,
  comment: undefined,
  commentAt: 0,
  comments: 0,
  commentedWith: undefined,
};

/** The next request for a commit; `wait` may end before its time, `rest` only with a change. */
export type Step =
  | { readonly kind: 'read-status' | 'find-pull' | 'find-comment' | 'rest' }
  | { readonly kind: 'create-comment' | 'update-comment' | 'set-status' }
  | { readonly kind: 'wait'; readonly ms: number };

/** A host may need a moment until it knows which pull request brought a commit. */
const MOST_LOOKUPS = 3;

export interface PlanOptions {
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** False: statuses only, since nobody wants comments, or they are refused for now. */
  readonly comments: boolean;
}

/**
 * Compares what is to be told of a commit with what was told. The comment comes before the status: whoever finds the
 * status of now but no comment knows that a person has deleted it.
 */
export function planReport(wish: Wish, told: Told, { now, comments }: PlanOptions): Step {
  const reading = planReading(told, comments);
  if (reading !== undefined) return { kind: reading };
  const comment = comments ? planComment(wish, told) : NEVER;
  const status = planStatus(wish, told);
  if (status.due <= now) {
    if (comments && mayHavePull(told)) return { kind: 'find-pull' };
    // Once for each status: a comment that changes all the time must not keep the status back.
    const isCommented = comment === NEVER || isSame(told.commentedWith, wish.status);
    return { kind: isCommented ? 'set-status' : comment.kind };
  }
  if (comment.due <= now) return { kind: comment.kind };
  const due = Math.min(status.due, comment.due);
  return due === Infinity ? { kind: 'rest' } : { kind: 'wait', ms: due - now };
}

interface Write {
  readonly kind: 'create-comment' | 'update-comment' | 'set-status';
  readonly due: number;
}

const NEVER: Write = { kind: 'set-status', due: Infinity };

function planStatus({ status, state, statusSince }: Wish, told: Told): Write {
  const { last, count = 0 } = told.status ?? {};
  if (isSame(last, status)) return NEVER;
  const settled = statusSince + settleOf(state, last?.state);
  return { kind: 'set-status', due: Math.max(settled, told.statusAt + statusGap(count)) };
}

/** The first comment of a commit comes with its first status. */
function planComment({ body }: Wish, told: Told): Write {
  const { comment, commentAt, comments, statuses } = told;
  if (comment === undefined || isSameBody(comment.body, body)) return NEVER;
  const isNew = comment.id === undefined && comment.body === '' && statuses === 0;
  const kind = comment.id === undefined ? 'create-comment' : 'update-comment';
  return { kind, due: isNew ? Infinity : commentAt + commentGap(comments) };
}

/** What has to be known before anything is told. */
function planReading(
  { status, pull, comment }: Told,
  comments: boolean,
): 'read-status' | 'find-pull' | 'find-comment' | undefined {
  if (status === undefined) return 'read-status';
  if (!comments) return undefined;
  if (pull === undefined) return 'find-pull';
  return pull !== 'none' && comment === undefined ? 'find-comment' : undefined;
}

/** Asked once more with each status that follows. */
function mayHavePull({ pull, lookups, statuses }: Told): boolean {
  return pull === 'none' && lookups <= statuses && lookups < MOST_LOOKUPS;
}

function isSame(a: SentStatus | undefined, b: SentStatus): boolean {
  return a?.state === b.state && a.description === b.description;
}

/** Hosts may change how lines end, and what is blank at the end. */
function isSameBody(a: string, b: string): boolean {
  return a.replaceAll('\r\n', '\n').trim() === b.replaceAll('\r\n', '\n').trim();
}
