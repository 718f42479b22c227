import { isJsonObject, type JsonObject, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { isAllowed, rulesFor } from './rbac.ts';
import { REVIEWS } from './reviews.ts';
import type { Caller } from '../request.ts';
import type { Door } from './door.ts';

/** Who asks, and whom. */
export interface ReviewContext {
  readonly store: ObjectStore;
  readonly caller: Caller;
  /** Where faults on command take rights away; left out for callers whom no fault concerns. */
  readonly door?: Door | undefined;
}

/** Answers a review: the body with its status filled in. */
export function review(
  context: ReviewContext,
  plural: keyof typeof REVIEWS,
  body: unknown,
): JsonObject {
  const { store, caller } = context;
  const spec = objectOrEmpty(objectOrEmpty(body)['spec']);
  const status =
    plural === 'selfsubjectaccessreviews'
      ? accessStatus(context, spec)
      : rulesStatus(store, caller, spec);
  const apiVersion = 'authorization.k8s.io/v1';
  return { kind: REVIEWS[plural], apiVersion, metadata: { creationTimestamp: null }, spec, status };
}

function accessStatus({ store, caller, door }: ReviewContext, spec: JsonObject): JsonObject {
  const wanted = spec['resourceAttributes'];
  // Paths that name no resource (discovery, version) are open to everybody who comes in.
  if (!isJsonObject(wanted)) return { allowed: true };
  const subresource = textOrEmpty(wanted['subresource']);
  const verb = textOrEmpty(wanted['verb']);
  const resource = textOrEmpty(wanted['resource']);
  if (door?.forbids({ user: caller.user, verb, resource }) === true) return { allowed: false };
  const allowed = isAllowed(store, caller, {
    verb,
    group: textOrEmpty(wanted['group']),
    resource,
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
