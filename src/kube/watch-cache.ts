import { InvariantError } from '../errors/errors.ts';
import type { OperatorError } from '../errors/operator-error.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import type { Logger } from '../runtime/logger.ts';
import { type CacheChange, CachedObjects } from './cached-objects.ts';
import type { CallOptions } from './kube-client.ts';
import { listAndWatch, type ListAndWatchOptions, type ListAndWatchSink } from './list-and-watch.ts';

export type { CacheChange } from './cached-objects.ts';

/** How far the objects of a cache can be trusted. `since` is in milliseconds since the epoch. */
export type WatchCacheState =
  /** Never listed completely: nothing may be concluded from what is there. */
  | { readonly kind: 'syncing' }
  | { readonly kind: 'synced'; readonly since: number }
  /** The objects are kept, and may be old. Before the first list there are none. */
  | { readonly kind: 'failed'; readonly error: OperatorError; readonly since: number };

export interface WatchCacheOptions extends ListAndWatchOptions {
  /** Name of the cluster, for the log. */
  readonly cluster: string;
  readonly logger: Logger;
  /** Labels that `byLabel` can be asked for. */
  readonly indexedLabels?: readonly string[];
  /** Leaves away what nobody needs before an object is kept; must not touch names, UID, version and labels. */
  readonly transform?: (object: KubeObject) => KubeObject;
}

/**
 * A copy in memory of all objects of one kind, kept fresh by one watch. It never writes, survives expired versions,
 * broken and silent connections, and never takes a failure for an empty world.
 */
export interface WatchCache {
  readonly kind: ResourceKind;
  /** Begins to list and watch. Throws InvariantError when called twice. */
  start(): void;
  /** Ends the watch. From the call on no listener is called. */
  stop(): Promise<void>;
  /** All objects, in no particular order. */
  list(): readonly KubeObject[];
  get(namespace: string | undefined, name: string): KubeObject | undefined;
  /** Objects whose label has this value. The label must be one of `indexedLabels`. */
  byLabel(label: string, value: string): readonly KubeObject[];
  state(): WatchCacheState;
  /**
   * Takes over what a write of ours has returned, ahead of its event, so that the next look sees it. The object must be
   * one that this cache would watch.
   */
  remember(object: KubeObject): void;
  /** Ends the pause after a failure: something says that another try may succeed. */
  retryNow(): void;
  /** Tells once of everything that really changed. Returns what ends it. */
  onChange(listener: (change: CacheChange) => void): () => void;
  /** Tells of another kind of state, or of another kind of failure. Returns what ends it. */
  onState(listener: (state: WatchCacheState) => void): () => void;
  /** Resolves as soon as the state is `synced`; rejects with an AbortError when called off. */
  synced(options: CallOptions): Promise<void>;
}

export function createWatchCache(options: WatchCacheOptions): WatchCache {
  return new ListAndWatchCache(options);
}

class ListAndWatchCache implements WatchCache, ListAndWatchSink {
  readonly #options: WatchCacheOptions;
  readonly #objects: CachedObjects;
  readonly #changeListeners = new Set<(change: CacheChange) => void>();
  readonly #stateListeners = new Set<(state: WatchCacheState) => void>();
  readonly #stopping = new AbortController();
  #state: WatchCacheState = { kind: 'syncing' };
  #retry = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: WatchCacheOptions) {
    this.#options = options;
    this.#objects = new CachedObjects(options.indexedLabels ?? []);
  }

  start(): void {
    if (this.#loop !== undefined) throw new InvariantError('the watch cache was started twice');
    this.#loop = listAndWatch(this.#options, this, this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#changeListeners.clear();
    this.#stateListeners.clear();
    this.#stopping.abort();
    await this.#loop;
  }

  list(): readonly KubeObject[] {
    return this.#objects.list();
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(namespace, name);
  }

  byLabel(label: string, value: string): readonly KubeObject[] {
    return this.#objects.byLabel(label, value);
  }

  state(): WatchCacheState {
    return this.#state;
  }

  get kind(): ResourceKind {
    return this.#options.kind;
  }

  remember(object: KubeObject): void {
    this.#tellChanges(this.#objects.remember(this.#kept(object)));
  }

  retryNow(): void {
    this.#retry.abort();
    this.#retry = new AbortController();
  }

  onChange(listener: (change: CacheChange) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onState(listener: (state: WatchCacheState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  async synced({ signal }: CallOptions): Promise<void> {
    if (this.#state.kind === 'synced') return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const onAbort = () => reject(new DOMException('No longer waiting', 'AbortError'));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    const stopListening = this.onState(({ kind }) => {
      if (kind === 'synced') resolve(undefined);
    });
    try {
      await promise;
    } finally {
      stopListening();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Part of ListAndWatchSink. */
  listed(objects: readonly KubeObject[], version: string): void {
    const kept = objects.map((object) => this.#kept(object));
    this.#tellChanges(this.#objects.replace(kept, version));
    if (this.#state.kind === 'syncing') this.#becomeSynced();
  }

  /** Part of ListAndWatchSink. */
  watching(): void {
    if (this.#state.kind === 'synced') return;
    this.#options.logger.debug(this.#fields(), 'Watch recovered');
    this.#becomeSynced();
  }

  /** Part of ListAndWatchSink. */
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    const kept = this.#kept(object);
    this.#tellChanges(type === 'DELETED' ? this.#objects.remove(kept) : this.#objects.put(kept));
  }

  /** Part of ListAndWatchSink. */
  failed(error: OperatorError): void {
    const before = this.#state;
    if (before.kind === 'failed' && before.error.code === error.code) return;
    const since = before.kind === 'failed' ? before.since : this.#options.clock.now();
    this.#options.logger.debug({ ...this.#fields(), err: error, code: error.code }, 'Watch failed');
    this.#become({ kind: 'failed', error, since });
  }

  /** Part of ListAndWatchSink. */
  retryCall(): AbortSignal {
    return this.#retry.signal;
  }

  #becomeSynced(): void {
    this.#become({ kind: 'synced', since: this.#options.clock.now() });
  }

  #become(state: WatchCacheState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) this.#call(() => listener(state));
  }

  #tellChanges(changes: readonly CacheChange[]): void {
    for (const change of changes) {
      for (const listener of this.#changeListeners) this.#call(() => listener(change));
    }
  }

  /** A listener that throws is a bug; it must not end the watch of everybody else. */
  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#options.logger.error({ ...this.#fields(), err: error }, 'Listener failed');
    }
  }

  #kept(object: KubeObject): KubeObject {
    return this.#options.transform?.(object) ?? object;
  }

  #fields(): { readonly cluster: string; readonly kind: string } {
    return { cluster: this.#options.cluster, kind: this.#options.kind.kind };
  }
}
