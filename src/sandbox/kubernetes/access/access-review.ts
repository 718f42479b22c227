import { isJsonObject, type JsonObject, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { isAllowed, rulesFor } from './rbac.ts';
import type { Caller } from '../request.ts';

/** The kinds that answer questions about the caller's rights; they are created and never stored. */
export const REVIEWS = {
  selfsubjectaccessreviews: 'SelfSubjectAccessReview',
  selfsubjectrulesreviews: 'SelfSubjectRulesReview',
} as const;

/** True for the plural name of a review. */
export function isReview(plural: string): plural is keyof typeof REVIEWS {
  return Object.hasOwn(REVIEWS, plural);
}

/** Answers a review: the body with its status filled in. */
export function review(
  store: ObjectStore,
  caller: Caller,
  plural: keyof typeof REVIEWS,
  body: unknown,
): JsonObject {
  const spec = objectOrEmpty(objectOrEmpty(body)['spec']);
  const status =
    plural === 'selfsubjectaccessreviews'
      ? accessStatus(store, caller, spec)
      : rulesStatus(store, caller, spec);
  const apiVersion = 'authorization.k8s.io/v1';
  return { kind: REVIEWS[plural], apiVersion, metadata: { creationTimestamp: null }, spec, status };
}

function accessStatus(store: ObjectStore, caller: Caller, spec: JsonObject): JsonObject {
  const wanted = spec['resourceAttributes'];
  // Paths that name no resource (discovery, version) are open to everybody who comes in.
  if (!isJsonObject(wanted)) return { allowed: true };
  const subresource = textOrEmpty(wanted['subresource']);
  const allowed = isAllowed(store, caller, {
    verb: textOrEmpty(wanted['verb']),
    group: textOrEmpty(wanted['group']),
    resource: textOrEmpty(wanted['resource']),
    namespace: textOrEmpty(wanted['namespace']),
    name: textOrEmpty(wanted['name']),
    ...(subresource !== '' && { subresource }),
  });
  return { allowed, ...(allowed && { reason: 'RBAC: allowed' }) };
}

function rulesStatus(store: ObjectStore, caller: Caller, spec: JsonObject): JsonObject {
  const rules = rulesFor(store, caller, textOrEmpty(spec['namespace']));
  return {
    resourceRules: rules
      .filter((rule) => rule.resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length > 0 && { resourceNames }),
      })),
    nonResourceRules: rules
      .filter((rule) => rule.nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
}
