import type { ResourceKind } from './kube-object.ts';

/** Verbs of the Kubernetes API that we use on a leaf. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';

/** One thing that a user may or may not do on a cluster. Without `namespace`: in all of them, or at the cluster scope. */
export interface Right {
  readonly verb: Verb;
  readonly kind: ResourceKind;
  readonly namespace?: string;
  /** Only this object. */
  readonly name?: string;
}

/** The API group of a kind; empty for the core group. */
export function groupOf({ apiVersion }: ResourceKind): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** `configurations.networking.liqo.io`, or `secrets` for the core group. */
export function resourceOf(kind: ResourceKind): string {
  const group = groupOf(kind);
  return group === '' ? kind.plural : `${kind.plural}.${group}`;
}

/** The text form `verb resource.group[/name][ in namespace x]`, used in status, messages and logs. */
export function formatRight({ verb, kind, namespace, name }: Right): string {
  const what = `${verb} ${resourceOf(kind)}${name === undefined ? '' : `/${name}`}`;
  return namespace === undefined ? what : `${what} in namespace ${namespace}`;
}
