import type { KubeObject } from '../../../model/kube-object.ts';
import { badRequest, unsupportedMediaType } from '../api-status-error.ts';
import { isJsonObject, jsonKind, type JsonObject } from '../json.ts';
import { jsonPatch } from './json-patch.ts';
import type { Resource } from '../store/resource.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

/** Kinds of patches that change an object as it is; server-side apply is another thing (field-manager.ts). */
export type PatchType = 'json' | 'merge' | 'strategic';

/** The object after a patch. Throws 415 for strategic merge patches on custom resources, 400, 422. */
export function patched(
  live: KubeObject,
  type: PatchType,
  body: unknown,
  resource: Resource,
): unknown {
  switch (type) {
    case 'json':
      return jsonPatch(live, body);
    case 'merge':
      return mergePatch(live, mergeBody(body));
    case 'strategic':
      if (!resource.custom) return strategicMergePatch(live, body, resource.schema);
      throw unsupportedMediaType([
        'application/json-patch+json',
        'application/merge-patch+json',
        'application/apply-patch+yaml',
      ]);
  }
}

function mergeBody(body: unknown): JsonObject {
  if (isJsonObject(body)) return body;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${jsonKind(body)} into Go value of type map[string]interface {}`,
  );
}

/** JSON merge patch (RFC 7386). */
function mergePatch(value: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged: JsonObject = isJsonObject(value) ? { ...value } : {};
  for (const [member, inner] of Object.entries(patch)) {
    if (inner === null) Reflect.deleteProperty(merged, member);
    else merged[member] = mergePatch(merged[member], inner);
  }
  return merged;
}
