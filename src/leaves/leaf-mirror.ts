import type { OperatorError } from '../errors/operator-error.ts';
import type { KubeReader } from '../kube/kube-client.ts';
import { recoverTogether } from '../kube/recover-together.ts';
import { createWatchCache, type CacheChange, type WatchCache } from '../kube/watch-cache.ts';
import {
  CONFIGURATION,
  CONNECTION,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  NETWORK,
  PUBLIC_KEY,
  WG_GATEWAY_CLIENT,
  WG_GATEWAY_SERVER,
} from '../liqo/kinds.ts';
import { LABEL_NETWORK_TYPE, LABEL_REMOTE_CLUSTER_ID } from '../liqo/labels.ts';
import { NAMESPACE } from '../model/kinds.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';

/** What we watch on a leaf: nine watches, however many shortcuts it takes part in. */
const WATCHED = {
  namespaces: NAMESPACE,
  configurations: CONFIGURATION,
  gatewayServers: GATEWAY_SERVER,
  gatewayClients: GATEWAY_CLIENT,
  publicKeys: PUBLIC_KEY,
  connections: CONNECTION,
  wgGatewayServers: WG_GATEWAY_SERVER,
  wgGatewayClients: WG_GATEWAY_CLIENT,
  networks: NETWORK,
} as const satisfies Record<string, ResourceKind>;

export type Watched = keyof typeof WATCHED;

const WATCHED_NAMES = Object.keys(WATCHED) as readonly Watched[];

export type LeafChangeListener = (change: CacheChange, watched: Watched) => void;

/** A read-only copy of everything on one leaf that the planner may need, kept fresh by watches. */
export interface LeafMirror {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when every kind was listed once, however long that takes. */
  synced(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Kinds whose watch has failed, with the error: what they hold may be old. */
  failures(): readonly { readonly kind: ResourceKind; readonly error: OperatorError }[];
  /** Objects labelled with the peer's cluster ID, in all namespaces. */
  ofPeer(watched: Watched, peerID: string): readonly KubeObject[];
  /** Objects with this value of a label; only labels that are indexed (the peer's ID, the type of a Network). */
  withLabel(watched: Watched, label: string, value: string): readonly KubeObject[];
  get(watched: Watched, namespace: string | undefined, name: string): KubeObject | undefined;
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
  readonly onStateChange: () => void;
}

/** Builds the mirror; nothing is read before `start`. */
export function createLeafMirror(options: LeafMirrorOptions): LeafMirror {
  const { cluster, client, clock, random, logger, resyncMs, onChange, onStateChange } = options;
  const caches = new Map<Watched, WatchCache>();
  /** Asked for with every event, and nearly always empty: found anew only when a watch has broken or come back. */
  let failures: ReturnType<LeafMirror['failures']> | undefined;
  for (const watched of WATCHED_NAMES) {
    const cache = createWatchCache({
      ...{ cluster, client, clock, random, logger, resyncMs },
      kind: WATCHED[watched],
      indexedLabels: [LABEL_REMOTE_CLUSTER_ID, LABEL_NETWORK_TYPE],
      transform: withoutBulk,
    });
    cache.onChange((change) => onChange(change, watched));
    cache.onState(() => {
      failures = undefined;
      onStateChange();
    });
    caches.set(watched, cache);
  }
  recoverTogether([...caches.values()]);

  function cacheOf(watched: Watched): WatchCache {
    const cache = caches.get(watched);
    if (cache === undefined) throw new TypeError(`"${watched}" is not watched`);
    return cache;
  }

  return {
    start: () => caches.forEach((cache) => cache.start()),
    stop: async () => {
      await Promise.all([...caches.values()].map((cache) => cache.stop()));
    },
    synced: async ({ signal }) => {
      await Promise.all([...caches.values()].map((cache) => cache.synced({ signal })));
    },
    failures: () => (failures ??= findFailures([...caches.values()])),
    ofPeer: (watched, peerID) => cacheOf(watched).byLabel(LABEL_REMOTE_CLUSTER_ID, peerID),
    withLabel: (watched, label, value) => cacheOf(watched).byLabel(label, value),
    get: (watched, namespace, name) => cacheOf(watched).get(namespace, name),
    remember: (kind, object) => {
      const watched = WATCHED_NAMES.find((name) => WATCHED[name].kind === kind.kind);
      if (watched !== undefined) cacheOf(watched).remember(object);
    },
  };
}

function findFailures(caches: readonly WatchCache[]): ReturnType<LeafMirror['failures']> {
  return caches.flatMap((cache) => {
    const state = cache.state();
    return state.kind === 'failed' ? [{ kind: cache.kind, error: state.error }] : [];
  });
}

/**
 * Drops what nobody reads and what is large: the pod templates of the WgGateways (some 10 KB each) and the field
 * lists of `managedFields`, of which only managers' names are kept, to be able to say who changed something.
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
  return { ...slim, spec: undefined };
}
