import type { PolicyRule } from '../../src/leaves/leaf-roles.ts';
import { formatRight, type Right } from '../../src/model/right.ts';

/** One right as RBAC has it: what a rule gives, verb by verb and kind by kind. */
export interface GrantedRight {
  /** Undefined: at the cluster scope. */
  readonly namespace: string | undefined;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name?: string | undefined;
}

/** The single rights that a rule of a role gives, in a namespace or at the cluster scope. */
export function rightsIn(rule: PolicyRule, namespace: string | undefined): readonly GrantedRight[] {
  return rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      (rule.resourceNames ?? [undefined]).flatMap((name) =>
        rule.verbs.map((verb) => ({ namespace, verb, group, resource, name })),
      ),
    ),
  );
}

/** As `permissionsMissing` writes it. */
export function textOf({ verb, group, resource, name, namespace }: GrantedRight): string {
  const kind = { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind: '', namespaced: true };
  return formatRight({
    verb: verb as Right['verb'],
    kind: { ...kind, plural: resource },
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  });
}
