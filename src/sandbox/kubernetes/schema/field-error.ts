import { ApiStatusError, type StatusCause } from '../api-status-error.ts';

const TYPE_TEXTS = {
  FieldValueInvalid: 'Invalid value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
} as const;

/** How one field of an object breaks the rules (apimachinery's `field.ErrorType`). */
export type FieldErrorType = keyof typeof TYPE_TEXTS;

/** One field that breaks a rule. */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  readonly value?: unknown;
  readonly detail: string;
}

const WITHOUT_VALUE: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
]);

/** Text of an error without its field, e.g. `Invalid value: "x": must be y`. */
function bodyOf({ type, value, detail }: FieldError): string {
  const shown = JSON.stringify(value);
  if (value === undefined && !WITHOUT_VALUE.has(type)) return `${TYPE_TEXTS[type]}: ${detail}`;
  const head = WITHOUT_VALUE.has(type) ? TYPE_TEXTS[type] : `${TYPE_TEXTS[type]}: ${shown}`;
  return detail === '' ? head : `${head}: ${detail}`;
}

/** `field: Invalid value: value: detail`, for messages that no `Status` of an object carries. */
export function invalidText(error: Omit<FieldError, 'type'>): string {
  return `${error.field}: ${bodyOf({ ...error, type: 'FieldValueInvalid' })}`;
}

function causeOf(error: FieldError): StatusCause {
  return { reason: error.type, message: bodyOf(error), field: error.field };
}

/** The kind and name under which an object is reported as invalid. */
export interface Subject {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** 422 with one cause per field. */
export function invalid(
  { group, kind, name }: Subject,
  errors: readonly FieldError[],
): ApiStatusError {
  // What is said twice has two causes, but stands in the text once.
  const texts = [...new Set(errors.map((error) => `${error.field}: ${bodyOf(error)}`))];
  const list = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
  const qualifiedKind = group === '' ? kind : `${kind}.${group}`;
  return new ApiStatusError(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${list}`, {
    ...(name !== '' && { name }),
    ...(group !== '' && { group }),
    ...(kind !== '' && { kind }),
    causes: errors.map(causeOf),
  });
}

/** What an update without a version is answered with, where the kind does not allow that. */
export function versionMissing(
  { group, plural }: { readonly group: string; readonly plural: string },
  name: string,
): ApiStatusError {
  const detail = 'must be specified for an update';
  const field = 'metadata.resourceVersion';
  // The resource stands where other answers name the kind.
  const subject = { group, kind: plural, name };
  return invalid(subject, [{ type: 'FieldValueInvalid', field, value: 0, detail }]);
}
