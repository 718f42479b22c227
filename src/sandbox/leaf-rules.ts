import { leafRoles } from '../leaves/leaf-roles.ts';
import type { Grants } from './rbac-objects.ts';

/** The service's least rights on a leaf of the sandbox: what `deploy/leaf-rbac/` grants in the cluster scope. */
export function leafGrants(liqoNamespace: string): Grants {
  const roles = leafRoles({ scope: 'cluster', liqoNamespace, peers: [] }).map(
    ({ namespace, rules }) => ({ namespace, rules: rules.map(({ policy }) => policy) }),
  );
  return {
    cluster: roles.find(({ namespace }) => namespace === undefined)?.rules ?? [],
    namespaces: Object.fromEntries(
      roles.flatMap(({ namespace, rules }) =>
        namespace === undefined ? [] : [[namespace, rules]],
      ),
    ),
  };
}
