import { parseAllDocuments } from 'yaml';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { leafManifest } from '../../src/leaves/leaf-manifest.ts';
import type { PolicyRule } from '../../src/leaves/leaf-roles.ts';
import type { LeafScope } from '../../src/liqo/leaf-rules.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import { type GrantedRight, rightsIn } from './granted-right.ts';
import { signal } from './scenario-wait.ts';

function rbacKind(kind: string, namespaced: boolean): ResourceKind {
  const plural = `${kind.toLowerCase()}s`;
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, plural, namespaced };
}

const KINDS: Readonly<Record<string, ResourceKind>> = {
  Namespace: NAMESPACE,
  ClusterRole: rbacKind('ClusterRole', false),
  ClusterRoleBinding: rbacKind('ClusterRoleBinding', false),
  Role: rbacKind('Role', true),
  RoleBinding: rbacKind('RoleBinding', true),
};

const ROLE_KINDS = Object.values(KINDS).filter((kind) => kind !== NAMESPACE);

export interface LeafGrant {
  readonly scope: LeafScope;
  readonly peers?: readonly string[];
  readonly user?: string;
  /** Another manifest than the one that is made for the scope and the peers. */
  readonly manifest?: string;
  /** Which single rights are left out. */
  readonly without?: (right: GrantedRight) => boolean;
}

/** Everything that a leaf's administrator applies for a scope: the manifest of the product, and nothing else. */
export function grantObjects(grant: LeafGrant): readonly KubeObject[] {
  const { scope, peers = [], user = 'liqo-shortcuts', without = () => false } = grant;
  const subject = { kind: 'User', name: user } as const;
  const text =
    grant.manifest ?? leafManifest({ scope, peers, liqoNamespace: 'liqo', subject, intro: [] });
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubeObject)
    .map((object) => withoutRights(object, without));
}

/** The single rights that a grant gives. */
export function rightsOf(grant: LeafGrant): readonly GrantedRight[] {
  return grantObjects(grant).flatMap((object) =>
    ((object['rules'] ?? []) as readonly PolicyRule[]).flatMap((rule) =>
      rightsIn(rule, object.metadata.namespace),
    ),
  );
}

function withoutRights(object: KubeObject, without: (right: GrantedRight) => boolean): KubeObject {
  if (object['rules'] === undefined) return object;
  const rules = (object['rules'] as readonly PolicyRule[]).flatMap((rule) =>
    rightsIn(rule, object.metadata.namespace)
      .filter((right) => !without(right))
      .map(({ verb, group, resource }) => ({
        ...rule,
        apiGroups: [group],
        resources: [resource],
        verbs: [verb],
      })),
  );
  return { ...object, rules };
}

/** As the leaf's administrator: takes every role of the user away, and applies the grant's. */
export async function grantRights(admin: KubeClient, grant: LeafGrant): Promise<void> {
  await revokeRights(admin, grant.user);
  await changeRights(admin, grant);
}

/** The same for another grant of the same scope, at no moment without the rights that both have. */
export async function changeRights(admin: KubeClient, grant: LeafGrant): Promise<void> {
  for (const object of grantObjects(grant)) {
    const kind = KINDS[object.kind];
    if (kind === undefined) throw new Error(`unknown kind "${object.kind}"`);
    await admin.apply(kind, object, { force: true, signal });
  }
}

/** Takes every role of the user away: in one namespace, or everywhere. */
export async function revokeRights(
  admin: KubeClient,
  user = 'liqo-shortcuts',
  namespace?: string,
): Promise<void> {
  for (const kind of ROLE_KINDS) {
    if (namespace !== undefined && !kind.namespaced) continue;
    const where = namespace === undefined ? {} : { namespace };
    const { items } = await admin.list(kind, { ...where, signal });
    for (const { metadata } of items.filter((item) => item.metadata.name === user)) {
      const at = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
      await admin.delete({ kind, name: metadata.name, ...at }, { signal });
    }
  }
}
