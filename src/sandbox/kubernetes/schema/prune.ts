import { isJsonObject, type JsonObject } from '../json.ts';
import { itemSchema, memberSchema, type Schema } from './schema.ts';

/** A value without what its schema does not know, and the paths of what was dropped. */
export interface Pruned {
  readonly value: unknown;
  readonly unknown: readonly string[];
}

/** Drops members that the schema does not know, as the API server does with custom resources. */
export function prune(value: unknown, schema: Schema): Pruned {
  const unknown: string[] = [];
  return { value: pruneAt(value, schema, '', unknown), unknown };
}

function pruneAt(value: unknown, schema: Schema, path: string, unknown: string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      pruneAt(item, itemSchema(schema), `${path}[${index}]`, unknown),
    );
  }
  if (!isJsonObject(value)) return value;
  const kept: JsonObject = {};
  for (const [member, inner] of Object.entries(value)) {
    const memberPath = path === '' ? member : `${path}.${member}`;
    const known = memberSchema(schema, member);
    if (known === undefined) unknown.push(memberPath);
    else kept[member] = pruneAt(inner, known, memberPath, unknown);
  }
  return kept;
}
