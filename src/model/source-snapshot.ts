import type { Problem } from './problem.ts';

/** A deletion that stage one wants but holds back, and why. */
export interface HeldDeletion {
  /** `Kind/namespace/name`. */
  readonly resource: string;
  readonly reason: 'deletion-guard' | 'invalid-files' | 'prune-disabled' | 'in-use';
  readonly message: string;
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
  readonly problems: readonly Problem[];
  readonly held: readonly HeldDeletion[];
}
