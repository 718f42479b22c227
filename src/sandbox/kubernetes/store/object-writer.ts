import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../../model/kube-object.ts';
import type { Clock } from '../../../runtime/clock.ts';
import {
  ApiStatusError,
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  notFound,
} from '../api-status-error.ts';
import { admitBuiltin } from '../schema/builtin-admission.ts';
import { decodeObject, UnfitObjectError } from '../http/decode-object.ts';
import { invalid, versionMissing } from '../schema/field-error.ts';
import {
  applyConfiguration,
  type Author,
  isSameObject,
  trackUpdate,
} from '../apply/field-manager.ts';
import { isJsonObject, without } from '../json.ts';
import { assertValid } from '../schema/object-validation.ts';
import {
  appliedBody,
  finalizersFor,
  generatedName,
  isReleased,
  ownPart,
  warnOfFinalizers,
  withGeneration,
  withMetadata,
  withOwners,
  withoutSystemPart,
  withUIDOf,
} from '../schema/object-rules.ts';
import {
  assertDeletable,
  assertPreconditions,
  assertSameUID,
  assertStorageUID,
} from '../schema/preconditions.ts';
import { CRD_STORAGE, DEFINITION_FINALIZER } from './resource-registry.ts';
import type { ObjectStore } from './object-store.ts';
import { findStored, putStored } from './object-version.ts';
import { type PatchType, patched } from '../apply/patch.ts';
import type { DeleteSettings, Target, WriteSettings } from '../request.ts';
import { type Resource, storageOf } from './resource.ts';

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
      const message = 'resourceVersion should not be set on objects to be created';
      throw new ApiStatusError(500, undefined, message);
    }
    const object = generatedName(withoutSystemPart(given));
    const plain = this.#withoutStatus(target, object);
    const managedFields = trackUpdate({
      ...this.#ownership(target, settings),
      live: undefined,
      next: plain,
    });
    return this.#insert(target, withOwners(plain, managedFields), settings);
  }

  /** PUT; of some kinds it creates what does not exist. Throws 404, 409 for an outdated version or another UID, 422. */
  update(target: Target, body: unknown, settings: WriteSettings): Written {
    const next = decodeObject(target, body, settings);
    if (target.resource.updateCreates && findStored(this.#store, target) === undefined) {
      return { object: this.create(target, body, settings), created: true };
    }
    const live = this.#live(target);
    if (target.resource.custom && (next.metadata.resourceVersion ?? '') === '') {
      throw versionMissing(target.resource, target.name);
    }
    assertStorageUID(target, live, next.metadata.uid);
    const object = this.#settle(target, live, next, { ...settings, operation: 'Update' });
    return { object, created: false };
  }

  /** JSON patch, merge patch and strategic merge patch. */
  patch(target: Target, type: PatchType, body: unknown, settings: WriteSettings): KubeObject {
    const live = this.#live(target);
    const proposal = patched(live, type, body, target.resource);
    const next = this.#decodePatched(target, proposal, settings);
    assertSameUID(target, live, next);
    return this.#settle(target, live, withUIDOf(live, next), { ...settings, operation: 'Update' });
  }

  /** Server-side apply; creates what does not exist. */
  apply(target: Target, body: unknown, settings: WriteSettings & { force: boolean }): Written {
    if (!isJsonObject(body)) throw badRequest('the body of an apply must be an object');
    const live = findStored(this.#store, target);
    const patch = appliedBody(target, body);
    if (live !== undefined) {
      assertSameUID(target, live, patch);
      assertPreconditions(target, live, without({ ...patch.metadata }, 'uid'));
    }
    const configured = applyConfiguration({
      ...this.#ownership(target, settings),
      live,
      patch: { ...patch, metadata: without({ ...patch.metadata }, 'resourceVersion') },
      force: settings.force,
    });
    const next = decodeObject(target, configured, { ...settings, nulls: 'kept' });
    if (live !== undefined) {
      const how = { ...settings, operation: 'Apply' } as const;
      const object = this.#settle(target, live, withUIDOf(live, next), how);
      return { object, created: false };
    }
    if (target.subresource !== undefined) throw notFound(target.resource, target.name);
    const { uid } = patch.metadata;
    if (uid !== undefined) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(target.resource, target.name, why);
    }
    const object = this.#insert(target, this.#withoutStatus(target, next), settings);
    return { object, created: true };
  }

  /**
   * Takes an object away, or marks it as going while it has finalizers. Returns the object, and whether it is gone.
   * Throws 404, and 409 when a precondition fails.
   */
  remove(target: Target, settings: DeleteSettings): { object: KubeObject; gone: boolean } {
    const live = this.#live(target);
    assertDeletable(target, live, settings);
    const storage = storageOf(target.resource);
    const finalizers = finalizersFor(live, {
      ...settings,
      ...(storage === CRD_STORAGE && { added: DEFINITION_FINALIZER }),
    });
    if (finalizers.length === 0 && storage !== 'namespaces') {
      if (!settings.dryRun) this.#store.remove(storage, live);
      return { object: live, gone: true };
    }
    if (live.metadata.deletionTimestamp !== undefined) return { object: live, gone: false };
    const going = withMetadata(live, {
      ...goingMetadata(target.resource, live),
      ...(finalizers.length > 0 && { finalizers }),
      deletionTimestamp: this.#now(),
    });
    const admitted = admitBuiltin(target.resource, going, this.#now());
    const object = settings.dryRun ? admitted : putStored(this.#store, target.resource, admitted);
    return { object, gone: false };
  }

  /** Throws 422 where another body would get 400: it is the patch that does not fit. */
  #decodePatched(target: Target, proposal: unknown, settings: WriteSettings): KubeObject {
    try {
      return decodeObject(target, proposal, settings);
    } catch (error) {
      if (!(error instanceof UnfitObjectError)) throw error;
      const value = JSON.stringify(proposal);
      throw invalid({ group: '', kind: '', name: '' }, [
        { type: 'FieldValueInvalid', field: 'patch', value, detail: error.problem },
      ]);
    }
  }

  #now(): string {
    return `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
  }

  #live(target: Target): KubeObject {
    const live = findStored(this.#store, target);
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
    if (resource.isGoing === true) {
      const why = 'create not allowed while custom resource definition is terminating';
      throw forbidden(resource, name, why);
    }
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
    warnOfFinalizers(resource, admitted, undefined, settings.warn);
    if (findStored(this.#store, { ...target, name }) !== undefined)
      throw alreadyExists(resource, name);
    return settings.dryRun ? admitted : putStored(this.#store, resource, admitted);
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
    const own = ownPart(target, live, proposal);
    const managedFields =
      settings.operation === 'Apply'
        ? (proposal.metadata.managedFields ?? [])
        : trackUpdate({ ...this.#ownership(target, settings), live, next: own });
    const split = admitBuiltin(resource, withOwners(own, managedFields), this.#now());
    const next = withGeneration(target, live, split);
    if (isSameObject(live, next)) return live;
    assertValid(resource, next, live);
    warnOfFinalizers(resource, next, live, settings.warn);
    if (settings.dryRun) return next;
    if (next.metadata.deletionTimestamp !== undefined && isReleased(next)) {
      this.#store.remove(storageOf(resource), next);
      return next;
    }
    return putStored(this.#store, resource, next);
  }
}

/** What a deletion that has to wait changes besides. What has to be emptied first knows no grace. */
function goingMetadata(resource: Resource, live: KubeObject): Partial<KubeObject['metadata']> {
  const { generation } = live.metadata;
  const isContainer = ['namespaces', CRD_STORAGE].includes(storageOf(resource));
  return {
    ...(generation !== undefined && { generation: generation + 1 }),
    ...(!isContainer && { deletionGracePeriodSeconds: 0 }),
  };
}

interface OwnershipContext {
  readonly schema: Target['resource']['schema'];
  readonly hasStatus: boolean;
  readonly author: Author;
}
