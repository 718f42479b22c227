import type { KubeObject } from '../../../model/kube-object.ts';
import { objectOrEmpty } from '../json.ts';
import { isReleased, withMetadata } from '../schema/object-rules.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { CRD_STORAGE, DEFINITION_FINALIZER } from '../store/resource-registry.ts';

/** An object by the name of its storage. */
type Stored = readonly [storage: string, object: KubeObject];

/** Objects that take others with them when they are deleted, and stay until those are gone. */
interface Containers {
  readonly storage: string;
  readonly contentOf: (container: KubeObject, store: ObjectStore) => readonly Stored[];
  /** The container without what has held it; undefined when nothing does. */
  readonly letGo: (container: KubeObject) => KubeObject | undefined;
}

const NAMESPACES: Containers = {
  storage: 'namespaces',
  contentOf: ({ metadata }, store) =>
    [...store.all()].filter(([, object]) => object.metadata.namespace === metadata.name),
  letGo: (namespace) => {
    const isHeld = objectOrEmpty(namespace['spec'])['finalizers'] !== undefined;
    return isHeld ? { ...namespace, spec: {} } : undefined;
  },
};

const DEFINITIONS: Containers = {
  storage: CRD_STORAGE,
  // Its objects are stored under its name.
  contentOf: ({ metadata: { name } }, store) => store.list(name).map((object) => [name, object]),
  letGo: (definition) => {
    const { finalizers = [] } = definition.metadata;
    const others = finalizers.filter((finalizer) => finalizer !== DEFINITION_FINALIZER);
    const isHeld = others.length < finalizers.length;
    return isHeld ? withMetadata(definition, { finalizers: others }) : undefined;
  },
};

export interface ContainerControllerOptions {
  readonly store: ObjectStore;
  /** Deletes an object the way a client would: with its finalizers. */
  readonly remove: (storage: string, object: KubeObject) => void;
}

/** Empties namespaces and definitions that are being deleted, and lets them go when nothing is left in them. */
export class ContainerController {
  readonly #store: ObjectStore;
  readonly #remove: ContainerControllerOptions['remove'];
  #scheduled = false;
  #stopped = false;

  constructor({ store, remove }: ContainerControllerOptions) {
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
      if (this.#stopped) return;
      for (const [containers, container] of this.#terminating()) this.#empty(containers, container);
    });
  }

  #terminating(): readonly (readonly [Containers, KubeObject])[] {
    return [NAMESPACES, DEFINITIONS].flatMap((containers) =>
      this.#store
        .list(containers.storage)
        .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
        .map((container) => [containers, container] as const),
    );
  }

  #empty({ storage, contentOf, letGo }: Containers, container: KubeObject): void {
    for (const [from, object] of contentOf(container, this.#store)) {
      if (object.metadata.deletionTimestamp === undefined) this.#remove(from, object);
    }
    const emptied = letGo(container);
    if (emptied === undefined || contentOf(container, this.#store).length > 0) return;
    if (isReleased(emptied)) this.#store.remove(storage, emptied);
    else this.#store.put(storage, emptied);
  }
}
