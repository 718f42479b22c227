import type { KubeObject } from '../../../model/kube-object.ts';
import { expired } from '../api-status-error.ts';
import { deepFreeze } from '../json.ts';

/** One change of one object. `previous` is what it was before, so that selectors can tell coming from going. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Which kind of object: `plural.group` (resource.ts). */
  readonly storage: string;
  readonly object: KubeObject;
  readonly previous?: KubeObject;
  readonly version: number;
}

/** Told of every change, in order, at once. */
export type StoreListener = (event: StoreEvent) => void;

/** How many changes are remembered for watches that start in the past. */
const HISTORY_LIMIT = 2000;

/**
 * All objects of one cluster, in memory: one version counter for everything (as etcd's revision), a bounded history,
 * and listeners. Objects are frozen, so that they can be handed out as they are.
 */
export class ObjectStore {
  readonly #kinds = new Map<string, Map<string, KubeObject>>();
  readonly #uids = new Map<string, KubeObject>();
  readonly #listeners = new Set<StoreListener>();
  #history: StoreEvent[] = [];
  #version = 1;
  #compacted = 0;

  /** The version of the last change. */
  get version(): number {
    return this.#version;
  }

  get(storage: string, namespace: string, name: string): KubeObject | undefined {
    return this.#kinds.get(storage)?.get(`${namespace}/${name}`);
  }

  /** All objects of a kind, of one namespace or of all, in the order of their keys. */
  list(storage: string, namespace?: string): readonly KubeObject[] {
    const entries = [...(this.#kinds.get(storage) ?? [])];
    const wanted =
      namespace === undefined
        ? entries
        : entries.filter(([key]) => key.startsWith(`${namespace}/`));
    return wanted.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** The objects of a kind as they were at a version. Throws 410 when the history does not reach back to it. */
  listAt(version: number, storage: string, namespace?: string): readonly KubeObject[] {
    const undone = this.since(version).filter((event) => event.storage === storage);
    if (undone.length === 0) return this.list(storage, namespace);
    const objects = new Map(this.list(storage).map((object) => [keyOf(object), object]));
    for (const { object, previous } of undone.reverse()) {
      if (previous === undefined) objects.delete(keyOf(object));
      else objects.set(keyOf(object), previous);
    }
    return [...objects]
      .filter(([, { metadata }]) => namespace === undefined || metadata.namespace === namespace)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  byUid(uid: string): KubeObject | undefined {
    return this.#uids.get(uid);
  }

  /** Every object, with the kind it is stored under. */
  *all(): Generator<readonly [storage: string, object: KubeObject]> {
    for (const [storage, objects] of this.#kinds) {
      for (const object of objects.values()) yield [storage, object];
    }
  }

  /** Stores an object under a new version; returns it as stored. */
  put(storage: string, object: KubeObject): KubeObject {
    const version = ++this.#version;
    const stored = deepFreeze(versioned(object, version));
    const previous = this.#insert(storage, stored);
    this.#emit(
      previous === undefined
        ? { type: 'ADDED', storage, object: stored, version }
        : { type: 'MODIFIED', storage, object: stored, previous, version },
    );
    return stored;
  }

  /** Removes an object; what is left of it in the last event carries a new version. */
  remove(storage: string, object: KubeObject): void {
    const version = ++this.#version;
    const { namespace = '', name, uid = '' } = object.metadata;
    const previous = this.get(storage, namespace, name) ?? object;
    this.#kinds.get(storage)?.delete(`${namespace}/${name}`);
    this.#uids.delete(uid);
    const gone = deepFreeze(versioned(object, version));
    this.#emit({ type: 'DELETED', storage, object: gone, previous, version });
  }

  /** Takes over what an earlier run saved. Its history is not known: watches from before are expired. */
  load(version: number, objects: Iterable<readonly [storage: string, object: KubeObject]>): void {
    for (const [storage, object] of objects) this.#insert(storage, deepFreeze(object));
    this.#version = version;
    this.#compacted = version;
  }

  /** Changes after a version. Throws 410 when the history does not reach back to it. */
  since(version: number): StoreEvent[] {
    if (version < this.#compacted) {
      throw expired(`too old resource version: ${version} (${this.#compacted})`);
    }
    return this.#history.filter((event) => event.version > version);
  }

  /** Forgets the history: every watch that starts before now is expired. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#version;
  }

  /** Starts telling a listener; the returned function ends it. */
  subscribe(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #insert(storage: string, object: KubeObject): KubeObject | undefined {
    const { namespace = '', name, uid = '' } = object.metadata;
    const objects = this.#kinds.get(storage) ?? new Map<string, KubeObject>();
    this.#kinds.set(storage, objects);
    const previous = objects.get(`${namespace}/${name}`);
    objects.set(`${namespace}/${name}`, object);
    this.#uids.set(uid, object);
    return previous;
  }

  #emit(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length > 2 * HISTORY_LIMIT) {
      const dropped = this.#history.splice(0, HISTORY_LIMIT);
      this.#compacted = dropped.at(-1)?.version ?? this.#compacted;
    }
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** Where an object stands among those of its kind. */
export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function versioned(object: KubeObject, version: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}
