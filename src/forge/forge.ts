import type { CommitState } from '../model/forge.ts';

/** What a commit is to be said to be. */
export interface CommitStatus {
  readonly state: CommitState;
  /** At most 140 characters, the limit of GitHub. */
  readonly description: string;
}

/** A status in the words of one forge, as it takes it and gives it back. */
export interface SentStatus {
  readonly state: string;
  readonly description: string;
}

/** What a forge holds of ours for a commit. */
export interface HeldStatus {
  readonly last: SentStatus | undefined;
  /** How many there are, as far as one page tells. */
  readonly count: number;
}

export interface ForgeComment {
  readonly id: number;
  readonly body: string;
}

export interface ForgeCall {
  readonly signal: AbortSignal;
}

/**
 * A host of Git repositories, for one repository of it. Requests throw `ForgeUnreachableError`, `ForgeRefusedError`,
 * `ForgeRejectedError`, `ForgeThrottledError`, what the source of the token throws, and AbortError.
 */
export interface Forge {
  /** How this forge says a status: what `readStatus` gives back once it was set. */
  toSent(status: CommitStatus): SentStatus;
  /** What was said of a commit in our context. */
  readStatus(commit: string, call: ForgeCall): Promise<HeldStatus>;
  setStatus(commit: string, status: SentStatus, call: ForgeCall): Promise<void>;
  /** The merged pull request that brought a commit, if any. */
  findPullRequest(commit: string, call: ForgeCall): Promise<number | undefined>;
  /** The first comment of our own that begins with the marker. */
  findComment(pull: number, marker: string, call: ForgeCall): Promise<ForgeComment | undefined>;
  /** Answers with the id of the comment. */
  createComment(pull: number, body: string, call: ForgeCall): Promise<number>;
  /** False when the comment is gone. */
  updateComment(pull: number, comment: ForgeComment, call: ForgeCall): Promise<boolean>;
  close(): Promise<void>;
}

/** What a status of ours goes by and leads to. */
export interface StatusContext {
  /** `liqo-shortcuts/<installation>`, which is found out while the service starts. */
  readonly name: () => string;
  /** Where people read more; empty for nowhere. */
  readonly targetUrl: string;
}
