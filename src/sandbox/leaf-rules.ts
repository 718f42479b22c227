import { leafRoles } from '../leaves/leaf-roles.ts';
import type { LeafScope } from '../liqo/leaf-rules.ts';
import type { Grants } from './rbac-objects.ts';

/** The service's least rights on a leaf of the sandbox: what `deploy/leaf-rbac/` grants. */
export function leafGrants(scope: LeafScope, peers: readonly string[]): Grants {
  const roles = leafRoles({ scope, liqoNamespace: 'liqo', peers }).map(({ namespace, rules }) => ({
    namespace,
    rules: rules.map(({ policy }) => policy),
  }));
  return {
    cluster: roles.find(({ namespace }) => namespace === undefined)?.rules ?? [],
    namespaces: Object.fromEntries(
      roles.flatMap(({ namespace, rules }) =>
        namespace === undefined ? [] : [[namespace, rules]],
      ),
    ),
  };
}

/** What the service is granted on the leaves of the sandbox. */
export const LEAF_GRANTS: Grants = leafGrants('cluster', []);
