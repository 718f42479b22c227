import type { SourceFile } from '../model/source-file.ts';
import type { CommitPair, Descent } from './descent.ts';
import type { Evidence, Verify } from './signatures/evidence.ts';
import type { SourceOptions } from './source.ts';

/** Where a ref points. */
export interface Tip {
  /** Short name for the revision string: branch, tag, or `detached`. */
  readonly name: string;
  /** The commit, annotated tags peeled. */
  readonly commit: string;
  /** The annotated tag that was peeled for it. */
  readonly tag?: { readonly id: string; readonly name: string };
}

/** Called before anything but the commit and its tag is read, with what may show who made it. */
export interface Verifying {
  readonly verify?: Verify | undefined;
}

export interface ReadFiles {
  /** Relative to the root of the repository; `.` for the root. */
  readonly path: string;
  readonly files: readonly SourceFile[];
  /** Left out for a work tree. */
  readonly evidence?: Evidence;
  /** Who signed it, where that is asked for. */
  readonly signer?: string | undefined;
}

/** What differs between a local, a remote and a work-tree source. Throws like Source. */
export interface Repository {
  /** False when the same tip may give other files next time. */
  readonly immutable: boolean;
  tip(options: SourceOptions): Promise<Tip>;
  files(tip: Tip, options: SourceOptions): Promise<ReadFiles>;
  descent(commits: CommitPair, options: SourceOptions): Promise<Descent>;
}

const FULL_COMMIT = /^[0-9a-f]{40}$/;

/** True for a full commit id. */
export function isCommit(ref: string): boolean {
  return FULL_COMMIT.test(ref);
}

/** True for what is checked out, or the default branch of a server. */
export function isHead(ref: string): boolean {
  return ref === '' || ref === 'HEAD';
}

/** A commit that no ref names. */
export function detached(commit: string): Tip {
  return { name: 'detached', commit };
}

/** The name of a ref without `refs/heads/`, `refs/tags/` or `refs/remotes/`. */
export function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags|remotes)\//, '');
}
