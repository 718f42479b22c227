import { isJsonObject, jsonKind } from '../json.ts';
import { itemSchema, memberSchema, type Schema } from './schema.ts';

/** Where a value stands in a Go structure. */
interface GoPlace {
  /** Name of the structure that has the field. */
  readonly struct: string;
  /** Path of the field from the root. */
  readonly path: string;
}

const BASE64 = /^[A-Za-z0-9+/\r\n]*={0,2}$/;
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Why encoding/json could not put a value into the Go structure that a schema describes; undefined when it could. Kinds of
 * Kubernetes' own, and the metadata of all, are decoded like this before any rule looks at them.
 */
export function goDecodingProblem(
  value: unknown,
  schema: Schema,
  place: GoPlace,
): string | undefined {
  if (value === null || value === undefined || isOpen(schema)) return undefined;
  if (schema.type === 'object' || schema.type === 'array') {
    return holderProblem(value, schema, place);
  }
  if (schema.type !== typeof value) {
    return typeof value === 'number'
      ? numberProblem(value, schema, place)
      : mismatch(value, schema, place);
  }
  return typeof value === 'string' ? textProblem(value, schema) : undefined;
}

function holderProblem(value: unknown, schema: Schema, place: GoPlace): string | undefined {
  if (schema.type === 'object' && isJsonObject(value)) return memberProblem(value, schema, place);
  if (schema.type === 'array' && Array.isArray(value)) {
    return firstOf(value, (item) => goDecodingProblem(item, itemSchema(schema), place));
  }
  return mismatch(value, schema, place);
}

function isOpen(schema: Schema): boolean {
  return schema.type === undefined || schema['x-kubernetes-int-or-string'] === true;
}

function firstOf<T>(
  items: readonly T[],
  problemOf: (item: T) => string | undefined,
): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function memberProblem(
  object: Readonly<Record<string, unknown>>,
  schema: Schema,
  place: GoPlace,
): string | undefined {
  const isMap = typeof schema.additionalProperties === 'object';
  return firstOf(Object.entries(object), ([member, value]) => {
    const known = memberSchema(schema, member);
    if (known === undefined) return undefined;
    const path = place.path === '' ? member : `${place.path}.${member}`;
    return goDecodingProblem(value, known, isMap ? place : { struct: schema.title ?? '', path });
  });
}

function numberProblem(value: number, schema: Schema, place: GoPlace): string | undefined {
  if (schema.type !== 'integer') return mismatch(value, schema, place);
  if (Number.isInteger(value)) return undefined;
  return `json: cannot unmarshal number ${value} into Go struct field ${place.struct}.${place.path} of type ${goType(schema)}`;
}

function textProblem(text: string, { format, title }: Schema): string | undefined {
  if (format === 'byte' && !(BASE64.test(text) && text.length % 4 === 0)) {
    const wrong = text.search(/[^A-Za-z0-9+/\r\n]/);
    return `illegal base64 data at input byte ${wrong === -1 ? text.length : wrong}`;
  }
  if (format !== 'date-time' || RFC3339.test(text)) return undefined;
  const layout =
    title === 'MicroTime' ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00';
  return `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(text)} as "2006"`;
}

function mismatch(value: unknown, schema: Schema, { struct, path }: GoPlace): string {
  const found = jsonKind(value);
  return `json: cannot unmarshal ${found} into Go struct field ${struct}.${path} of type ${goType(schema)}`;
}

function goType(schema: Schema): string {
  if (schema.title !== undefined) return `v1.${schema.title}`;
  if (schema.type === 'array') return `[]${goType(itemSchema(schema))}`;
  if (schema.type === 'object') return `map[string]${goType(memberSchema(schema, '') ?? {})}`;
  if (schema.type === 'boolean') return 'bool';
  if (schema.type === 'integer') return schema.format ?? 'int64';
  return schema.format === 'byte' ? '[]uint8' : 'string';
}
