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
  /** Keys of objects that are ahead of the events: what `remember` was told. */
  readonly #ahead = new Set<string>();
  /** Version up to which lists and events have told everything. */
  #newest: string | undefined;
  /** Label → value → key → object. */
  readonly #byLabel: ReadonlyMap<string, Map<string, Map<string, KubeObject>>>;

  constructor(indexedLabels: readonly string[]) {
    this.#byLabel = new Map(indexedLabels.map((label) => [label, new Map()]));
  }

  list(): readonly KubeObject[] {
    return [...this.#objects.values()];
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(`${namespace ?? ''}/${name}`);
  }

  byLabel(label: string, value: string): readonly KubeObject[] {
    return [...(this.#byLabel.get(label)?.get(value)?.values() ?? [])];
  }

  /** Takes an event over. One that is older than what is remembered tells nothing new. */
  put(object: KubeObject): readonly CacheChange[] {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    this.#newest = resourceVersion;
    const cached = this.get(namespace, name)?.metadata;
    if (cached?.uid === uid && isBefore(resourceVersion, cached?.resourceVersion)) return [];
    this.#ahead.delete(keyOf(object));
    return this.#put(object);
  }

  /** Takes over what a write has returned, unless the events are already past it. */
  remember(object: KubeObject): readonly CacheChange[] {
    const { resourceVersion } = object.metadata;
    if (resourceVersion === this.#newest || isBefore(resourceVersion, this.#newest)) return [];
    this.#ahead.add(keyOf(object));
    return this.#put(object);
  }

  /** Takes a deletion over. That of an earlier object of the same name, met late, removes nothing. */
  remove(object: KubeObject): readonly CacheChange[] {
    this.#newest = object.metadata.resourceVersion;
    return this.#remove(object);
  }

  /** Takes a complete list of this version over. What was remembered since then stays. */
  replace(objects: readonly KubeObject[], version: string): readonly CacheChange[] {
    this.#newest = version;
    const ahead = this.list().filter(
      (object) =>
        this.#ahead.has(keyOf(object)) && isBefore(version, object.metadata.resourceVersion),
    );
    this.#ahead.clear();
    const world = new Map([...objects, ...ahead].map((object) => [keyOf(object), object]));
    return [
      ...this.list().flatMap((object) => (world.has(keyOf(object)) ? [] : this.#remove(object))),
      ...[...world.values()].flatMap((object) => this.#put(object)),
    ];
  }

  #put(object: KubeObject): readonly CacheChange[] {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const previous = this.get(namespace, name);
    if (previous === undefined) {
      this.#store(object);
      return [{ type: 'added', object }];
    }
    if (previous.metadata.uid !== uid) return [...this.#remove(previous), ...this.#put(object)];
    if (previous.metadata.resourceVersion === resourceVersion) return [];
    this.#drop(previous);
    this.#store(object);
    return [{ type: 'modified', object, previous }];
  }

  #remove(object: KubeObject): readonly CacheChange[] {
    const cached = this.#objects.get(keyOf(object));
    if (cached === undefined || cached.metadata.uid !== object.metadata.uid) return [];
    this.#drop(cached);
    this.#ahead.delete(keyOf(object));
    return [{ type: 'deleted', object }];
  }

  #store(object: KubeObject): void {
    const key = keyOf(object);
    this.#objects.set(key, object);
    for (const [label, values] of this.#byLabel) {
      const value = object.metadata.labels?.[label];
      if (value === undefined) continue;
      const objects = values.get(value) ?? new Map<string, KubeObject>();
      values.set(value, objects.set(key, object));
    }
  }

  #drop(object: KubeObject): void {
    const key = keyOf(object);
    this.#objects.delete(key);
    for (const [label, values] of this.#byLabel) {
      const value = object.metadata.labels?.[label] ?? '';
      const objects = values.get(value);
      objects?.delete(key);
      if (objects?.size === 0) values.delete(value);
    }
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Versions of one cluster grow (a promise of Kubernetes since 1.35, a fact before). Others tell no order. */
function isBefore(version: string | undefined, other: string | undefined): boolean {
  const isOrdered = [version, other].every((text = '') => /^\d+$/.test(text));
  return isOrdered && BigInt(version ?? 0) < BigInt(other ?? 0);
}
