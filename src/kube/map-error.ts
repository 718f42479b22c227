import {
  AlreadyExistsError,
  ClusterForbiddenError,
  ClusterUnauthorizedError,
  ClusterUnreachableError,
  ExpiredError,
  NotFoundError,
  RejectedByApiError,
  ThrottledError,
  TimeoutError,
  WriteConflictError,
} from '../errors/errors.ts';
import type { ErrorDetails, OperatorError } from '../errors/operator-error.ts';
import { causesOf, isTypedPatchFailure, refusedFields } from './refused-fields.ts';

/** What an API server says when it refuses: the parts of a `Status` object (metav1.Status) that we look at. */
export interface ApiStatus {
  /** HTTP status code. */
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: unknown;
  /** From the Retry-After header. */
  readonly retryAfterSeconds?: number;
}

/** Whom we asked, and for what: the start of every message. */
export interface CallContext {
  readonly cluster: string;
  /** What was tried, as it reads after "cannot": `apply Configuration/ns/name`. */
  readonly action: string;
}

/** metav1.StatusReason. Anything else is a server's own word, and could be anything. */
const REASONS: ReadonlySet<string> = new Set([
  ...['Unauthorized', 'Forbidden', 'NotFound', 'AlreadyExists', 'Conflict', 'Gone', 'Invalid'],
  ...['Expired', 'ServerTimeout', 'StoreReadError', 'Timeout', 'TooManyRequests', 'BadRequest'],
  ...['MethodNotAllowed', 'NotAcceptable', 'RequestEntityTooLarge', 'UnsupportedMediaType'],
  ...['InternalError', 'ServiceUnavailable'],
]);

/**
 * The one place where answers of an API server become our errors. Messages hold names of fields and reasons, never the
 * server's own sentences, since those repeat values.
 */
export function toKubeError(status: ApiStatus, context: CallContext): OperatorError {
  const fields = refusedFields(status);
  const details: ErrorDetails = {
    cluster: context.cluster,
    action: context.action,
    status: status.code,
    ...(status.reason !== undefined && REASONS.has(status.reason) && { reason: status.reason }),
    ...(fields !== '' && { fields }),
  };
  const because: Because = (cause) => ({ message: messageOf(context, cause), details });
  if (status.code === 500 && isTypedPatchFailure(status))
    return rejected(because, { status, fields });
  const known = BY_CODE[status.code];
  if (known !== undefined) return known(because, { status, fields });
  return status.code >= 400 && status.code < 500
    ? rejected(because, { status, fields })
    : make(ClusterUnreachableError, because(`the API server answered ${status.code}`));
}

/** `cannot <action> on cluster "<cluster>": <cause>`. */
export function messageOf({ action, cluster }: CallContext, cause: string): string {
  return `cannot ${action} on cluster "${cluster}": ${cause}`;
}

interface ErrorText {
  readonly message: string;
  readonly details: ErrorDetails;
}

type Because = (cause: string) => ErrorText;

interface Answer {
  readonly status: ApiStatus;
  readonly fields: string;
}

/** What is not here is a refusal of the object (4xx) or a server that does not work (all else). */
const BY_CODE: Readonly<Record<number, (because: Because, answer: Answer) => OperatorError>> = {
  401: (because) => make(ClusterUnauthorizedError, because('the credential is refused')),
  403: forbidden,
  404: notFound,
  408: timedOut,
  409: conflict,
  410: (because) => make(ExpiredError, because('the resource version is too old')),
  422: invalid,
  429: throttled,
  504: timedOut,
};

function make(
  ErrorClass: new (message: string, options: { details: ErrorDetails }) => OperatorError,
  { message, details }: ErrorText,
): OperatorError {
  return new ErrorClass(message, { details });
}

function rejected(because: Because, { fields }: Answer): OperatorError {
  return make(
    RejectedByApiError,
    because(fields === '' ? 'the API server refuses the object' : `refused: ${fields}`),
  );
}

/** A namespace on its way out answers 403 to every creation. That passes, and is no question of rights. */
function forbidden(because: Because, { status }: Answer): OperatorError {
  if (causesOf(status.details).some(({ reason }) => reason === 'NamespaceTerminating')) {
    return make(WriteConflictError, because('the namespace is being deleted'));
  }
  return make(ClusterForbiddenError, because('not allowed'));
}

/** A missing object is named in `details.name`; a missing kind, group or version is not. */
function notFound(because: Because, { status }: Answer): OperatorError {
  const kindMissing = typeof propertyOf(status.details, 'name') !== 'string';
  const { message, details } = because(
    kindMissing ? 'the cluster does not know this kind' : 'not found',
  );
  return new NotFoundError(message, { details: { ...details, kindMissing } });
}

function conflict(because: Because, { status, fields }: Answer): OperatorError {
  if (status.reason === 'AlreadyExists') {
    return make(AlreadyExistsError, because('it already exists'));
  }
  return make(WriteConflictError, because(fields === '' ? 'conflict' : `conflict: ${fields}`));
}

/**
 * A patch or an apply that names another UID is refused like a change of an immutable field. That is the precondition
 * which failed, and says nothing against what was asked.
 */
function invalid(because: Because, answer: Answer): OperatorError {
  if (causesOf(answer.status.details).some(({ field }) => field === 'metadata.uid')) {
    return make(WriteConflictError, because('the object is another one by now'));
  }
  return rejected(because, answer);
}

function throttled(because: Because, { status }: Answer): OperatorError {
  const { message, details } = because('too many requests');
  const retryAfterSeconds =
    status.retryAfterSeconds ?? numberAt(status.details, 'retryAfterSeconds');
  return new ThrottledError(message, { details: { ...details, retryAfterSeconds } });
}

function timedOut(because: Because): OperatorError {
  return make(TimeoutError, because('the API server did not finish in time'));
}

function numberAt(value: unknown, key: string): number | undefined {
  const found = propertyOf(value, key);
  return typeof found === 'number' ? found : undefined;
}

function propertyOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
