/** Condition types on a Shortcut (DESIGN section 5). */
export type ConditionType =
  'Ready' | 'Reconciling' | 'Stalled' | 'Accepted' | 'Applied' | 'Connected';

/** Condition types on a LeafCluster (DESIGN section 2). */
export type LeafConditionType =
  'Ready' | 'Reachable' | 'Authorized' | 'LiqoReady' | 'CredentialExpiring';

/** Every reason a condition may carry (DESIGN section 5, closed). */
export type Reason =
  | 'Connected'
  | 'Progressing'
  | 'Connecting'
  | 'ConnectionLost'
  | 'ConnectionStale'
  | 'LeafUnreachable'
  | 'LeafForbidden'
  | 'LeafUnknown'
  | 'LiqoMissing'
  | 'CredentialInvalid'
  | 'CredentialExpiring'
  | 'CredentialExpired'
  | 'ClusterIDMismatch'
  | 'InvalidSpec'
  | 'DuplicatePair'
  | 'ForeignConnection'
  | 'OwnershipConflict'
  | 'Rejected'
  | 'CIDRPending'
  | 'EndpointPending'
  | 'KeysPending'
  | 'Draining'
  | 'DeletionBlocked'
  | 'Suspended'
  | 'InternalError';

export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** One condition, in the standard Kubernetes shape. Messages are deterministic and hold no time or secret. */
export interface Condition<Type extends string = ConditionType> {
  readonly type: Type;
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  /** RFC 3339. Changes only when `status` changes. */
  readonly lastTransitionTime: string;
}
