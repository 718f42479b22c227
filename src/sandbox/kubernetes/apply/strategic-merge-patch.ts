import { badRequest } from '../api-status-error.ts';
import { isJsonObject, jsonEqual, type JsonObject } from '../json.ts';

/**
 * By which member the items of the core kinds' lists are told apart, by the name of the list
 * (`patchMergeKey` in k8s.io/api). Lists that are not named are replaced as a whole.
 */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  ephemeralContainers: ['name'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  ownerReferences: ['uid'],
  ports: ['containerPort', 'port'],
  secrets: ['name'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
};

const DELETE_FROM = '$deleteFromPrimitiveList/';

function mergeObject(live: JsonObject, patch: JsonObject): JsonObject {
  if (patch['$patch'] === 'replace') {
    return Object.fromEntries(Object.entries(patch).filter(([member]) => member !== '$patch'));
  }
  const merged: JsonObject = { ...live };
  for (const [member, inner] of Object.entries(patch)) {
    if (member.startsWith(DELETE_FROM)) {
      const list = member.slice(DELETE_FROM.length);
      merged[list] = withoutItems(merged[list], inner);
    } else if (member.startsWith('$')) {
      continue; // $setElementOrder and $retainKeys only order and tidy what is merged anyway
    } else if (inner === null) {
      Reflect.deleteProperty(merged, member);
    } else {
      merged[member] = mergeMember(member, merged[member], inner);
    }
  }
  return merged;
}

function withoutItems(list: unknown, dropped: unknown): unknown {
  if (!Array.isArray(list) || !Array.isArray(dropped)) return list;
  return list.filter((item) => !dropped.some((gone) => jsonEqual(gone, item)));
}

function mergeMember(member: string, live: unknown, patch: unknown): unknown {
  if (isJsonObject(patch)) return mergeObject(isJsonObject(live) ? live : {}, patch);
  if (!Array.isArray(patch)) return patch;
  const items: readonly unknown[] = Array.isArray(live) ? live : [];
  if (member === 'finalizers') return [...new Set<unknown>([...items, ...(patch as unknown[])])];
  const keys = MERGE_KEYS[member];
  return keys === undefined ? patch : mergeItems(items, patch, keys);
}

function mergeItems(
  live: readonly unknown[],
  patch: readonly unknown[],
  keys: readonly string[],
): readonly unknown[] {
  let merged = patch.some((item) => isJsonObject(item) && item['$patch'] === 'replace')
    ? []
    : [...live];
  for (const item of patch) {
    if (!isJsonObject(item)) throw badRequest('error decoding patch: an item is not an object');
    const key = keys.find((name) => name in item);
    if (key === undefined) continue;
    const same = (other: unknown): boolean => isJsonObject(other) && other[key] === item[key];
    const old = merged.find(same);
    if (item['$patch'] === 'delete') merged = merged.filter((other) => !same(other));
    else if (isJsonObject(old)) merged[merged.indexOf(old)] = mergeObject(old, item);
    else merged.push(item);
  }
  return merged;
}

/** Strategic merge patch, as kubectl sends it for core kinds. */
export function strategicMergePatch(live: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch) || !isJsonObject(live)) {
    throw badRequest('error decoding patch: it is not an object');
  }
  return mergeObject(live, patch);
}
