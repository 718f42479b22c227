/** Longest text taken over from a server, in characters. */
const QUOTE_LIMIT = 300;

/**
 * With this, server-side apply answers unknown fields and wrong types: HTTP 500 without a reason (NETWORK.md section
 * 10). It is the only sign there is, which is why a text is compared here and nowhere else.
 */
const TYPED_PATCH_FAILURE = 'failed to create typed patch object';

/** metav1.CauseType. Anything else is a server's own word, and could be anything. */
const CAUSES: ReadonlySet<string> = new Set([
  ...['NotFound', 'Required', 'Duplicate', 'Invalid', 'NotSupported', 'Forbidden', 'TooLong'].map(
    (what) => `FieldValue${what}`,
  ),
  ...['FieldValueTooMany', 'FieldValueTypeInvalid', 'FieldManagerConflict', 'InternalError'],
  ...['UnexpectedServerResponse', 'ResourceVersionTooLarge', 'NamespaceTerminating'],
]);

/** The start of a path that consists of names of fields and of indexes. What follows may be a key, which is data. */
const NAMED_FIELDS = /^\.?[A-Za-z]{1,40}(\[\d{1,6}\]|\.[A-Za-z]{1,40}(?![^.[]))*(?![^.[])/;

/** The parts of a `Status` object (metav1.Status) that may name fields. */
interface Refusal {
  readonly message?: string;
  readonly details?: unknown;
}

/** One of `details.causes`, as far as its parts are texts. */
export interface StatusCause {
  readonly field: string | undefined;
  readonly reason: string | undefined;
}

/** Whether server-side apply refused fields or types of what we sent. */
export function isTypedPatchFailure(status: Refusal): boolean {
  return status.message?.startsWith(TYPED_PATCH_FAILURE) ?? false;
}

/**
 * `spec.mtu (FieldValueInvalid), …`, from the causes, or from the text where apply gives no causes. Nothing but names of
 * fields and Kubernetes' own words is taken over; '' where there are none.
 */
export function refusedFields(status: Refusal): string {
  const named = isTypedPatchFailure(status)
    ? [
        ...(status.message ?? '').matchAll(
          /\.([\w.[\]-]+): (field not declared in schema|expected [a-z]{1,20})/g,
        ),
      ].map(([, field = '', reason = '']) => `${namesIn(field)} (${reason})`)
    : causesOf(status.details).flatMap(({ field, reason = '' }) =>
        field === undefined
          ? []
          : [`${namesIn(field)} (${CAUSES.has(reason) ? reason : 'no reason given'})`],
      );
  const text = named.join(', ');
  return text.length > QUOTE_LIMIT ? `${text.slice(0, QUOTE_LIMIT)}…` : text;
}

function namesIn(path: string): string {
  const [names = ''] = NAMED_FIELDS.exec(path) ?? [];
  return names === path ? path : `${names}…`;
}

/** The causes that a Status gives; none where it gives none. */
export function causesOf(details: unknown): readonly StatusCause[] {
  const causes: unknown = propertyOf(details, 'causes');
  if (!Array.isArray(causes)) return [];
  return causes.map((cause: unknown) => ({
    field: stringAt(cause, 'field'),
    reason: stringAt(cause, 'reason'),
  }));
}

function stringAt(value: unknown, key: string): string | undefined {
  const found = propertyOf(value, key);
  return typeof found === 'string' ? found : undefined;
}

function propertyOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
