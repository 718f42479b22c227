/** A JSON Schema (draft 7, as fastify takes it). */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const STRING: JsonSchema = { type: 'string' };
export const BOOLEAN: JsonSchema = { type: 'boolean' };
export const INTEGER: JsonSchema = { type: 'integer' };
export const STRINGS: JsonSchema = list(STRING);
/** Free keys, text values: labels, annotations. */
export const STRING_MAP: JsonSchema = { type: 'object', additionalProperties: STRING };

/** A list of things of one shape. */
export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/**
 * The closed schema of `T`: what is not named does not leave the process. The compiler sees to it that every property
 * of `T` is named, and none besides; all but the `optional` ones are required.
 */
export function object<T extends object>(
  properties: Readonly<Record<keyof T & string, JsonSchema>>,
  optional: readonly (keyof T & string)[] = [],
): JsonSchema {
  const names = Object.keys(properties);
  return {
    type: 'object',
    additionalProperties: false,
    required: names.filter((name) => !optional.some((other) => other === name)),
    properties,
  };
}
