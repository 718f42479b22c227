import type { Problem } from '../model/problem.ts';
import type { Revision } from '../model/revision.ts';
import type { HeldDeletion } from '../model/source-snapshot.ts';

/** How a Shortcut fares that a commit brought, changed or removes. */
export interface ShortcutFact {
  readonly namespace: string;
  readonly name: string;
  readonly clusters: readonly string[];
  /** `removing`: it is going, as asked. `suspended`: nobody waits for it. */
  readonly state: 'ready' | 'progressing' | 'refused' | 'troubled' | 'suspended' | 'removing';
  readonly reason: string;
  readonly message: string;
}

/** Something that stage one refuses until a person decides. */
export interface RefusalFact {
  readonly code: string;
  readonly message: string;
}

/** Everything that is told of one commit. */
export interface CommitFacts {
  readonly revision: Revision;
  /** Set while the commit could not be read, or not be written to the main cluster. */
  readonly error?: { readonly code: string; readonly message: string; readonly isAuthors: boolean };
  readonly isApplied: boolean;
  readonly problems: readonly Problem[];
  readonly refusals: readonly RefusalFact[];
  readonly held: readonly HeldDeletion[];
  /** By namespace and name. */
  readonly shortcuts: readonly ShortcutFact[];
  /** Names of the LeafClusters that it brought or changed. */
  readonly leaves: readonly string[];
  /** `Kind/namespace/name` of what it removed, and which is gone. */
  readonly removed: readonly string[];
}
