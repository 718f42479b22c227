import type { KubeObject } from '../../../model/kube-object.ts';
import { isReleased, withMetadata } from '../schema/object-rules.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { CRD_STORAGE, DEFINITION_FINALIZER } from '../store/resource-registry.ts';

export interface DefinitionControllerOptions {
  readonly store: ObjectStore;
  /** Deletes an object the way a client would: with its finalizers. */
  readonly remove: (storage: string, object: KubeObject) => void;
}

/** Deletes the objects of definitions that are being deleted, and lets those go when none is left. */
export class DefinitionController {
  readonly #store: ObjectStore;
  readonly #remove: DefinitionControllerOptions['remove'];
  #scheduled = false;
  #stopped = false;

  constructor({ store, remove }: DefinitionControllerOptions) {
    this.#store = store;
    this.#remove = remove;
  }

  /** Begins to watch. The returned function ends it. */
  start(): () => void {
    const unsubscribe = this.#store.subscribe(() => this.#schedule());
    return () => {
      unsubscribe();
      this.#stopped = true;
    };
  }

  #schedule(): void {
    if (this.#scheduled || this.#terminating().length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#terminating().forEach((definition) => this.#empty(definition));
    });
  }

  #terminating(): readonly KubeObject[] {
    return this.#store
      .list(CRD_STORAGE)
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  }

  #empty(definition: KubeObject): void {
    // Its objects are stored under its name.
    const { name, finalizers = [] } = definition.metadata;
    for (const object of this.#store.list(name)) {
      if (object.metadata.deletionTimestamp === undefined) this.#remove(name, object);
    }
    if (this.#store.list(name).length > 0 || !finalizers.includes(DEFINITION_FINALIZER)) return;
    const emptied = withMetadata(definition, {
      finalizers: finalizers.filter((finalizer) => finalizer !== DEFINITION_FINALIZER),
    });
    if (isReleased(emptied)) this.#store.remove(CRD_STORAGE, emptied);
    else this.#store.put(CRD_STORAGE, emptied);
  }
}
