/** Hosts of Git repositories that can be told how a commit fares; Forgejo speaks as Gitea does. */
export const FORGE_KINDS = ['github', 'gitlab', 'gitea'] as const;

export type ForgeKind = (typeof FORGE_KINDS)[number];

/** What a commit can be said to be: as GitHub has it. `failure`: its author has to act; `error`: somebody else. */
export type CommitState = 'pending' | 'success' | 'failure' | 'error';

/** How many requests of one kind had one end. */
export interface ForgeRequestCount {
  readonly operation: ForgeOperation;
  /** The status of the answer, or `none` where there was none. */
  readonly code: string;
  readonly count: number;
}

/** What a request to a forge is about. */
export type ForgeOperation = 'identity' | 'status' | 'pull-request' | 'comment';

/** How reporting back to a forge goes. */
export interface ForgeSnapshot {
  readonly kind: ForgeKind;
  readonly repository: string;
  /** The last status that the forge took. */
  readonly reported?: {
    readonly commit: string;
    readonly state: CommitState;
    readonly description: string;
  };
  /** Set while the forge does not take what is to be reported. */
  readonly error?: { readonly code: string; readonly message: string };
  readonly requests: readonly ForgeRequestCount[];
}
