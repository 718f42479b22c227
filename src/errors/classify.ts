import type { Reason } from '../model/condition.ts';
import { InvariantError, NotFoundError } from './errors.ts';
import { type ErrorCode, OperatorError } from './operator-error.ts';

/** True for the quiet end of an operation that somebody called off. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/**
 * True when an API server said that the object is not there. A 404 that names no object is no such word: the kind is
 * missing, or somebody in between has answered.
 */
export function isAbsent(error: unknown): boolean {
  return error instanceof NotFoundError && error.details['kindMissing'] !== true;
}

/** Anything thrown, as one of ours: what we do not know is a bug of ours until shown otherwise. */
export function toOperatorError(error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new InvariantError(`unexpected ${name}`, { cause: error });
}

const REASONS: Readonly<Record<ErrorCode, Reason>> = {
  CONFIG_INVALID: 'InvalidSpec',
  GIT_UNREACHABLE: 'InternalError',
  GIT_AUTH: 'InternalError',
  GIT_HOST_KEY: 'InternalError',
  GIT_REF_NOT_FOUND: 'InternalError',
  GIT_PATH_NOT_FOUND: 'InternalError',
  GIT_SOURCE_INVALID: 'InternalError',
  GIT_UNVERIFIED: 'InternalError',
  CREDENTIAL_INVALID: 'CredentialInvalid',
  CLUSTER_UNKNOWN: 'LeafUnknown',
  LIQO_MISSING: 'LiqoMissing',
  CLUSTER_ID_MISMATCH: 'ClusterIDMismatch',
  CLUSTER_UNREACHABLE: 'LeafUnreachable',
  CLUSTER_FORBIDDEN: 'LeafForbidden',
  CLUSTER_UNAUTHORIZED: 'CredentialInvalid',
  API_NOT_FOUND: 'LiqoMissing',
  API_ALREADY_EXISTS: 'Progressing',
  API_EXPIRED: 'Progressing',
  API_REJECTED: 'Rejected',
  API_THROTTLED: 'LeafUnreachable',
  WRITE_CONFLICT: 'Progressing',
  FORGE_UNREACHABLE: 'InternalError',
  FORGE_REFUSED: 'InternalError',
  FORGE_REJECTED: 'InternalError',
  FORGE_THROTTLED: 'InternalError',
  PLAN_UNSAFE: 'DeletionBlocked',
  TIMEOUT: 'LeafUnreachable',
  BUG: 'InternalError',
};

/** The condition reason that an error met on a leaf stands for (DESIGN section 5). */
export function reasonOf(error: OperatorError): Reason {
  return REASONS[error.code];
}

/** Exit code of the program for an error that ended it (DESIGN section 4). */
export function exitCodeOf(error: OperatorError): 2 | 3 {
  return error.code === 'PLAN_UNSAFE' || error.code === 'GIT_UNVERIFIED' ? 3 : 2;
}
