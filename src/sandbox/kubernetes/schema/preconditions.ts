import type { KubeObject } from '../../../model/kube-object.ts';
import { ApiStatusError, conflict, forbidden, OBJECT_MODIFIED } from '../api-status-error.ts';
import type { DeleteSettings, Target } from '../request.ts';
import { invalid } from './field-error.ts';

/** Throws 403 for a namespace that must stay, and 409 when an object is another one than the one to delete. */
export function assertDeletable(
  { resource, name }: Target,
  live: KubeObject,
  { uid, resourceVersion }: DeleteSettings,
): void {
  const { group, kind, plural } = resource;
  if (group === '' && kind === 'Namespace' && KEPT_NAMESPACES.includes(name)) {
    throw forbidden({ group, plural }, name, 'this namespace may not be deleted');
  }
  const { metadata } = live;
  // These answers name the kind where others name the resource.
  const subject = { group, plural: kind };
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`;
    throw conflict(subject, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`;
    throw conflict(subject, name, why);
  }
}

const KEPT_NAMESPACES = ['default', 'kube-system', 'kube-public'];

/** Throws 409 when an update is meant for another object than the one stored. */
export function assertStorageUID(
  { resource, namespace, name }: Target,
  live: KubeObject,
  uid: string | undefined,
): void {
  if (uid === undefined || uid === live.metadata.uid) return;
  const key = [
    '',
    'registry',
    resource.custom ? resource.group : '',
    resource.plural,
    namespace,
    name,
  ];
  const place = `/${key.filter((part) => part !== '').join('/')}`;
  const why = `StorageError: invalid object, Code: 4, Key: ${place}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`;
  throw conflict(resource, name, why);
}

/** Throws 409 when an object is another version than a request means, and 500 for a version that is none. */
export function assertPreconditions(
  { resource, name }: Target,
  live: KubeObject,
  { resourceVersion = '' }: { readonly resourceVersion?: string },
): void {
  if (!/^\d*$/.test(resourceVersion)) {
    const why = `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`;
    throw new ApiStatusError(500, undefined, why);
  }
  if (resourceVersion !== '' && resourceVersion !== live.metadata.resourceVersion) {
    throw conflict(resource, name, OBJECT_MODIFIED);
  }
}

/**
 * Throws what a patch or an apply meets whose UID is another: 409 when the version is too, else 422, since the UID cannot
 * be changed. The status of a custom resource takes its metadata from what is there, whatever the body says.
 */
export function assertSameUID(target: Target, live: KubeObject, proposal: KubeObject): void {
  const { group, kind, custom } = target.resource;
  const { uid, resourceVersion } = proposal.metadata;
  if (uid === undefined || uid === live.metadata.uid) return;
  if (custom && target.subresource === 'status') return;
  assertPreconditions(target, live, { ...(resourceVersion !== undefined && { resourceVersion }) });
  const error = {
    type: 'FieldValueInvalid',
    field: 'metadata.uid',
    value: uid,
    detail: 'field is immutable',
  } as const;
  // The rules for all objects and those for updates both say so.
  throw invalid({ group, kind, name: target.name }, [error, error]);
}
