/** One reason why an object was refused, as in `Status.details.causes`. */
export interface StatusCause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

/** `Status.details` of the Kubernetes API. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** What the API server answers instead of an object. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** A request that the API server refuses. Thrown inside, answered as `Status` at the door. */
export class ApiStatusError extends Error {
  readonly status: Status;

  constructor(code: number, reason: string | undefined, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiStatusError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason !== undefined && { reason }),
      ...(details !== undefined && { details }),
      code,
    };
  }
}

/** Names a resource in messages: `configurations.networking.liqo.io`, or `secrets` for the core group. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

/** Text form of a resource in messages. */
export function qualified({ group, plural }: ResourceName): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function detailsOf(resource: ResourceName, name: string): StatusDetails {
  return {
    name,
    ...(resource.group !== '' && { group: resource.group }),
    kind: resource.plural,
  };
}

/** 404 for one object. */
export function notFound(resource: ResourceName, name: string): ApiStatusError {
  const message = `${qualified(resource)} "${name}" not found`;
  return new ApiStatusError(404, 'NotFound', message, detailsOf(resource, name));
}

/** 404 for a path that names no resource. */
export function pathNotFound(): ApiStatusError {
  const message = 'the server could not find the requested resource';
  return new ApiStatusError(404, 'NotFound', message, {});
}

/** What paths are answered with that lead nowhere at all: a plain text instead of a `Status`. */
export class PageNotFoundError extends Error {
  constructor() {
    super('404 page not found');
    this.name = 'PageNotFoundError';
  }
}

/** 409 AlreadyExists. */
export function alreadyExists(resource: ResourceName, name: string): ApiStatusError {
  const message = `${qualified(resource)} "${name}" already exists`;
  return new ApiStatusError(409, 'AlreadyExists', message, detailsOf(resource, name));
}

/** 409 Conflict: a precondition failed. */
export function conflict(resource: ResourceName, name: string, why: string): ApiStatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return new ApiStatusError(409, 'Conflict', message, detailsOf(resource, name));
}

/** The text of the 409 that an outdated resourceVersion gets. */
export const OBJECT_MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/** 400: the request cannot be understood. */
export function badRequest(message: string): ApiStatusError {
  return new ApiStatusError(400, 'BadRequest', message);
}

/** 403 for something that is refused whoever asks. */
export function forbidden(
  resource: ResourceName,
  name: string,
  why: string,
  causes: readonly StatusCause[] = [],
): ApiStatusError {
  const subject = name === '' ? qualified(resource) : `${qualified(resource)} "${name}"`;
  return new ApiStatusError(403, 'Forbidden', `${subject} is forbidden: ${why}`, {
    ...detailsOf(resource, name),
    ...(causes.length > 0 && { causes }),
  });
}

/** 504: a version that is still to come, after some waiting. */
export function versionTooLarge(asked: number, current: number): ApiStatusError {
  const message = 'Too large resource version';
  return new ApiStatusError(504, 'Timeout', `Timeout: ${message}: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message }],
    retryAfterSeconds: 1,
  });
}

/** 410: the version is older than what the history holds. */
export function expired(message: string): ApiStatusError {
  return new ApiStatusError(410, 'Expired', message);
}

/** 405. */
export function methodNotAllowed(): ApiStatusError {
  return new ApiStatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** 415, naming what would have been understood. */
export function unsupportedMediaType(accepted: readonly string[]): ApiStatusError {
  return new ApiStatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

/** 500 without a reason: how server-side apply answers type errors and unknown fields (probes/k-invalid.txt). */
export function typedPatchFailed(message: string): ApiStatusError {
  return new ApiStatusError(500, undefined, message);
}
