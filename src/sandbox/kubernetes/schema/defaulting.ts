import { isJsonObject, type JsonObject } from '../json.ts';
import { itemSchema, memberSchema, type Schema } from './schema.ts';

/** Fills in the schema's defaults, wherever the object that would hold them is there. */
export function withDefaults(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return value.map((item) => withDefaults(item, itemSchema(schema)));
  return isJsonObject(value) ? objectWithDefaults(value, schema) : value;
}

function objectWithDefaults(object: JsonObject, schema: Schema): JsonObject {
  const filled: JsonObject = {};
  for (const [member, inner] of Object.entries(object)) {
    const known = memberSchema(schema, member) ?? {};
    if (!countsAsLeftOut(inner, known)) filled[member] = withDefaults(inner, known);
  }
  for (const [member, known] of Object.entries(schema.properties ?? {})) {
    if (known.default === undefined || member in filled) continue;
    filled[member] = withDefaults(structuredClone(known.default), known);
  }
  return filled;
}

/** A null that the schema does not allow counts as left out where there is a default. */
function countsAsLeftOut(value: unknown, schema: Schema): boolean {
  return value === null && schema.nullable !== true && schema.default !== undefined;
}
