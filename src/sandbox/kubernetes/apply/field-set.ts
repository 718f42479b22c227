import { isJsonObject, jsonEqual, type JsonObject } from '../json.ts';
import { itemSchema, memberSchema, type Schema } from '../schema/schema.ts';

/**
 * A set of paths into an object, as `managedFields` holds it (`fieldsV1`): a tree whose edges are path elements,
 * `f:<member>`, `k:<keys as JSON>` (item of a list by key) or `v:<value as JSON>` (item of a set).
 * `present` says that the path to this node is itself in the set.
 */
export interface FieldSet {
  readonly present: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** The set without any path. */
export const EMPTY_SET: FieldSet = { present: false, children: new Map() };

/** The set that holds just the path to its own root. */
export const HERE: FieldSet = { present: true, children: new Map() };

export function isEmptySet(set: FieldSet): boolean {
  return !set.present && set.children.size === 0;
}

/** Builds a set, leaving out children that hold nothing. */
export function fieldSet(
  present: boolean,
  children: Iterable<readonly [string, FieldSet]>,
): FieldSet {
  return { present, children: new Map([...children].filter(([, child]) => !isEmptySet(child))) };
}

function combine(
  a: FieldSet,
  b: FieldSet,
  keep: (inA: boolean, inB: boolean) => boolean,
): FieldSet {
  const edges = new Set([...a.children.keys(), ...b.children.keys()]);
  return fieldSet(
    keep(a.present, b.present),
    [...edges].map((edge) => [
      edge,
      combine(a.children.get(edge) ?? EMPTY_SET, b.children.get(edge) ?? EMPTY_SET, keep),
    ]),
  );
}

/** Paths in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA || inB);
}

/** Paths in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB);
}

/** Paths in `a` only. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && !inB);
}

/** The set without a path and all that lies below it. */
export function dropBelow(set: FieldSet, path: readonly string[]): FieldSet {
  const [edge, ...rest] = path;
  if (edge === undefined) return EMPTY_SET;
  const child = set.children.get(edge);
  if (child === undefined) return set;
  const others = [...set.children].filter(([name]) => name !== edge);
  return fieldSet(set.present, [...others, [edge, dropBelow(child, rest)]]);
}

/** All paths of a set. */
export function* pathsOf(
  set: FieldSet,
  prefix: readonly string[] = [],
): Generator<readonly string[]> {
  if (set.present && prefix.length > 0) yield prefix;
  for (const [edge, child] of set.children) yield* pathsOf(child, [...prefix, edge]);
}

/** The JSON form, `fieldsV1`. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const members = [...set.children]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([edge, child]) => [edge, toFieldsV1(child)] as const);
  if (members.length === 0) return {};
  return { ...(set.present && { '.': {} }), ...Object.fromEntries(members) };
}

/** Reads `fieldsV1`: a node without members is itself in the set, others only with a `.`. */
export function fromFieldsV1(json: unknown): FieldSet {
  if (!isJsonObject(json)) return EMPTY_SET;
  const read = (node: JsonObject): FieldSet => {
    const edges = Object.entries(node).filter(([edge]) => edge !== '.');
    return fieldSet(
      '.' in node || edges.length === 0,
      edges.map(([edge, child]) => [edge, isJsonObject(child) ? read(child) : HERE]),
    );
  };
  return Object.keys(json).length === 0 ? EMPTY_SET : read(json);
}

/** A path as messages show it: `.spec.containers[name="a"].image`. */
export function formatPath(path: readonly string[]): string {
  return path
    .map((edge) => {
      const text = edge.slice(2);
      if (edge.startsWith('f:')) return `.${text}`;
      if (edge.startsWith('v:')) return `[=${text}]`;
      const keys = Object.entries(JSON.parse(text) as JsonObject);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

/** One part of an object or list that can be owned on its own. */
export interface Part {
  readonly edge: string;
  readonly value: unknown;
  readonly schema: Schema;
  /** True for members that a schema names: they are owned only with something inside them. */
  readonly named: boolean;
}

function itemEdge(item: unknown, schema: Schema): string {
  if (schema['x-kubernetes-list-type'] === 'set') return `v:${JSON.stringify(item)}`;
  const keys = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
  const values = keys.map((key) => [
    key,
    isJsonObject(item) ? (item[key] ?? itemSchema(schema).properties?.[key]?.default) : undefined,
  ]);
  return `k:${JSON.stringify(Object.fromEntries(values))}`;
}

/**
 * The parts of a value that are owned one by one, or undefined when the value is owned as a whole: scalars, null,
 * atomic lists and objects (lists are atomic unless the schema says otherwise), empty objects.
 */
export function partsOf(value: unknown, schema: Schema): readonly Part[] | undefined {
  if (Array.isArray(value)) {
    if (!['set', 'map'].includes(schema['x-kubernetes-list-type'] ?? '')) return undefined;
    return value.map((item: unknown) => ({
      edge: itemEdge(item, schema),
      value: item,
      schema: itemSchema(schema),
      named: false,
    }));
  }
  if (!isJsonObject(value) || schema['x-kubernetes-map-type'] === 'atomic') return undefined;
  return Object.entries(value).map(([member, inner]) => ({
    edge: `f:${member}`,
    value: inner,
    schema: memberSchema(schema, member) ?? {},
    named: schema.properties?.[member] !== undefined,
  }));
}

/** All paths that a value sets (structured-merge-diff's `ToFieldSet`). */
export function pathsSetBy(value: unknown, schema: Schema): FieldSet {
  const parts = partsOf(value, schema);
  if (parts === undefined) return HERE;
  return fieldSet(
    false,
    parts.map((part) => {
      const inner = pathsSetBy(part.value, part.schema);
      const isEmptyObject = isJsonObject(part.value) && Object.keys(part.value).length === 0;
      const own = inner.present || isEmptyObject || !part.named;
      return [part.edge, fieldSet(own, inner.children)];
    }),
  );
}

/** What differs between two values, path by path. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const NO_DIFFERENCE: Comparison = { added: EMPTY_SET, modified: EMPTY_SET, removed: EMPTY_SET };

/** All paths of a value, with the objects and items that hold them. */
function everyPath(value: unknown, schema: Schema): FieldSet {
  const parts = partsOf(value, schema) ?? [];
  return fieldSet(
    true,
    parts.map((part) => [part.edge, everyPath(part.value, part.schema)]),
  );
}

function isStructure(schema: Schema): boolean {
  return schema.title !== undefined && schema.type === 'object';
}

/** Compares two values (structured-merge-diff's `Compare`). */
export function compare(before: unknown, after: unknown, schema: Schema): Comparison {
  if (jsonEqual(before, after)) return NO_DIFFERENCE;
  if (before === undefined) return { ...NO_DIFFERENCE, added: everyPath(after, schema) };
  if (after === undefined) return { ...NO_DIFFERENCE, removed: everyPath(before, schema) };
  const partsBefore = partsOf(before, schema);
  const partsAfter = partsOf(after, schema);
  if (partsBefore === undefined || partsAfter === undefined) {
    return { ...NO_DIFFERENCE, modified: HERE };
  }
  const old = new Map(partsBefore.map((part) => [part.edge, part]));
  const now = new Map(partsAfter.map((part) => [part.edge, part]));
  const differences = [...new Set([...old.keys(), ...now.keys()])].map((edge) => {
    const schemaOfPart = (now.get(edge) ?? old.get(edge))?.schema ?? {};
    // The structures of built-in kinds are always there, if only empty.
    const absent = edge.startsWith('f:') && isStructure(schemaOfPart) ? {} : undefined;
    const [was, is] = [old.get(edge)?.value ?? absent, now.get(edge)?.value ?? absent];
    return [edge, compare(was, is, schemaOfPart)] as const;
  });
  const collect = (which: keyof Comparison): FieldSet =>
    fieldSet(
      false,
      differences.map(([edge, difference]) => [edge, difference[which]]),
    );
  return {
    added: collect('added'),
    modified: collect('modified'),
    removed: collect('removed'),
  };
}
