/** What shows who made a revision: the objects that may be signed, byte by byte. */
export interface Evidence {
  /** Full commit id. */
  readonly commit: string;
  readonly object: Uint8Array;
  /** Where the ref names an annotated tag. */
  readonly tag?: TagEvidence;
}

export interface TagEvidence {
  /** Id of the tag object. */
  readonly id: string;
  /** As the ref calls it, without `refs/tags/`. */
  readonly name: string;
  readonly object: Uint8Array;
}

/**
 * Who signed a revision: the fingerprint of a key that may. Throws UnverifiedCommitError where nobody did who may, and
 * ConfigError where the files that say who may cannot be gone by.
 */
export type Verify = (evidence: Evidence) => Promise<string>;
