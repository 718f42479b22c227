import type { KubeObject } from '../model/kube-object.ts';

export type CacheChange =
  | { readonly type: 'added'; readonly object: KubeObject }
  | { readonly type: 'modified'; readonly object: KubeObject; readonly previous: KubeObject }
  /** `object` is the last state seen. */
  | { readonly type: 'deleted'; readonly object: KubeObject };

/**
 * The objects of a watch cache by name and by label. What it is told goes in; what has really changed comes out, so that
 * a second list of an unchanged world changes nothing.
 */
export class CachedObjects {
  readonly #objects = new Map<string, KubeObject>();
  /** Keys of objects that were remembered, until an event catches up. */
  readonly #remembered = new Set<string>();
  /** Label → value → key → object. */
  readonly #byLabel: ReadonlyMap<string, Map<string, Map<string, KubeObject>>>;

  constructor(indexedLabels: readonly string[]) {
    this.#byLabel = new Map(indexedLabels.map((label) => [label, new Map()]));
  }

  list(): readonly KubeObject[] {
    return [...this.#objects.values()];
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  byLabel(label: string, value: string): readonly KubeObject[] {
    return [...(this.#byLabel.get(label)?.get(value)?.values() ?? [])];
  }

  /**
   * Takes in what a write of ours returned, ahead of its event. Events of earlier versions that still come in say
   * nothing new then.
   */
  remember(object: KubeObject): readonly CacheChange[] {
    const { namespace, name, uid } = object.metadata;
    const previous = this.get(namespace, name);
    if (previous !== undefined && previous.metadata.uid === uid && isOlder(object, previous)) return [];
    this.#remembered.add(keyOf(namespace, name));
    return this.#put(object);
  }

  put(object: KubeObject): readonly CacheChange[] {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const previous = this.#objects.get(key);
    const isEcho = this.#remembered.has(key) && previous !== undefined && isOlder(object, previous);
    if (isEcho) return [];
    this.#remembered.delete(key);
    return this.#put(object);
  }

  #put(object: KubeObject): readonly CacheChange[] {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const previous = this.get(namespace, name);
    if (previous === undefined) {
      this.#store(object);
      return [{ type: 'added', object }];
    }
    if (previous.metadata.uid !== uid) return [...this.remove(previous), ...this.#put(object)];
    if (previous.metadata.resourceVersion === resourceVersion) return [];
    this.#drop(previous);
    this.#store(object);
    return [{ type: 'modified', object, previous }];
  }

  /** Removes the object of this name. The deletion of an earlier one, met late, removes nothing. */
  remove(object: KubeObject): readonly CacheChange[] {
    const cached = this.get(object.metadata.namespace, object.metadata.name);
    if (cached === undefined || cached.metadata.uid !== object.metadata.uid) return [];
    this.#drop(cached);
    this.#remembered.delete(keyOf(object.metadata.namespace, object.metadata.name));
    return [{ type: 'deleted', object }];
  }

  /** Takes a complete list over. */
  replace(objects: readonly KubeObject[]): readonly CacheChange[] {
    this.#remembered.clear();
    const listed = new Set(objects.map(({ metadata }) => keyOf(metadata.namespace, metadata.name)));
    const gone = this.list().filter(
      ({ metadata }) => !listed.has(keyOf(metadata.namespace, metadata.name)),
    );
    return [
      ...gone.flatMap((object) => this.remove(object)),
      ...objects.flatMap((object) => this.put(object)),
    ];
  }

  #store(object: KubeObject): void {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    this.#objects.set(key, object);
    for (const [label, values] of this.#byLabel) {
      const value = object.metadata.labels?.[label];
      if (value === undefined) continue;
      const objects = values.get(value) ?? new Map<string, KubeObject>();
      values.set(value, objects.set(key, object));
    }
  }

  #drop(object: KubeObject): void {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    this.#objects.delete(key);
    for (const [label, values] of this.#byLabel) {
      const value = object.metadata.labels?.[label] ?? '';
      const objects = values.get(value);
      objects?.delete(key);
      if (objects?.size === 0) values.delete(value);
    }
  }
}

/** Versions of one cluster grow (Kubernetes promises so since 1.35); any other kind of version tells nothing. */
function isOlder(object: KubeObject, than: KubeObject): boolean {
  const [version, other] = [object, than].map(({ metadata }) => metadata.resourceVersion ?? '');
  if (!/^\d+$/.test(version ?? '') || !/^\d+$/.test(other ?? '')) return false;
  return BigInt(version ?? 0) < BigInt(other ?? 0);
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
