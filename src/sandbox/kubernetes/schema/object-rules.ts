import type { KubeObject } from '../../../model/kube-object.ts';
import { randomBytes } from 'node:crypto';
import { badRequest, conflict, OBJECT_MODIFIED } from '../api-status-error.ts';
import { isSameObject } from '../apply/field-manager.ts';
import { isJsonObject, type JsonObject, without } from '../json.ts';
import type { DeleteSettings, Target } from '../request.ts';
import { invalid } from './field-error.ts';

/** True when nothing holds a deleted object any more: no finalizer, and for namespaces no content. */
export function isReleased(object: KubeObject): boolean {
  const spec = object['spec'];
  const held = object.kind === 'Namespace' && isJsonObject(spec) ? spec['finalizers'] : [];
  const count = Array.isArray(held) ? held.length : 0;
  return count + (object.metadata.finalizers ?? []).length === 0;
}

/** The object with some of its metadata replaced. */
export function withMetadata(
  object: KubeObject,
  metadata: Partial<KubeObject['metadata']>,
): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}

/** Gives a name to an object that asks for one (`generateName`). */
export function generatedName(object: KubeObject): KubeObject {
  const { name, generateName = '' } = object.metadata;
  if (name !== '' || generateName === '') return object;
  const suffix = randomBytes(8).toString('hex').slice(0, 5);
  return withMetadata(object, { name: `${generateName}${suffix}` });
}

/** The status comes through its subresource only, and nothing else does. What the system sets stays as it is. */
export function ownPart(
  { resource, subresource }: Target,
  live: KubeObject,
  proposal: KubeObject,
): KubeObject {
  if (subresource === 'status') return { ...live, ...statusOf(proposal) };
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } =
    live.metadata;
  const system = {
    uid,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generation,
  };
  const kept = Object.entries(system).filter(([, value]) => value !== undefined);
  const stripped = Object.fromEntries(
    Object.entries(proposal.metadata).filter(([member]) => !(member in system)),
  );
  const metadata = { ...stripped, ...Object.fromEntries(kept) } as KubeObject['metadata'];
  const next = { ...proposal, metadata };
  if (!resource.hasStatus) return next;
  return { ...(without(next, 'status') as unknown as KubeObject), ...statusOf(live) };
}

function statusOf(object: KubeObject): { readonly status?: unknown } {
  return object['status'] === undefined ? {} : { status: object['status'] };
}

/** The generation counts changes of everything but metadata and status. */
export function withGeneration(
  { resource }: Target,
  live: KubeObject,
  next: KubeObject,
): KubeObject {
  if (!resource.tracksGeneration) return next;
  const wish = (object: KubeObject): KubeObject => {
    const bare = without(without(object, 'status'), 'metadata');
    return { ...bare, apiVersion: '', kind: '', metadata: { name: '' } };
  };
  if (isSameObject(wish(live), wish(next))) return next;
  return withMetadata(next, { generation: (live.metadata.generation ?? 0) + 1 });
}

/** Throws 409 when an object is another one, or another version of it, than a request means. */
export function assertPreconditions(
  { resource, name }: Target,
  live: KubeObject,
  { uid, resourceVersion = '' }: { readonly uid?: string; readonly resourceVersion?: string },
): void {
  if (uid !== undefined && uid !== live.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`;
    throw conflict(resource, name, why);
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

/** The proposal as one for the very object that is there. */
export function withUIDOf(
  { metadata: { uid = '' } }: KubeObject,
  proposal: KubeObject,
): KubeObject {
  return withMetadata(proposal, { uid });
}

/** The body of an apply with the address that the path says. */
export function appliedBody(target: Target, body: JsonObject): KubeObject {
  const metadata = isJsonObject(body['metadata']) ? body['metadata'] : {};
  if (metadata['managedFields'] !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const { apiVersion, kind } = target.resource;
  return {
    apiVersion,
    kind,
    ...body,
    metadata: {
      ...metadata,
      name: target.name,
      ...(target.namespace !== '' && { namespace: target.namespace }),
    },
  };
}

const POLICY_FINALIZERS = { Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const;

/** The finalizers that an object has once its deletion is asked for. */
export function finalizersFor(
  live: KubeObject,
  policy: DeleteSettings['propagationPolicy'],
): readonly string[] {
  const held = live.metadata.finalizers ?? [];
  if (policy === undefined || policy === 'Background') return held;
  const added = POLICY_FINALIZERS[policy];
  return held.includes(added) ? held : [...held, added];
}
