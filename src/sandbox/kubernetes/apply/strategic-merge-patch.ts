import { ApiStatusError, badRequest } from '../api-status-error.ts';
import {
  isJsonObject,
  jsonEqual,
  jsonKind,
  type JsonObject,
  textOrEmpty,
  without,
} from '../json.ts';
import { itemSchema, memberSchema, type Schema } from '../schema/schema.ts';

const DELETE_FROM = '$deleteFromPrimitiveList/';
const DIRECTIVES = ['replace', 'delete', 'merge'];

function mergeObject(live: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  const directive = directiveOf(patch);
  const content = without(patch, '$patch');
  if (directive === 'replace') return content;
  if (directive === 'delete') return {};
  const merged: JsonObject = { ...live };
  for (const [member, inner] of Object.entries(content)) {
    if (member.startsWith(DELETE_FROM)) {
      const list = member.slice(DELETE_FROM.length);
      merged[list] = withoutItems(merged[list], inner);
    } else if (member.startsWith('$')) {
      continue; // $setElementOrder and $retainKeys only order and tidy what is merged anyway
    } else if (inner === null) {
      Reflect.deleteProperty(merged, member);
    } else {
      merged[member] = mergeMember(merged[member], inner, memberSchema(schema, member) ?? {});
    }
  }
  return merged;
}

function directiveOf(patch: JsonObject): string {
  const directive = textOrEmpty(patch['$patch']);
  if (directive === '' || DIRECTIVES.includes(directive)) return directive;
  const shown = `map[$patch:${directive}]`;
  throw new ApiStatusError(500, undefined, `unknown patch type: ${directive} in map: ${shown}`);
}

function withoutItems(list: unknown, dropped: unknown): unknown {
  if (!Array.isArray(list) || !Array.isArray(dropped)) return list;
  return list.filter((item) => !dropped.some((gone) => jsonEqual(gone, item)));
}

function mergeMember(live: unknown, patch: unknown, schema: Schema): unknown {
  if (isJsonObject(patch)) return mergeObject(isJsonObject(live) ? live : {}, patch, schema);
  if (!Array.isArray(patch)) return patch;
  const items: readonly unknown[] = Array.isArray(live) ? live : [];
  if (schema['x-kubernetes-patch-strategy']?.includes('merge') !== true) return patch;
  const key = schema['x-kubernetes-patch-merge-key'];
  if (key === undefined) return [...new Set<unknown>([...items, ...(patch as unknown[])])];
  return mergeItems(items, patch, { key, schema: itemSchema(schema) });
}

interface ListRule {
  /** The member by which items are told apart. */
  readonly key: string;
  readonly schema: Schema;
}

function mergeItems(
  live: readonly unknown[],
  patch: readonly unknown[],
  { key, schema }: ListRule,
): readonly unknown[] {
  let merged = patch.some((item) => isJsonObject(item) && item['$patch'] === 'replace')
    ? []
    : [...live];
  for (const item of patch) {
    if (!isJsonObject(item)) throw badRequest('error decoding patch: an item is not an object');
    if (!(key in item)) continue;
    const same = (other: unknown): boolean => isJsonObject(other) && other[key] === item[key];
    const old = merged.find(same);
    if (item['$patch'] === 'delete') merged = merged.filter((other) => !same(other));
    else if (isJsonObject(old)) merged[merged.indexOf(old)] = mergeObject(old, item, schema);
    else merged.push(item);
  }
  return merged;
}

/** Strategic merge patch, as kubectl sends it for built-in kinds, by what their schemas say of lists. */
export function strategicMergePatch(live: unknown, patch: unknown, schema: Schema): unknown {
  if (!isJsonObject(patch) || !isJsonObject(live)) {
    throw badRequest(
      `json: cannot unmarshal ${jsonKind(patch)} into Go value of type map[string]interface {}`,
    );
  }
  return mergeObject(live, patch, schema);
}
