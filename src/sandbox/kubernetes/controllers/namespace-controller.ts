import type { KubeObject } from '../../../model/kube-object.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { isReleased } from '../schema/object-rules.ts';
import { objectOrEmpty } from '../json.ts';

export interface NamespaceControllerOptions {
  readonly store: ObjectStore;
  /** Deletes an object the way a client would: with its finalizers. */
  readonly remove: (storage: string, object: KubeObject) => void;
}

/** Empties namespaces that are being deleted, and lets them go when nothing is left in them. */
export class NamespaceController {
  readonly #store: ObjectStore;
  readonly #remove: NamespaceControllerOptions['remove'];
  #scheduled = false;
  #stopped = false;

  constructor({ store, remove }: NamespaceControllerOptions) {
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
      if (!this.#stopped) this.#terminating().forEach((namespace) => this.#empty(namespace));
    });
  }

  #terminating(): readonly KubeObject[] {
    return this.#store
      .list('namespaces')
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  }

  #empty(namespace: KubeObject): void {
    const content = this.#content(namespace);
    for (const [storage, object] of content) {
      if (object.metadata.deletionTimestamp === undefined) this.#remove(storage, object);
    }
    const spec = objectOrEmpty(namespace['spec']);
    if (this.#content(namespace).length > 0 || spec['finalizers'] === undefined) return;
    const emptied: KubeObject = { ...namespace, spec: {} };
    if (isReleased(emptied)) this.#store.remove('namespaces', emptied);
    else this.#store.put('namespaces', emptied);
  }

  #content({ metadata }: KubeObject): readonly (readonly [string, KubeObject])[] {
    return [...this.#store.all()].filter(
      ([, object]) => object.metadata.namespace === metadata.name,
    );
  }
}
