/** `branch@sha1:<commit>`, always in this form (`detached@sha1:…` for a commit without a branch). */
export type Revision = string;

/** Builds a revision string from the short name of a ref and a full commit id. */
export function formatRevision(ref: string, commit: string): Revision {
  return `${ref}@sha1:${commit}`;
}

/** The full commit id of a revision. */
export function commitOf(revision: Revision): string {
  return revision.slice(revision.lastIndexOf(':') + 1);
}
