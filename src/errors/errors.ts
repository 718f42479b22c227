import { OperatorError } from './operator-error.ts';

/** A flag, variable or file of the program's own configuration is wrong. Exit code 2. */
export class ConfigError extends OperatorError {
  readonly code = 'CONFIG_INVALID';
  readonly retry = 'never';
}

/** The Git source does not answer. The last good revision stays in force. */
export class GitUnreachableError extends OperatorError {
  readonly code = 'GIT_UNREACHABLE';
  readonly retry = 'backoff';
}

/** The Git source refuses our credentials. */
export class GitAuthError extends OperatorError {
  readonly code = 'GIT_AUTH';
  readonly retry = 'wait';
}

/** The Git source has not proven over SSH that it is who it should be: its key is not known, another one, or revoked. */
export class GitHostKeyError extends OperatorError {
  readonly code = 'GIT_HOST_KEY';
  readonly retry = 'wait';
}

/** The ref (branch, tag, commit) does not exist at the source, or the repository is empty. */
export class GitRefNotFoundError extends OperatorError {
  readonly code = 'GIT_REF_NOT_FOUND';
  readonly retry = 'wait';
}

/** The folder `--path` does not exist at the revision. Never read as "no files". */
export class GitPathNotFoundError extends OperatorError {
  readonly code = 'GIT_PATH_NOT_FOUND';
  readonly retry = 'wait';
}

/** The source is not a Git repository, or is damaged. */
export class GitSourceInvalidError extends OperatorError {
  readonly code = 'GIT_SOURCE_INVALID';
  readonly retry = 'wait';
}

/** Nobody who may has signed what the ref names (`--verify-signatures`). The last good revision stays in force. Exit code 3. */
export class UnverifiedCommitError extends OperatorError {
  readonly code = 'GIT_UNVERIFIED';
  readonly retry = 'wait';
}

/** A kubeconfig or token is missing, malformed or holds something that we refuse (named by field, never by value). */
export class CredentialInvalidError extends OperatorError {
  readonly code = 'CREDENTIAL_INVALID';
  readonly retry = 'wait';
}

/** No LeafCluster of this name is registered. */
export class UnknownClusterError extends OperatorError {
  readonly code = 'CLUSTER_UNKNOWN';
  readonly retry = 'wait';
}

/** Liqo is not installed on the cluster, or not in the namespace where we look. */
export class LiqoMissingError extends OperatorError {
  readonly code = 'LIQO_MISSING';
  readonly retry = 'backoff';
}

/** Behind the address there is another cluster than the one that was registered: touch nothing. */
export class ClusterIDMismatchError extends OperatorError {
  readonly code = 'CLUSTER_ID_MISMATCH';
  readonly retry = 'wait';
}

/** No answer from the API server: refused, reset, TLS, DNS, 5xx. */
export class ClusterUnreachableError extends OperatorError {
  readonly code = 'CLUSTER_UNREACHABLE';
  readonly retry = 'backoff';
}

/** 403. */
export class ClusterForbiddenError extends OperatorError {
  readonly code = 'CLUSTER_FORBIDDEN';
  readonly retry = 'wait';
}

/** 401: the credential is refused. */
export class ClusterUnauthorizedError extends OperatorError {
  readonly code = 'CLUSTER_UNAUTHORIZED';
  readonly retry = 'wait';
}

/** 404 for one object, or for a kind that the cluster does not have (`details.kindMissing: true`). */
export class NotFoundError extends OperatorError {
  readonly code = 'API_NOT_FOUND';
  readonly retry = 'wait';
}

/** 409 AlreadyExists. */
export class AlreadyExistsError extends OperatorError {
  readonly code = 'API_ALREADY_EXISTS';
  readonly retry = 'backoff';
}

/** 410: a resourceVersion is too old; list again. */
export class ExpiredError extends OperatorError {
  readonly code = 'API_EXPIRED';
  readonly retry = 'backoff';
}

/**
 * The API server refuses the object itself: 422, 400, 415, or the HTTP 500 with which server-side apply answers type
 * errors and unknown fields ("failed to create typed patch object", NETWORK.md section 10). Terminal until the input changes.
 */
export class RejectedByApiError extends OperatorError {
  readonly code = 'API_REJECTED';
  readonly retry = 'never';
}

/** 429. `details.retryAfterSeconds` when the server said so. */
export class ThrottledError extends OperatorError {
  readonly code = 'API_THROTTLED';
  readonly retry = 'backoff';
}

/** 409 Conflict: resourceVersion, UID precondition, or field ownership of an unforced apply. Quietly looked at again. */
export class WriteConflictError extends OperatorError {
  readonly code = 'WRITE_CONFLICT';
  readonly retry = 'backoff';
}

/** The API of the Git host does not answer, or not in its own words: refused, reset, TLS, DNS, 5xx. */
export class ForgeUnreachableError extends OperatorError {
  readonly code = 'FORGE_UNREACHABLE';
  readonly retry = 'backoff';
}

/** The Git host does not let us: 401, 403, or the 404 with which it hides what a token may not see. */
export class ForgeRefusedError extends OperatorError {
  readonly code = 'FORGE_REFUSED';
  readonly retry = 'wait';
}

/** The Git host does not take this status or comment: 400, 422. The same one is never taken. */
export class ForgeRejectedError extends OperatorError {
  readonly code = 'FORGE_REJECTED';
  readonly retry = 'never';
}

/** A limit of the Git host. `details.retryAfterSeconds` when it said so. */
export class ForgeThrottledError extends OperatorError {
  readonly code = 'FORGE_THROTTLED';
  readonly retry = 'backoff';
}

/** A guard refused the plan; a person decides. Exit code 3. */
export class UnsafePlanError extends OperatorError {
  readonly code = 'PLAN_UNSAFE';
  readonly retry = 'never';
}

export class TimeoutError extends OperatorError {
  readonly code = 'TIMEOUT';
  readonly retry = 'backoff';
}

/** Something that cannot happen did. */
export class InvariantError extends OperatorError {
  readonly code = 'BUG';
  readonly retry = 'backoff';
}
