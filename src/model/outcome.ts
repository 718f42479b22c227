/** Why a key is looked at. It says why, never what: every run looks at the whole state of its key. */
export type Trigger = 'schedule' | 'git' | 'cluster-change' | 'manual' | 'retry';

/** What the loop does with a key after a run. */
export type Outcome =
  /** Nothing left to do until something changes. */
  | { readonly kind: 'settled' }
  /** Look again after about this many milliseconds, whatever happens. Not a failure. */
  | { readonly kind: 'retryAfter'; readonly ms: number }
  /** It failed, and another try may help: later each time. */
  | { readonly kind: 'backoff' }
  /** It failed, and only a change of the input can help. */
  | { readonly kind: 'stalled' };
