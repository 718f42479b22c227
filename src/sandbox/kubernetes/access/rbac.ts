import type { KubeObject } from '../../../model/kube-object.ts';
import { ApiStatusError, qualified } from '../api-status-error.ts';
import { listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Caller, Target } from '../request.ts';
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
}

function texts(value: unknown): readonly string[] {
  return listOrEmpty(value).map(textOrEmpty);
}

function rulesOf(role: KubeObject | undefined): readonly PolicyRule[] {
  return listOrEmpty(role?.['rules'])
    .map(objectOrEmpty)
    .map((rule) => ({
      verbs: texts(rule['verbs']),
      apiGroups: texts(rule['apiGroups']),
      resources: texts(rule['resources']),
      resourceNames: texts(rule['resourceNames']),
      nonResourceURLs: texts(rule['nonResourceURLs']),
    }));
}

function isSubject(caller: Caller, binding: KubeObject): boolean {
  return listOrEmpty(binding['subjects'])
    .map(objectOrEmpty)
    .some(({ kind, name, namespace }) => {
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
    return [
      { verbs: all, apiGroups: all, resources: all, resourceNames: [], nonResourceURLs: all },
    ];
  }
  const bindings = [
    ...store.list(`clusterrolebindings.${GROUP}`),
    ...(namespace === '' ? [] : store.list(`rolebindings.${GROUP}`, namespace)),
  ];
  return bindings
    .filter((binding) => isSubject(caller, binding))
    .flatMap((binding) => {
      const { kind, name } = objectOrEmpty(binding['roleRef']);
      const role =
        kind === 'ClusterRole'
          ? store.get(`clusterroles.${GROUP}`, '', textOrEmpty(name))
          : store.get(`roles.${GROUP}`, namespace, textOrEmpty(name));
      return rulesOf(role);
    });
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

/** Whether RBAC lets a caller do something. */
export function isAllowed(store: ObjectStore, caller: Caller, wanted: Attributes): boolean {
  return rulesFor(store, caller, wanted.namespace).some((rule) => allows(rule, wanted));
}

/** Throws 403 with the text of the real one when RBAC says no. */
function assertAllowed(store: ObjectStore, caller: Caller, wanted: Attributes): void {
  if (isAllowed(store, caller, wanted)) return;
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

/** Throws 403 when a caller may not do something to a target. A namespace lies within itself. */
export function authorize(store: ObjectStore, caller: Caller, verb: string, target: Target): void {
  const { resource, namespace, name, subresource } = target;
  assertAllowed(store, caller, {
    verb,
    group: resource.group,
    resource: resource.plural,
    namespace: resource.kind === 'Namespace' && resource.group === '' ? name : namespace,
    name,
    ...(subresource !== undefined && { subresource }),
  });
}
