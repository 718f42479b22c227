import type { PolicyRule } from '../leaves/leaf-roles.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';

function rbac(kind: string, plural: string, namespaced: boolean): ResourceKind {
  return { apiVersion: RBAC, kind, plural, namespaced };
}

const CLUSTER_ROLE = rbac('ClusterRole', 'clusterroles', false);
const CLUSTER_ROLE_BINDING = rbac('ClusterRoleBinding', 'clusterrolebindings', false);
const ROLE = rbac('Role', 'roles', true);
const ROLE_BINDING = rbac('RoleBinding', 'rolebindings', true);

/** What one user may do: everywhere, and in single namespaces. */
export interface Grants {
  readonly cluster: readonly PolicyRule[];
  readonly namespaces: Readonly<Record<string, readonly PolicyRule[]>>;
}

/** Roles and bindings, named after the user, that give a user these rights. */
export function rbacObjects(
  user: string,
  grants: Grants,
): readonly { readonly kind: ResourceKind; readonly object: KubeObject }[] {
  return [
    ...pair(user, grants.cluster, undefined),
    ...Object.entries(grants.namespaces).flatMap(([namespace, rules]) =>
      pair(user, rules, namespace),
    ),
  ];
}

function pair(
  user: string,
  rules: readonly PolicyRule[],
  namespace: string | undefined,
): readonly { readonly kind: ResourceKind; readonly object: KubeObject }[] {
  const [role, binding] =
    namespace === undefined ? [CLUSTER_ROLE, CLUSTER_ROLE_BINDING] : [ROLE, ROLE_BINDING];
  const metadata = namespace === undefined ? { name: user } : { name: user, namespace };
  const apiGroup = 'rbac.authorization.k8s.io';
  return [
    { kind: role, object: { apiVersion: RBAC, kind: role.kind, metadata, rules } },
    {
      kind: binding,
      object: {
        apiVersion: RBAC,
        kind: binding.kind,
        metadata,
        roleRef: { apiGroup, kind: role.kind, name: user },
        subjects: [{ apiGroup, kind: 'User', name: user }],
      },
    },
  ];
}
