import type { FieldError } from './field-error.ts';
import type { Schema } from './schema.ts';

/** Checks the CEL rules of a schema. */
export function celErrors(
  _object: unknown,
  _live: unknown,
  _schema: Schema,
  _shape: readonly FieldError[],
): readonly FieldError[] {
  return [];
}
