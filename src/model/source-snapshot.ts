import type { Condition } from './condition.ts';
import type { Problem } from './problem.ts';
import type { Revision } from './revision.ts';

/** A deletion that stage one wants but holds back, and why. */
export interface HeldDeletion {
  /** `Kind/namespace/name`. */
  readonly resource: string;
  readonly reason: 'deletion-guard' | 'invalid-files' | 'prune-disabled' | 'in-use';
  readonly message: string;
}

/** The source does not go on from where it was, or nobody can tell whether it does. */
export interface HistoryChange {
  readonly change: 'rewritten' | 'unknown';
  /** The revision before, and the one that counts now. */
  readonly from: Revision;
  readonly to: Revision;
  /** When it was seen, RFC 3339. */
  readonly at: string;
}

/** How the Git source stands (stage one). */
export interface SourceSnapshot {
  readonly location: string;
  readonly ref: string;
  readonly path: string;
  /** Revision of the last look, and of the last one that was mirrored. */
  readonly revisionAttempted?: string;
  readonly revisionApplied?: string;
  /** RFC 3339. */
  readonly lastPollAt?: string;
  readonly nextPollAt?: string;
  /**
   * Set while the source cannot be read, so that the last good revision stays in force; or while a write on the main
   * cluster fails: the first of those.
   */
  readonly error?: { readonly code: string; readonly message: string };
  /** `SourceVerified`, where signatures count: whether what the ref names is signed by somebody who may. */
  readonly conditions?: readonly Condition<'SourceVerified'>[];
  /** The last time that history did not simply go on, since the service began. */
  readonly history?: HistoryChange;
  readonly problems: readonly Problem[];
  readonly held: readonly HeldDeletion[];
}
