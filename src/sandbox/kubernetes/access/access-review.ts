import { isJsonObject, type JsonObject, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { ApiStatusError } from '../api-status-error.ts';
import { invalid } from '../schema/field-error.ts';
import { DISCOVERY, grantOf, isPathAllowed, rulesFor } from './rbac.ts';
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
  const { store, caller, door } = context;
  const refusal = door && reviewByFaults(door, caller.user, { plural, body });
  if (refusal !== undefined) return refusal;
  const spec = specOf(body);
  const status =
    plural === 'selfsubjectaccessreviews'
      ? accessStatus(context, spec)
      : rulesStatus(store, caller, spec);
  return answerTo(plural, spec, status);
}

/**
 * The answer to a review that asks for a right which a fault on command takes away: no, as to the request itself.
 * Undefined where no fault concerns it. For whoever stands in front of an API server, the embedded one or another.
 */
export function reviewByFaults(
  door: Door,
  user: string,
  { plural, body }: { readonly plural: string; readonly body: unknown },
): JsonObject | undefined {
  if (plural !== 'selfsubjectaccessreviews') return undefined;
  const spec = specOf(body);
  const wanted = objectOrEmpty(spec['resourceAttributes']);
  const verb = textOrEmpty(wanted['verb']);
  const resource = textOrEmpty(wanted['resource']);
  const isForbidden = resource !== '' && door.forbids({ user, verb, resource });
  return isForbidden ? answerTo(plural, spec, { allowed: false }) : undefined;
}

function specOf(body: unknown): JsonObject {
  return objectOrEmpty(objectOrEmpty(body)['spec']);
}

function answerTo(plural: keyof typeof REVIEWS, spec: JsonObject, status: JsonObject): JsonObject {
  return {
    kind: REVIEWS[plural],
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    // Rules are reviewed without saying again for where.
    spec: plural === 'selfsubjectrulesreviews' ? {} : spec,
    status,
  };
}

function accessStatus({ store, caller }: ReviewContext, spec: JsonObject): JsonObject {
  const wanted = spec['resourceAttributes'];
  const path = spec['nonResourceAttributes'];
  if (isJsonObject(wanted) === isJsonObject(path)) throw attributesMissing();
  if (!isJsonObject(wanted)) return pathStatus({ store, caller }, objectOrEmpty(path));
  const subresource = textOrEmpty(wanted['subresource']);
  const grant = grantOf(store, caller, {
    verb: textOrEmpty(wanted['verb']),
    group: textOrEmpty(wanted['group']),
    resource: textOrEmpty(wanted['resource']),
    namespace: textOrEmpty(wanted['namespace']),
    name: textOrEmpty(wanted['name']),
    ...(subresource !== '' && { subresource }),
  });
  if (grant === undefined) return { allowed: false };
  const { source } = grant;
  return { allowed: true, ...(source !== '' && { reason: `RBAC: allowed by ${source}` }) };
}

function pathStatus({ store, caller }: ReviewContext, path: JsonObject): JsonObject {
  const allowed = isPathAllowed(
    store,
    caller,
    textOrEmpty(path['verb']),
    textOrEmpty(path['path']),
  );
  return { allowed };
}

function attributesMissing(): ApiStatusError {
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  const field = 'spec.resourceAttributes';
  // The kind has no name in this answer.
  return invalid({ group: 'authorization.k8s.io', kind: '', name: '' }, [
    { type: 'FieldValueInvalid', field, value: null, detail },
  ]);
}

/** What everybody may do who comes in (ClusterRole system:basic-user). */
const BASIC = {
  verbs: ['create'],
  apiGroups: ['authorization.k8s.io'],
  resources: Object.keys(REVIEWS),
  resourceNames: [],
};

function rulesStatus(store: ObjectStore, caller: Caller, spec: JsonObject): JsonObject {
  const rules = rulesFor(store, caller, textOrEmpty(spec['namespace']));
  return {
    resourceRules: [...rules, BASIC]
      .filter((rule) => rule.resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length > 0 && { resourceNames }),
      })),
    nonResourceRules: [
      ...rules
        .filter((rule) => rule.nonResourceURLs.length > 0)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      { verbs: ['get'], nonResourceURLs: DISCOVERY },
    ],
    incomplete: false,
  };
}
