import { InvariantError } from '../errors/errors.ts';
import type { ObjectRef, ResourceKind } from '../model/kube-object.ts';

/** URL path of all objects of a kind: in one namespace, or in all when none is given. */
export function collectionPath(kind: ResourceKind, namespace?: string): string {
  const group = kind.apiVersion.includes('/') ? 'apis' : 'api';
  const scope = namespace === undefined ? '' : `/namespaces/${segment(namespace)}`;
  return `/${group}/${kind.apiVersion}${scope}/${kind.plural}`;
}

/** URL path of one object, or of a subresource of it. */
export function objectPath({ kind, namespace, name }: ObjectRef, subresource?: string): string {
  const path = `${collectionPath(kind, namespace)}/${segment(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** An empty name or dots would address something else than was meant, however they are escaped. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..') {
    throw new InvariantError('a name that is no path segment reached the Kubernetes client');
  }
  return encodeURIComponent(name);
}
