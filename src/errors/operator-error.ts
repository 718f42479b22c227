/** Stable machine codes of everything that can go wrong (closed). */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'GIT_UNREACHABLE'
  | 'GIT_AUTH'
  | 'GIT_HOST_KEY'
  | 'GIT_REF_NOT_FOUND'
  | 'GIT_PATH_NOT_FOUND'
  | 'GIT_SOURCE_INVALID'
  | 'GIT_UNVERIFIED'
  | 'CREDENTIAL_INVALID'
  | 'CLUSTER_UNKNOWN'
  | 'LIQO_MISSING'
  | 'CLUSTER_ID_MISMATCH'
  | 'CLUSTER_UNREACHABLE'
  | 'CLUSTER_FORBIDDEN'
  | 'CLUSTER_UNAUTHORIZED'
  | 'API_NOT_FOUND'
  | 'API_ALREADY_EXISTS'
  | 'API_EXPIRED'
  | 'API_REJECTED'
  | 'API_THROTTLED'
  | 'WRITE_CONFLICT'
  | 'FORGE_UNREACHABLE'
  | 'FORGE_REFUSED'
  | 'FORGE_REJECTED'
  | 'FORGE_THROTTLED'
  | 'PLAN_UNSAFE'
  | 'TIMEOUT'
  | 'BUG';

/**
 * What a loop does after an error: `backoff` = try again, later each time; `wait` = try again at the next change or
 * re-list, since only the world can help; `never` = only a new input can help.
 */
export type Retry = 'backoff' | 'wait' | 'never';

/** Plain values that are safe to show anywhere: never a body, header, credential or URL query. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | undefined>>;

export interface OperatorErrorOptions {
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** Base of all our errors. Recognise them by class or `code`, never by message. */
export abstract class OperatorError extends Error {
  abstract readonly code: ErrorCode;
  abstract readonly retry: Retry;
  readonly details: ErrorDetails;

  constructor(message: string, { details = {}, cause }: OperatorErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.details = details;
  }
}
