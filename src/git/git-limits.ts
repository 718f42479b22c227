/** What one request to a server may cost. */
export interface GitLimits {
  /** The longest that connecting may take, TLS included, in milliseconds. */
  readonly connectMs: number;
  /** Silence for this long, in milliseconds, ends a request. */
  readonly silenceMs: number;
  /** Answers are held in memory; larger ones are refused. */
  readonly maxBytes: number;
}

/** Git servers send a sign of life every 5 s; a repository for shortcuts is nowhere near 256 MiB. */
export const GIT_LIMITS: GitLimits = {
  connectMs: 10_000,
  silenceMs: 60_000,
  maxBytes: 256 * 1024 * 1024,
};
