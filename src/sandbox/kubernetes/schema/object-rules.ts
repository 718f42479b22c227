import type { KubeObject } from '../../../model/kube-object.ts';
import { randomBytes } from 'node:crypto';
import { badRequest } from '../api-status-error.ts';
import { isSameObject } from '../apply/field-manager.ts';
import { isJsonObject, type JsonObject, without } from '../json.ts';
import { plainFinalizers } from './metadata-validation.ts';
import type { DeleteSettings, Target } from '../request.ts';

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

const SET_BY_SYSTEM = ['selfLink', 'deletionTimestamp', 'deletionGracePeriodSeconds'];

/** An object to be created, without what only the system sets. */
export function withoutSystemPart(object: KubeObject): KubeObject {
  const kept = SET_BY_SYSTEM.reduce<JsonObject>(without, { ...object.metadata });
  return { ...object, metadata: kept } as unknown as KubeObject;
}

/** Finalizers of custom resources should say whose they are. */
export function warnOfFinalizers(
  { custom }: Target['resource'],
  object: KubeObject,
  live: KubeObject | undefined,
  warn: (text: string) => void,
): void {
  const before = live?.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((name) => !before.includes(name));
  for (const name of custom ? plainFinalizers(added) : []) {
    warn(
      `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
  }
}

/** An object that belongs to nobody says nothing of owners. */
export function withoutEmptyOwners(object: KubeObject): KubeObject {
  if (object.metadata.ownerReferences?.length !== 0) return object;
  const metadata = without({ ...object.metadata }, 'ownerReferences');
  return { ...object, metadata } as unknown as KubeObject;
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

/** The object with the list of who owns what; without one when nobody owns anything. */
export function withOwners(
  object: KubeObject,
  managedFields: NonNullable<KubeObject['metadata']['managedFields']>,
): KubeObject {
  if (managedFields.length > 0) return withMetadata(object, { managedFields });
  const metadata = without({ ...object.metadata }, 'managedFields');
  return { ...object, metadata } as unknown as KubeObject;
}

/** The proposal as one for the very object that is there. */
export function withUIDOf(
  { metadata: { uid = '' } }: KubeObject,
  proposal: KubeObject,
): KubeObject {
  return withMetadata(proposal, { uid });
}

/** The body of an apply. Throws 400 when it says who owns what. */
export function appliedBody(target: Target, body: JsonObject): KubeObject {
  const metadata = isJsonObject(body['metadata']) ? body['metadata'] : {};
  if (metadata['managedFields'] !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const { apiVersion, kind } = target.resource;
  return { apiVersion, kind, ...body, metadata: { ...metadata } } as unknown as KubeObject;
}

const POLICY_FINALIZERS = { Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const;

/** The finalizers that an object has once its deletion is asked for. */
export function finalizersFor(
  live: KubeObject,
  {
    propagationPolicy: policy = 'Background',
    added,
  }: Pick<DeleteSettings, 'propagationPolicy'> & { readonly added?: string },
): readonly string[] {
  const byPolicy = policy === 'Background' ? [] : [POLICY_FINALIZERS[policy]];
  const own = added === undefined ? [] : [added];
  return [...new Set([...(live.metadata.finalizers ?? []), ...byPolicy, ...own])];
}
