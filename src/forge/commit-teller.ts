import { ForgeRejectedError, ForgeUnreachableError, InvariantError } from '../errors/errors.ts';
import { markerOf } from '../report/compose-comment.ts';
import type { CommitFacts } from './commit-facts.ts';
import type { Forge, ForgeCall } from './forge.ts';
import { judgeCommit } from './judge-commit.ts';
import { planReport, type Step, type Told, UNTOLD, type Wish } from './plan-report.ts';
import { type CommentOptions, readRemoved, renderComment } from './render-comment.ts';

export interface CommitTellerOptions extends CommentOptions {
  readonly forge: Forge;
  /** The full id. */
  readonly commit: string;
  readonly revision: string;
  /** Told what an earlier comment remembers to have been removed. */
  readonly onRemoved: (resources: readonly string[]) => void;
}

/** What was told of one commit, and tells what is to be told next. */
export interface CommitTeller {
  /** Takes what is to be told. `now` in milliseconds since the epoch. */
  wish(facts: CommitFacts, now: number): void;
  /** What `act` would do. */
  next(options: { readonly now: number; readonly comments: boolean }): Step;
  /**
   * Does one step. What the forge does not take is not tried again. Throws what the forge throws; what it may have taken
   * all the same is asked about again.
   */
  act(step: Step, now: number, call: ForgeCall): Promise<void>;
  /** The wish of now. */
  readonly wanted: Wish | undefined;
  /** The last state that the forge knows is not the last word. */
  readonly isOpen: boolean;
}

/** Knows nothing yet: what the forge holds is read first. */
export function createCommitTeller(options: CommitTellerOptions): CommitTeller {
  const { forge, commit, revision } = options;
  const marker = markerOf(options.installation);
  let told: Told = UNTOLD;
  let wanted: Wish | undefined;

  function asked(): Wish {
    if (wanted === undefined) throw new InvariantError('nothing is to be told');
    return wanted;
  }

  async function readStatus(now: number, call: ForgeCall): Promise<void> {
    const status = await forge.readStatus(commit, call);
    told = { ...told, status, statusAt: now };
  }

  async function findPull(call: ForgeCall): Promise<void> {
    const pull = (await forge.findPullRequest(commit, call)) ?? 'none';
    told = { ...told, pull, lookups: told.lookups + 1 };
  }

  async function findComment(call: ForgeCall): Promise<void> {
    const found = await forge.findComment(pullOf(told), marker, call);
    if (found !== undefined) options.onRemoved(readRemoved(found.body, revision));
    // Somebody before us has told the status of now, and there is no comment: a person has deleted it.
    const wish = asked();
    const isToldBefore = told.statuses === 0 && told.status?.last?.state === wish.status.state;
    const body = found?.body ?? (isToldBefore ? wish.body : '');
    told = { ...told, comment: { id: found?.id, body } };
  }

  async function writeComment(now: number, call: ForgeCall): Promise<void> {
    const { body, status } = asked();
    const pull = pullOf(told);
    const before = told.comment?.id;
    if (before === undefined) {
      const id = await forge.createComment(pull, body, call);
      told = { ...told, comment: { id, body } };
    } else {
      const isThere = await forge.updateComment(pull, { id: before, body }, call);
      if (!isThere) {
        told = { ...told, comment: { id: undefined, body: '' } };
        return;
      }
      told = { ...told, comment: { id: before, body } };
    }
    const comments = told.comments + 1;
    told = { ...told, commentAt: now, comments, commentedWith: status };
  }

  async function setStatus(now: number, call: ForgeCall): Promise<void> {
    const { status } = asked();
    await forge.setStatus(commit, status, call);
    const count = (told.status?.count ?? 0) + 1;
    const statuses = told.statuses + 1;
    told = { ...told, status: { last: status, count }, statuses, statusAt: now };
  }

  async function carryOut({ kind }: Step, now: number, call: ForgeCall): Promise<void> {
    switch (kind) {
      case 'read-status':
        return readStatus(now, call);
      case 'find-pull':
        return findPull(call);
      case 'find-comment':
        return findComment(call);
      case 'create-comment':
      case 'update-comment':
        return writeComment(now, call);
      case 'set-status':
        return setStatus(now, call);
      case 'wait':
      case 'rest':
        return;
    }
  }

  /** As if it had been done: the same would be refused again. */
  function giveUp({ kind }: Step): void {
    const { status, body } = asked();
    if (kind === 'read-status' || kind === 'set-status') {
      told = { ...told, status: { last: status, count: told.status?.count ?? 0 } };
    } else if (kind === 'find-pull' || kind === 'find-comment') {
      told = { ...told, pull: 'none', lookups: Infinity };
    } else {
      told = { ...told, comment: { id: told.comment?.id, body } };
    }
  }

  /** No answer is no refusal: the forge may have taken it. */
  function forget({ kind }: Step): void {
    if (kind === 'set-status') told = { ...told, status: undefined };
    if (kind === 'create-comment') told = { ...told, comment: undefined };
  }

  return {
    wish: (facts, now) => {
      const judged = judgeCommit(facts);
      const status = forge.toSent(judged);
      const isNew =
        wanted?.status.state !== status.state || wanted.status.description !== status.description;
      wanted = {
        state: judged.state,
        description: judged.description,
        status,
        statusSince: isNew || wanted === undefined ? now : wanted.statusSince,
        body: renderComment(facts, judged, options),
      };
    },
    next: (given) => planReport(asked(), told, given),
    act: async (step, now, call) => {
      try {
        await carryOut(step, now, call);
      } catch (error) {
        if (error instanceof ForgeRejectedError) giveUp(step);
        if (error instanceof ForgeUnreachableError) forget(step);
        throw error;
      }
    },
    get wanted() {
      return wanted;
    },
    get isOpen() {
      return told.status?.last?.state === 'pending';
    },
  };
}

function pullOf({ pull }: Told): number {
  if (typeof pull === 'number') return pull;
  throw new InvariantError('there is no pull request');
}
