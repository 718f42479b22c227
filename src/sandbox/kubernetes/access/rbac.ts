import type { KubeObject } from '../../../model/kube-object.ts';
import { ApiStatusError, qualified } from '../api-status-error.ts';
import { type JsonObject, listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Caller } from '../request.ts';
import { MASTERS } from './users.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** What somebody wants to do. `namespace` is empty for the cluster scope, `name` for collections. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace: string;
  readonly name: string;
}

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
  /** Who gave the right, as the answer to a review names it; empty for those who may do everything. */
  readonly source: string;
}

function texts(value: unknown): readonly string[] {
  return listOrEmpty(value).map(textOrEmpty);
}

function rulesOf(role: KubeObject | undefined, source: string): readonly PolicyRule[] {
  return listOrEmpty(role?.['rules'])
    .map(objectOrEmpty)
    .map((rule) => ({
      verbs: texts(rule['verbs']),
      apiGroups: texts(rule['apiGroups']),
      resources: texts(rule['resources']),
      resourceNames: texts(rule['resourceNames']),
      nonResourceURLs: texts(rule['nonResourceURLs']),
      source,
    }));
}

function subjectOf(caller: Caller, binding: KubeObject): JsonObject | undefined {
  return listOrEmpty(binding['subjects'])
    .map(objectOrEmpty)
    .find(({ kind, name, namespace }) => {
      switch (kind) {
        case 'User':
          return name === caller.user;
        case 'Group':
          return caller.groups.includes(textOrEmpty(name));
        case 'ServiceAccount':
          return (
            caller.user === `system:serviceaccount:${textOrEmpty(namespace)}:${textOrEmpty(name)}`
          );
        default:
          return false;
      }
    });
}

/** All rules that concern a caller in a namespace (empty: at the cluster scope). */
export function rulesFor(
  store: ObjectStore,
  caller: Caller,
  namespace: string,
): readonly PolicyRule[] {
  if (caller.groups.includes(MASTERS)) {
    const all = ['*'];
    const everything = { verbs: all, apiGroups: all, resources: all, nonResourceURLs: all };
    return [{ ...everything, resourceNames: [], source: '' }];
  }
  const bindings = [
    ...store.list(`clusterrolebindings.${GROUP}`),
    ...(namespace === '' ? [] : store.list(`rolebindings.${GROUP}`, namespace)),
  ];
  return bindings.flatMap((binding) => {
    const subject = subjectOf(caller, binding);
    if (subject === undefined) return [];
    const { kind, name } = objectOrEmpty(binding['roleRef']);
    const role =
      kind === 'ClusterRole'
        ? store.get(`clusterroles.${GROUP}`, '', textOrEmpty(name))
        : store.get(`roles.${GROUP}`, namespace, textOrEmpty(name));
    return rulesOf(role, sourceOf(binding, subject));
  });
}

/** `RoleBinding "name/namespace" of Role "role" to User "who"`. */
function sourceOf({ kind, metadata, roleRef }: KubeObject, subject: JsonObject): string {
  const role = objectOrEmpty(roleRef);
  const where = metadata.namespace === undefined ? '' : `/${metadata.namespace}`;
  const whom = textOrEmpty(subject['name']);
  const home = textOrEmpty(subject['namespace']);
  return `${kind} "${metadata.name}${where}" of ${textOrEmpty(role['kind'])} "${textOrEmpty(role['name'])}" to ${textOrEmpty(subject['kind'])} "${home === '' ? whom : `${whom}/${home}`}"`;
}

function allows(rule: PolicyRule, wanted: Attributes): boolean {
  const has = (list: readonly string[], value: string): boolean =>
    list.includes('*') || list.includes(value);
  const { subresource } = wanted;
  const resource =
    subresource === undefined ? wanted.resource : `${wanted.resource}/${subresource}`;
  const named = rule.resourceNames.length === 0 || rule.resourceNames.includes(wanted.name);
  const resources = has(rule.resources, resource);
  const anySubresource = subresource !== undefined && rule.resources.includes(`*/${subresource}`);
  return (
    has(rule.verbs, wanted.verb) &&
    has(rule.apiGroups, wanted.group) &&
    (resources || anySubresource) &&
    named
  );
}

/** The rule by which RBAC lets a caller do something, or undefined. */
export function grantOf(
  store: ObjectStore,
  caller: Caller,
  wanted: Attributes,
): PolicyRule | undefined {
  return rulesFor(store, caller, wanted.namespace).find((rule) => allows(rule, wanted));
}

/** Throws 403 with the text of the real one when RBAC says no. */
function assertAllowed(store: ObjectStore, caller: Caller, wanted: Attributes): void {
  if (grantOf(store, caller, wanted) !== undefined) return;
  const { group, name, namespace, subresource } = wanted;
  const resource =
    subresource === undefined ? wanted.resource : `${wanted.resource}/${subresource}`;
  const what = qualified({ group, plural: wanted.resource });
  const subject = name === '' ? what : `${what} "${name}"`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw new ApiStatusError(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${caller.user}" cannot ${wanted.verb} resource "${resource}" in API group "${group}" ${where}`,
    { ...(name !== '' && { name }), ...(group !== '' && { group }), kind: wanted.resource },
  );
}

/** What a request is about, whether or not there is such a kind. `namespace` and `name` are empty where there is none. */
export interface AccessAddress {
  readonly group: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource?: string;
}

/** Throws 403 when a caller may not do something. A namespace lies within itself. */
export function authorize(
  store: ObjectStore,
  caller: Caller,
  verb: string,
  { plural, namespace, ...address }: AccessAddress,
): void {
  const isNamespace = plural === 'namespaces' && address.group === '';
  assertAllowed(store, caller, {
    ...address,
    verb,
    resource: plural,
    namespace: isNamespace ? address.name : namespace,
  });
}

/** What everybody may read who comes in (ClusterRole system:discovery). */
export const DISCOVERY = [
  ...['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*'],
  ...['/readyz', '/version', '/version/'],
];

function covers(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

/** Whether a caller may do something with a path that names no resource. */
export function isPathAllowed(
  store: ObjectStore,
  caller: Caller,
  verb: string,
  path: string,
): boolean {
  const isDiscovery = verb === 'get' && DISCOVERY.some((pattern) => covers(pattern, path));
  return (
    isDiscovery ||
    rulesFor(store, caller, '').some(
      ({ verbs, nonResourceURLs }) =>
        (verbs.includes('*') || verbs.includes(verb)) &&
        nonResourceURLs.some((pattern) => covers(pattern, path)),
    )
  );
}

/** Throws 403 when a caller may not read a path that names no resource. */
export function authorizePath(store: ObjectStore, caller: Caller, path: string): void {
  if (isPathAllowed(store, caller, 'get', path)) return;
  const message = `forbidden: User "${caller.user}" cannot get path "${path}"`;
  throw new ApiStatusError(403, 'Forbidden', message, {});
}
