import { randomBytes, randomUUID } from 'node:crypto';
import type { KubeObject } from '../../model/kube-object.ts';
import type { Clock } from '../../runtime/clock.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  notFound,
  OBJECT_MODIFIED,
} from './api-status-error.ts';
import { admitBuiltin } from './builtin-admission.ts';
import { decodeObject } from './decode-object.ts';
import { applyConfiguration, type Author, isSameObject, trackUpdate } from './field-manager.ts';
import { isJsonObject, type JsonObject, without } from './json.ts';
import { assertValid } from './object-validation.ts';
import type { ObjectStore } from './object-store.ts';
import { type PatchType, patched } from './patch.ts';
import type { DeleteSettings, Target, WriteSettings } from './request.ts';
import { storageOf } from './resource.ts';

/** A write that was carried out: the object as stored, and whether the request created it. */
export interface Written {
  readonly object: KubeObject;
  readonly created: boolean;
}

/** Carries out writes on one cluster: every rule that makes an object what is stored lives here. */
export class ObjectWriter {
  readonly #store: ObjectStore;
  readonly #clock: Clock;

  constructor(store: ObjectStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Throws 404 for a missing namespace, 403 for one that is going, 409 when the object exists, 422. */
  create(target: Target, body: unknown, settings: WriteSettings): KubeObject {
    const given = decodeObject(target, body, settings);
    if ((given.metadata.resourceVersion ?? '') !== '') {
      throw badRequest('resourceVersion should not be set on objects to be created');
    }
    const object = generatedName(given);
    const plain = this.#withoutStatus(target, object);
    const managedFields = trackUpdate({
      ...this.#ownership(target, settings),
      live: undefined,
      next: admitBuiltin(target.resource, plain, this.#now()),
    });
    return this.#insert(target, withMetadata(plain, { managedFields }), settings);
  }

  /** PUT. Throws 404, 409 for an outdated version or another UID, 422. */
  update(target: Target, body: unknown, settings: WriteSettings): KubeObject {
    const next = decodeObject(target, body, settings);
    const live = this.#live(target);
    if (target.resource.custom && (next.metadata.resourceVersion ?? '') === '') {
      throw badRequest(
        'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      );
    }
    return this.#settle(target, live, next, { ...settings, operation: 'Update' });
  }

  /** JSON patch, merge patch and strategic merge patch. */
  patch(target: Target, type: PatchType, body: unknown, settings: WriteSettings): KubeObject {
    const live = this.#live(target);
    const proposal = patched(live, type, body, target.resource);
    const next = decodeObject(target, proposal, settings);
    return this.#settle(target, live, next, { ...settings, operation: 'Update' });
  }

  /** Server-side apply; creates what does not exist. */
  apply(target: Target, body: unknown, settings: WriteSettings & { force: boolean }): Written {
    if (!isJsonObject(body)) throw badRequest('the body of an apply must be an object');
    const live = this.#store.get(storageOf(target.resource), target.namespace, target.name);
    const patch = appliedBody(target, body);
    if (live !== undefined) assertPreconditions(target, live, patch.metadata);
    const configured = applyConfiguration({
      ...this.#ownership(target, settings),
      live,
      patch: { ...patch, metadata: without({ ...patch.metadata }, 'resourceVersion') },
      force: settings.force,
    });
    const next = decodeObject(target, configured, settings);
    if (live !== undefined) {
      const object = this.#settle(target, live, next, { ...settings, operation: 'Apply' });
      return { object, created: false };
    }
    const { uid } = patch.metadata;
    if (uid !== undefined) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(target.resource, target.name, why);
    }
    if (target.subresource !== undefined) throw notFound(target.resource, target.name);
    const object = this.#insert(target, this.#withoutStatus(target, next), settings);
    return { object, created: true };
  }

  /**
   * Takes an object away, or marks it as going while it has finalizers. Returns the object, and whether it is gone.
   * Throws 404, and 409 when a precondition fails.
   */
  remove(target: Target, settings: DeleteSettings): { object: KubeObject; gone: boolean } {
    const live = this.#live(target);
    assertPreconditions(target, live, settings);
    const finalizers = finalizersFor(live, settings.propagationPolicy);
    const isNamespace = storageOf(target.resource) === 'namespaces';
    if (finalizers.length === 0 && !isNamespace) {
      if (!settings.dryRun) this.#store.remove(storageOf(target.resource), live);
      return { object: live, gone: true };
    }
    if (live.metadata.deletionTimestamp !== undefined) return { object: live, gone: false };
    const { generation } = live.metadata;
    const going = withMetadata(live, {
      ...(finalizers.length > 0 && { finalizers }),
      ...(generation !== undefined && { generation: generation + 1 }),
      deletionTimestamp: this.#now(),
      deletionGracePeriodSeconds: 0,
    });
    const admitted = admitBuiltin(target.resource, going, this.#now());
    const object = settings.dryRun
      ? admitted
      : this.#store.put(storageOf(target.resource), admitted);
    return { object, gone: false };
  }

  #now(): string {
    return `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
  }

  #live(target: Target): KubeObject {
    const live = this.#store.get(storageOf(target.resource), target.namespace, target.name);
    if (live === undefined) throw notFound(target.resource, target.name);
    return live;
  }

  #ownership(target: Target, settings: WriteSettings): OwnershipContext {
    const { resource, subresource } = target;
    return {
      schema: resource.schema,
      hasStatus: resource.hasStatus,
      author: {
        manager: settings.manager,
        apiVersion: resource.apiVersion,
        time: this.#now(),
        ...(subresource !== undefined && { subresource }),
      },
    };
  }

  #withoutStatus({ resource }: Target, object: KubeObject): KubeObject {
    return resource.hasStatus ? (without(object, 'status') as unknown as KubeObject) : object;
  }

  #insert(target: Target, object: KubeObject, settings: WriteSettings): KubeObject {
    const { resource, namespace } = target;
    const { name } = object.metadata;
    this.#assertNamespaceTakes(target, name);
    const { tracksGeneration } = resource;
    const stamped = withMetadata(object, {
      ...(namespace !== '' && { namespace }),
      uid: randomUUID(),
      creationTimestamp: this.#now(),
      ...(tracksGeneration && { generation: 1 }),
    });
    const admitted = admitBuiltin(resource, stamped, this.#now());
    assertValid(resource, admitted, undefined);
    if (this.#store.get(storageOf(resource), namespace, name) !== undefined) {
      throw alreadyExists(resource, name);
    }
    return settings.dryRun ? admitted : this.#store.put(storageOf(resource), admitted);
  }

  #assertNamespaceTakes({ resource, namespace }: Target, name: string): void {
    if (!resource.namespaced) return;
    const home = this.#store.get('namespaces', '', namespace);
    if (home === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
    if (home.metadata.deletionTimestamp === undefined) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const message = `namespace ${namespace} is being terminated`;
    const cause = { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' };
    throw forbidden(resource, name, why, [cause]);
  }

  /** Turns a proposed object into the stored one. Nothing is written when nothing changes. */
  #settle(
    target: Target,
    live: KubeObject,
    proposal: KubeObject,
    settings: WriteSettings & { readonly operation: 'Apply' | 'Update' },
  ): KubeObject {
    const { resource } = target;
    assertPreconditions(target, live, proposal.metadata);
    const split = admitBuiltin(resource, ownPart(target, live, proposal), this.#now());
    const managedFields =
      settings.operation === 'Apply'
        ? (proposal.metadata.managedFields ?? [])
        : trackUpdate({ ...this.#ownership(target, settings), live, next: split });
    const next = withGeneration(target, live, withMetadata(split, { managedFields }));
    if (isSameObject(live, next)) return live;
    assertValid(resource, next, live);
    if (settings.dryRun) return next;
    if (next.metadata.deletionTimestamp !== undefined && isReleased(next)) {
      this.#store.remove(storageOf(resource), next);
      return next;
    }
    return this.#store.put(storageOf(resource), next);
  }
}

interface OwnershipContext {
  readonly schema: Target['resource']['schema'];
  readonly hasStatus: boolean;
  readonly author: Author;
}

/** True when nothing holds a deleted object any more: no finalizer, and for namespaces no content. */
export function isReleased(object: KubeObject): boolean {
  const spec = object['spec'];
  const held = object.kind === 'Namespace' && isJsonObject(spec) ? spec['finalizers'] : [];
  const count = Array.isArray(held) ? held.length : 0;
  return count + (object.metadata.finalizers ?? []).length === 0;
}

function withMetadata(object: KubeObject, metadata: Partial<KubeObject['metadata']>): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}

function generatedName(object: KubeObject): KubeObject {
  const { name, generateName = '' } = object.metadata;
  if (name !== '' || generateName === '') return object;
  const suffix = randomBytes(8).toString('hex').slice(0, 5);
  return withMetadata(object, { name: `${generateName}${suffix}` });
}

/** The status comes through its subresource only, and nothing else does. What the system sets stays as it is. */
function ownPart(
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
function withGeneration({ resource }: Target, live: KubeObject, next: KubeObject): KubeObject {
  if (!resource.tracksGeneration) return next;
  const wish = (object: KubeObject): KubeObject => {
    const bare = without(without(object, 'status'), 'metadata');
    return { ...bare, apiVersion: '', kind: '', metadata: { name: '' } };
  };
  if (isSameObject(wish(live), wish(next))) return next;
  return withMetadata(next, { generation: (live.metadata.generation ?? 0) + 1 });
}

function assertPreconditions(
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

/** The body of an apply with the address that the path says. */
function appliedBody(target: Target, body: JsonObject): KubeObject {
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

function finalizersFor(
  live: KubeObject,
  policy: DeleteSettings['propagationPolicy'],
): readonly string[] {
  const held = live.metadata.finalizers ?? [];
  if (policy === undefined || policy === 'Background') return held;
  const added = POLICY_FINALIZERS[policy];
  return held.includes(added) ? held : [...held, added];
}
