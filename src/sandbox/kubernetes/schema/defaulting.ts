import { isJsonObject, type JsonObject } from '../json.ts';
import { itemSchema, memberSchema, type Schema } from './schema.ts';

/** What becomes of nulls that a schema does not allow and has no default for. */
export type Nulls = 'dropped' | 'kept';

/** Fills in the schema's defaults, wherever the object that would hold them is there. */
export function withDefaults(value: unknown, schema: Schema, nulls: Nulls = 'dropped'): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withDefaults(item, itemSchema(schema), nulls));
  }
  return isJsonObject(value) ? objectWithDefaults(value, schema, nulls) : value;
}

function objectWithDefaults(object: JsonObject, schema: Schema, nulls: Nulls): JsonObject {
  const filled: JsonObject = {};
  for (const [member, inner] of Object.entries(object)) {
    const known = memberSchema(schema, member) ?? {};
    if (isDropped(inner, known, nulls)) continue;
    filled[member] = withDefaults(inner, known, nulls);
  }
  for (const [member, known] of Object.entries(schema.properties ?? {})) {
    if (known.default === undefined || member in filled) continue;
    filled[member] = withDefaults(structuredClone(known.default), known, nulls);
  }
  return filled;
}

/** A null that the schema does not allow counts as left out. */
function isDropped(value: unknown, schema: Schema, nulls: Nulls): boolean {
  if (nulls === 'kept' && schema.default === undefined) return false;
  const isOpen = schema.type === undefined && schema['x-kubernetes-int-or-string'] !== true;
  return value === null && schema.nullable !== true && !isOpen;
}
