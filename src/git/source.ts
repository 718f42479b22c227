import type { Revision } from '../model/revision.ts';
import type { SourceFile } from '../model/source-file.ts';
import type { CommitPair, Descent } from './descent.ts';
import type { Evidence } from './signatures/evidence.ts';

/** What a source's ref names at the moment. */
export interface Resolved {
  readonly revision: Revision;
  /** Full commit id, 40 hexadecimal digits. */
  readonly commit: string;
}

/** The manifests of one commit. */
export interface Checkout extends Resolved {
  /** The folder that was read, relative to the root of the repository; `.` for the root itself. */
  readonly path: string;
  /** By path. Only what may hold desired state: YAML files, `.shortcutsignore`, symbolic links, submodules. */
  readonly files: readonly SourceFile[];
  /** What may show who made it, also later; left out for a work tree. */
  readonly evidence?: Evidence;
  /** Who signed it (the fingerprint of his key), where that is asked for. */
  readonly signer?: string | undefined;
}

export interface SourceOptions {
  readonly signal: AbortSignal;
}

/**
 * A Git repository as the desired state's source. Nothing of what it holds is ever written to disk as a file, and
 * every failure is an error: a bad source never looks like an empty one.
 *
 * All methods throw GitUnreachableError, GitAuthError, CredentialInvalidError (token file), GitRefNotFoundError
 * (also for an empty repository), GitSourceInvalidError, ConfigError (CA file, data folder, who may sign); AbortError when
 * called off.
 */
export interface Source {
  /** As configured; safe to show, since a URL with credentials or a query is refused. */
  readonly location: string;
  /** As configured; empty for the default branch. */
  readonly ref: string;
  /** As configured, relative to `location`. */
  readonly path: string;
  /** Whether a commit counts only when somebody has signed it who may. */
  readonly verifies: boolean;
  /** One ref look-up. */
  resolve(options: SourceOptions): Promise<Resolved>;
  /**
   * The files at a commit, fetched only as far as they are missing. Answers with the very same object while nothing
   * changed. Throws GitPathNotFoundError besides the others, and UnverifiedCommitError, also for what it gave before.
   */
  read(commit: string, options: SourceOptions): Promise<Checkout>;
  /** Throws UnverifiedCommitError for a checkout from before a start that would not be given now. */
  accept(kept: Checkout): Promise<void>;
  /**
   * Whether a commit that was read goes on from another one that was, perhaps before a restart. Asks the server only
   * where what is at hand does not tell, for what was committed since, and never for more.
   */
  descent(commits: CommitPair, options: SourceOptions): Promise<Descent>;
}
