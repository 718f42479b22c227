import { gatewayChildName, tenantNamespaceName } from '../liqo/labels.ts';
import { LEAF_RULES, type LeafRule, type LeafScope } from '../liqo/leaf-rules.ts';
import { groupOf } from '../model/right.ts';

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** A ClusterRole (no namespace), or the Role in one namespace, each rule with its reason. */
export interface LeafRole {
  readonly namespace: string | undefined;
  /** Cluster ID of the peer whose tenant namespace it is. */
  readonly peerID?: string;
  readonly rules: readonly { readonly policy: PolicyRule; readonly why: string }[];
}

export interface LeafRolesOptions {
  readonly scope: LeafScope;
  readonly liqoNamespace: string;
  /** Cluster IDs of the other ends of the leaf's shortcuts. Of no account for the scope `cluster`. */
  readonly peers: readonly string[];
}

/** The roles that give exactly the rights which are needed on a leaf. Tenant namespaces have their default names. */
export function leafRoles({ scope, liqoNamespace, peers }: LeafRolesOptions): readonly LeafRole[] {
  const rulesAt = (...places: readonly LeafRule['where'][]): readonly LeafRule[] =>
    LEAF_RULES.filter(({ where, scopes }) => places.includes(where) && scopes.includes(scope));
  const clusterRules = scope === 'cluster' ? rulesAt('cluster', 'tenant') : rulesAt('cluster');
  const tenants = scope === 'cluster' ? [] : peers;
  return [
    toRole(clusterRules, { namespace: undefined }),
    toRole(rulesAt('liqo'), { namespace: liqoNamespace }),
    ...tenants.map((peerID) =>
      toRole(rulesAt('tenant'), { namespace: tenantNamespaceName(peerID), peerID }),
    ),
  ].filter(({ rules }) => rules.length > 0);
}

function toRole(rules: readonly LeafRule[], at: Omit<LeafRole, 'rules'>): LeafRole {
  return { ...at, rules: rules.map((rule) => ({ policy: toPolicy(rule, at), why: rule.why })) };
}

function toPolicy(
  { kinds, verbs, only }: LeafRule,
  { namespace, peerID }: Omit<LeafRole, 'rules'>,
): PolicyRule {
  const names = {
    itself: namespace,
    'key-secret': peerID === undefined ? undefined : gatewayChildName(peerID),
  };
  const name = only === undefined ? undefined : names[only];
  return {
    apiGroups: [...new Set(kinds.map(groupOf))],
    resources: kinds.map(({ plural }) => plural),
    verbs,
    ...(name === undefined ? {} : { resourceNames: [name] }),
  };
}
