import type { KubeReader } from '../kube/kube-client.ts';
import { retryFailed } from '../kube/recover-together.ts';
import {
  createWatchCache,
  type CacheChange,
  type WatchCache,
  type WatchCacheState,
} from '../kube/watch-cache.ts';
import { LABEL_NETWORK_TYPE, LABEL_REMOTE_CLUSTER_ID } from '../liqo/labels.ts';
import { fieldAt } from '../liqo/read-field.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { WATCHED, WATCHED_NAMES, type Watched, type WatchScope } from './watched.ts';

export type LeafChangeListener = (change: CacheChange, watched: Watched) => void;

/** One watch of the mirror and how far it can be trusted. */
export interface LeafWatch extends WatchScope {
  readonly state: WatchCacheState;
}

/** A read-only copy of everything on one leaf that the planner may need, kept fresh by watches. */
export interface LeafMirror {
  /** Makes the watches match: begins those that are missing, and ends, with what they held, those that are too many. */
  keep(wanted: readonly WatchScope[]): void;
  stop(): Promise<void>;
  /** Takes over namespaces that were read one by one, for a leaf where they cannot be watched. */
  holdNamespaces(found: readonly KubeObject[]): void;
  /** How far a watch can be trusted; undefined when there is none. */
  stateOf(scope: WatchScope): WatchCacheState | undefined;
  /** All watches there are; the same list until one of them changes. */
  watches(): readonly LeafWatch[];
  /** Objects labelled with the peer's cluster ID, in all namespaces that are watched. */
  ofPeer(watched: Watched, peerID: string): readonly KubeObject[];
  /** Objects with this value of a label; only labels that are indexed (the peer's ID, the type of a Network). */
  withLabel(watched: Watched, label: string, value: string): readonly KubeObject[];
  get(watched: Watched, namespace: string | undefined, name: string): KubeObject | undefined;
  /** Cluster IDs of the peers for which there are objects of these kinds, sorted. */
  peerIDs(...kinds: readonly Watched[]): readonly string[];
  /** Everything that is held of a kind, in no order. */
  list(watched: Watched): readonly KubeObject[];
  /** Takes in an object that a write of ours returned, ahead of its event, so that we read our own writes. */
  remember(kind: ResourceKind, object: KubeObject): void;
}

export interface LeafMirrorOptions {
  readonly cluster: ClusterName;
  readonly client: KubeReader;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Period of the slow re-list, in milliseconds. */
  readonly resyncMs: number;
  readonly onChange: LeafChangeListener;
  readonly onWatchState: (watch: LeafWatch) => void;
}

/** The key of a watch of all namespaces. */
const ALL = '';

/** Builds the mirror; nothing is read before the first `keep`. */
export function createLeafMirror(options: LeafMirrorOptions): LeafMirror {
  /** By kind, then by namespace. */
  const caches = new Map<Watched, Map<string, WatchCache>>(
    WATCHED_NAMES.map((watched) => [watched, new Map()]),
  );
  const stopping = new Set<Promise<void>>();
  let namespaces: readonly KubeObject[] = [];
  /** Asked for with every event: found anew only when a watch has begun, ended, broken or come back. */
  let watches: readonly LeafWatch[] | undefined;

  function of(watched: Watched): Map<string, WatchCache> {
    const found = caches.get(watched);
    if (found === undefined) throw new TypeError(`"${watched}" is not watched`);
    return found;
  }

  function all(): readonly WatchCache[] {
    return [...caches.values()].flatMap((byNamespace) => [...byNamespace.values()]);
  }

  function begin({ watched, namespace }: WatchScope): void {
    const { cluster, client, clock, random, logger, resyncMs, onChange, onWatchState } = options;
    const where = namespace === undefined ? {} : { namespace };
    const cache = createWatchCache({
      ...{ cluster, client, clock, random, logger, resyncMs },
      ...where,
      kind: WATCHED[watched],
      indexedLabels: [LABEL_REMOTE_CLUSTER_ID, LABEL_NETWORK_TYPE],
      transform: withoutBulk,
    });
    of(watched).set(namespace ?? ALL, cache);
    cache.onChange((change) => onChange(change, watched));
    watches = undefined;
    cache.onState((state) => {
      watches = undefined;
      if (state.kind === 'synced') retryFailed(all());
      onWatchState({ watched, ...where, state });
    });
    cache.start();
  }

  function end(cache: WatchCache): void {
    watches = undefined;
    const stopped = cache.stop().finally(() => stopping.delete(stopped));
    stopping.add(stopped);
  }

  function find(watched: Watched, namespace: string | undefined): WatchCache | undefined {
    return of(watched).get(ALL) ?? of(watched).get(namespace ?? ALL);
  }

  function withLabel(watched: Watched, label: string, value: string): readonly KubeObject[] {
    const held = heldOf(watched).filter(({ metadata }) => metadata.labels?.[label] === value);
    return [...held, ...[...of(watched).values()].flatMap((cache) => cache.byLabel(label, value))];
  }

  /** Objects that no watch has brought. */
  function heldOf(watched: Watched): readonly KubeObject[] {
    return watched === 'namespaces' && of(watched).size === 0 ? namespaces : [];
  }

  return {
    keep: (wanted) => {
      const keys = new Set(wanted.map(keyOf));
      for (const [watched, byNamespace] of caches) {
        for (const [namespace, cache] of byNamespace) {
          if (keys.has(keyOf({ watched, namespace }))) continue;
          byNamespace.delete(namespace);
          end(cache);
        }
      }
      for (const scope of wanted) {
        if (!of(scope.watched).has(scope.namespace ?? ALL)) begin(scope);
      }
    },
    stop: async () => {
      for (const cache of all()) end(cache);
      await Promise.all(stopping);
    },
    holdNamespaces: (found) => {
      namespaces = found.map(withoutBulk);
    },
    stateOf: ({ watched, namespace }) =>
      of(watched)
        .get(namespace ?? ALL)
        ?.state(),
    watches: () => (watches ??= listWatches(caches)),
    ofPeer: (watched, peerID) => withLabel(watched, LABEL_REMOTE_CLUSTER_ID, peerID),
    withLabel,
    get: (watched, namespace, name) =>
      find(watched, namespace)?.get(namespace, name) ??
      heldOf(watched).find(({ metadata }) => metadata.name === name),
    peerIDs: (...kinds) => {
      const objects = kinds.flatMap((watched) =>
        [...of(watched).values()].flatMap((cache) => cache.list()),
      );
      const ids = objects.flatMap(
        ({ metadata }) => metadata.labels?.[LABEL_REMOTE_CLUSTER_ID] ?? [],
      );
      return [...new Set(ids)].sort();
    },
    list: (watched) => [
      ...heldOf(watched),
      ...[...of(watched).values()].flatMap((cache) => cache.list()),
    ],
    remember: (kind, object) => {
      const watched = WATCHED_NAMES.find((name) => WATCHED[name].kind === kind.kind);
      if (watched !== undefined) find(watched, object.metadata.namespace)?.remember(object);
    },
  };
}

function listWatches(
  caches: ReadonlyMap<Watched, ReadonlyMap<string, WatchCache>>,
): readonly LeafWatch[] {
  return [...caches].flatMap(([watched, byNamespace]) =>
    [...byNamespace].map(([namespace, cache]) => ({
      watched,
      ...(namespace === ALL ? {} : { namespace }),
      state: cache.state(),
    })),
  );
}

function keyOf({ watched, namespace }: WatchScope): string {
  return `${watched}/${namespace ?? ALL}`;
}

/**
 * Drops what nobody reads and what is large: the pod templates of the WgGateways (some 10 KB each; their Service
 * stays) and the field lists of `managedFields`, of which only managers' names are kept, to be able to say who changed
 * something.
 */
function withoutBulk(object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = object.metadata;
  const managers = managedFields?.map(({ manager, operation, time, subresource }) => ({
    ...(manager === undefined ? {} : { manager }),
    ...(operation === undefined ? {} : { operation }),
    ...(time === undefined ? {} : { time }),
    ...(subresource === undefined ? {} : { subresource }),
  }));
  const slim = {
    ...object,
    metadata: managers === undefined ? metadata : { ...metadata, managedFields: managers },
  };
  if (!object.kind.startsWith('WgGateway')) return slim;
  return { ...slim, spec: { service: fieldAt(object, 'spec', 'service') } };
}
