import { Errors } from 'isomorphic-git';
import { isAbort } from '../errors/classify.ts';
import {
  ConfigError,
  GitAuthError,
  GitSourceInvalidError,
  GitUnreachableError,
} from '../errors/errors.ts';
import { OperatorError } from '../errors/operator-error.ts';

/** True where the Git library says that an object or a ref does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Errors.NotFoundError;
}

/** A word for the cause that quotes nobody: the error's code, else its name. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** What went wrong with a repository on this machine, as one of our errors; aborts stay what they are. */
export function fromLocal(error: unknown, location: string): unknown {
  if (error instanceof OperatorError || isAbort(error)) return error;
  return new GitSourceInvalidError(`cannot read the repository "${location}"`, {
    details: { location, cause: causeOf(error) },
    cause: error,
  });
}

/**
 * What went wrong with a repository behind a URL, as one of our errors; aborts stay what they are. The library's own
 * errors may quote what the server said, so only their code is kept.
 */
export function fromRemote(error: unknown, host: string): unknown {
  if (error instanceof OperatorError || isAbort(error)) return error;
  if (error instanceof Errors.HttpError) return fromStatus(error.data.statusCode, host);
  const details = { host, cause: causeOf(error) };
  if (error instanceof Error && 'syscall' in error) {
    return new ConfigError('cannot keep what was fetched: check the data folder', { details });
  }
  // The library needs a HEAD to fetch anything at all.
  const hasNoHead = error instanceof Errors.NotFoundError && error.data.what === 'HEAD';
  const what = hasNoHead
    ? `the HEAD of the repository at "${host}" names no branch: set its default branch`
    : `"${host}" does not answer like a Git server`;
  return new GitSourceInvalidError(what, { details });
}

function fromStatus(status: number, host: string): OperatorError {
  const details = { host, status };
  if (status === 401 || status === 403) {
    return new GitAuthError(`"${host}" refuses our credentials`, { details });
  }
  if (status === 429 || status >= 500) {
    return new GitUnreachableError(`"${host}" answers with HTTP ${status}`, { details });
  }
  const hint = 'check the address, and whether the token may read the repository';
  return new GitSourceInvalidError(`"${host}" answers with HTTP ${status}: ${hint}`, { details });
}
