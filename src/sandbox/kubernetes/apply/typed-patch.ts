import { typedPatchFailed } from '../api-status-error.ts';
import { partsOf, formatPath } from './field-set.ts';
import { isJsonObject, textOrEmpty, type JsonObject } from '../json.ts';
import { itemSchema, memberSchema, type Schema } from '../schema/schema.ts';

/** A value as Go prints it with `%v`. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isJsonObject(value)) {
    return `map[${Object.entries(value)
      .map(([key, inner]) => `${key}:${goText(inner)}`)
      .join(' ')}]`;
  }
  return String(value);
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isJsonObject(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goLiteral(value: unknown): string {
  return `&value.valueUnstructured{Value:${typeof value === 'string' ? JSON.stringify(value) : goText(value)}}`;
}

type Problems = string[];

/** What is wrong with the type of a scalar, or nothing. */
function scalarProblem(value: unknown, type: string | undefined): string | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? undefined : `expected string, got ${goLiteral(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goText(value)}}`;
    case 'integer':
    case 'number':
      return typeof value === 'number'
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`;
    case undefined:
    default:
      return undefined;
  }
}

function checkDuplicates(
  list: readonly unknown[],
  schema: Schema,
  path: string,
  problems: Problems,
): void {
  if (schema['x-kubernetes-list-type'] === 'map' && checkKeys(list, schema, path, problems)) return;
  const seen = new Set<string>();
  for (const { edge } of partsOf(list, schema) ?? []) {
    if (seen.has(edge)) problems.push(`${path}: duplicate entries for key ${formatPath([edge])}`);
    seen.add(edge);
  }
}

/** True when an item has none of the keys by which the items are told apart. */
function checkKeys(
  list: readonly unknown[],
  schema: Schema,
  path: string,
  problems: Problems,
): boolean {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const defaults = itemSchema(schema).properties ?? {};
  const index = list.findIndex(
    (item) =>
      isJsonObject(item) &&
      keys.every((key) => item[key] === undefined && defaults[key]?.default === undefined),
  );
  if (index === -1) return false;
  const names = keys.map((key) => JSON.stringify(key)).join(' ');
  problems.push(
    `${path}: element ${index}: associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  );
  return true;
}

function check(value: unknown, schema: Schema, path: string, problems: Problems): void {
  if (value === null || schema['x-kubernetes-int-or-string'] === true) return;
  const type = schema.type ?? kindOf(value);
  if (type === 'array') {
    checkList(value, schema, path, problems);
    return;
  }
  if (type === 'object') {
    checkMap(value, schema, path, problems);
    return;
  }
  const problem = scalarProblem(value, schema.type);
  if (problem !== undefined) problems.push(`${path}: ${problem}`);
}

function kindOf(value: unknown): 'array' | 'object' | 'scalar' {
  if (Array.isArray(value)) return 'array';
  return isJsonObject(value) ? 'object' : 'scalar';
}

function checkList(value: unknown, schema: Schema, path: string, problems: Problems): void {
  if (!Array.isArray(value)) {
    problems.push(`${path}: expected list, got &{${goText(value)}}`);
    return;
  }
  value.forEach((item, index) => check(item, itemSchema(schema), `${path}[${index}]`, problems));
  checkDuplicates(value, schema, path, problems);
}

function checkMap(value: unknown, schema: Schema, path: string, problems: Problems): void {
  if (!isJsonObject(value)) {
    problems.push(`${path}: expected map, got &{${goText(value)}}`);
    return;
  }
  for (const [member, inner] of Object.entries(value)) {
    const known = memberSchema(schema, member);
    if (known === undefined) problems.push(`${path}.${member}: field not declared in schema`);
    else check(inner, known, `${path}.${member}`, problems);
  }
}

/**
 * What server-side apply checks before it looks at anything else: types and unknown fields.
 * Throws HTTP 500 as the real one does (probes/k-invalid.txt).
 */
export function assertTypedPatch(patch: JsonObject, schema: Schema): void {
  const problems: Problems = [];
  check(patch, schema, '', problems);
  if (problems.length === 0) return;
  const metadata = isJsonObject(patch['metadata']) ? patch['metadata'] : {};
  const namespace = textOrEmpty(metadata['namespace']);
  const name = textOrEmpty(metadata['name']);
  const given = textOrEmpty(patch['apiVersion']);
  const apiVersion = given.includes('/') ? given : `/${given}`;
  const object = `${namespace}/${name}; ${apiVersion}, Kind=${textOrEmpty(patch['kind'])}`;
  const list =
    problems.length === 1
      ? problems.join('')
      : `errors:\n${problems
          .sort()
          .map((problem) => `  ${problem}`)
          .join('\n')}`;
  throw typedPatchFailed(`failed to create typed patch object (${object}): ${list}`);
}
