import type { KubeObject } from '../../../model/kube-object.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { ObjectStore, StoreEvent } from '../store/object-store.ts';
import { isReleased, withMetadata, withoutEmptyOwners } from '../schema/object-rules.ts';

/** What the garbage collector looks at in an object's owners. */
type Owner = NonNullable<KubeObject['metadata']['ownerReferences']>[number];

/** A collector that is not quite well. */
export interface CollectorTrouble {
  /** Pause before each single deletion, in milliseconds. */
  readonly delayMs?: number;
  /** Plural name of a resource that it leaves alone, as one that it may not delete. */
  readonly except?: string;
}

export interface GarbageCollectorOptions {
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** Deletes an object the way a client would: with its finalizers. */
  readonly remove: (storage: string, object: KubeObject) => void;
  readonly enabled: boolean;
}

/**
 * Deletes what belongs to objects that are gone (kube-controller-manager's garbage collector): dependants follow
 * their owners by UID; `Foreground` owners wait for them, `Orphan` owners let go of them.
 */
export class GarbageCollector {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #remove: GarbageCollectorOptions['remove'];
  readonly #stopped = new AbortController();
  #pause = new AbortController();
  #mode: boolean | CollectorTrouble;
  #scheduled = false;

  constructor({ store, clock, remove, enabled }: GarbageCollectorOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#remove = remove;
    this.#mode = enabled;
  }

  /** Begins to watch. The returned function ends it. */
  start(): () => void {
    const unsubscribe = this.#store.subscribe((event) => {
      if (isOfInterest(event)) this.#schedule();
    });
    this.#schedule();
    return () => {
      unsubscribe();
      this.#stopped.abort();
    };
  }

  /** Stops, delays or resumes the work; what waited meanwhile is then done. */
  setMode(mode: boolean | CollectorTrouble): void {
    this.#mode = mode;
    this.#pause.abort();
    this.#pause = new AbortController();
    this.#scheduled = false;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#mode === false) return;
    this.#scheduled = true;
    const { delayMs = 0 } = this.#trouble;
    const run = (): void => {
      this.#scheduled = false;
      if (this.#mode !== false && !this.#stopped.signal.aborted) this.#collect();
    };
    // A turn of the event loop even without delay: owners and dependants never vanish in one step.
    if (delayMs === 0) setImmediate(run);
    else {
      const signal = AbortSignal.any([this.#stopped.signal, this.#pause.signal]);
      void this.#clock.sleep(delayMs, { signal }).then(run, () => undefined);
    }
  }

  get #trouble(): CollectorTrouble {
    return typeof this.#mode === 'boolean' ? {} : this.#mode;
  }

  #collect(): void {
    const { delayMs = 0, except } = this.#trouble;
    for (const [storage, object] of [...this.#store.all()]) {
      const current = this.#store.byUid(object.metadata.uid ?? '');
      if (current !== object || storage.split('.')[0] === except) continue;
      const isRemoved = this.#checkOwners(storage, object);
      if (object.metadata.deletionTimestamp !== undefined) this.#letGo(storage, object);
      if (isRemoved && delayMs > 0) {
        this.#schedule();
        return;
      }
    }
  }

  /** True when the object was deleted, as its owners are gone. */
  #checkOwners(storage: string, object: KubeObject): boolean {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0) return false;
    const present = owners.filter((owner) => this.#exists(owner, object));
    const waiting = present.length > 0 && present.every((owner) => this.#waitsFor(owner));
    if (object.metadata.deletionTimestamp === undefined && (present.length === 0 || waiting)) {
      this.#remove(storage, object);
      return true;
    }
    if (present.length > 0 && present.length < owners.length) {
      this.#put(storage, object, { ownerReferences: present });
    }
    return false;
  }

  #exists(owner: Owner, dependant: KubeObject): boolean {
    const found = this.#store.byUid(owner.uid);
    if (found?.kind !== owner.kind || found.metadata.name !== owner.name) return false;
    const { namespace } = found.metadata;
    return namespace === undefined || namespace === dependant.metadata.namespace;
  }

  #waitsFor(owner: Owner): boolean {
    const found = this.#store.byUid(owner.uid);
    return found?.metadata.finalizers?.includes('foregroundDeletion') === true;
  }

  #letGo(storage: string, owner: KubeObject): void {
    const finalizers = owner.metadata.finalizers ?? [];
    const dependants = [...this.#store.all()].filter(([, object]) =>
      object.metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid),
    );
    if (finalizers.includes('orphan')) {
      for (const [dependantStorage, dependant] of dependants) {
        const others = dependant.metadata.ownerReferences?.filter(
          ({ uid }) => uid !== owner.metadata.uid,
        );
        const next = withMetadata(dependant, { ownerReferences: others ?? [] });
        this.#store.put(dependantStorage, withoutEmptyOwners(next));
      }
      this.#release(storage, owner, 'orphan');
    }
    const blocked = dependants.some(([, { metadata }]) =>
      metadata.ownerReferences?.some(
        ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
      ),
    );
    if (finalizers.includes('foregroundDeletion') && !blocked) {
      this.#release(storage, owner, 'foregroundDeletion');
    }
  }

  #release(storage: string, object: KubeObject, finalizer: string): void {
    const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    const next = { ...object, metadata: { ...object.metadata, finalizers } };
    if (isReleased(next)) this.#store.remove(storage, next);
    else this.#store.put(storage, next);
  }

  #put(storage: string, object: KubeObject, metadata: Partial<KubeObject['metadata']>): void {
    this.#store.put(storage, { ...object, metadata: { ...object.metadata, ...metadata } });
  }
}

/** Only deletions, and objects that come with an owner, can leave something to collect. */
function isOfInterest({ type, object, previous }: StoreEvent): boolean {
  if (type === 'DELETED' || object.metadata.deletionTimestamp !== undefined) return true;
  return object.metadata.ownerReferences !== previous?.metadata.ownerReferences;
}
