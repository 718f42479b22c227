import type { OperatorError } from '../errors/operator-error.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { recoverTogether } from '../kube/recover-together.ts';
import { createWatchCache, type CacheChange } from '../kube/watch-cache.ts';
import { LEAF_CLUSTER, SECRET, SHORTCUT } from '../model/kinds.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { ClusterName, ShortcutKey } from '../model/shortcut-key.ts';
import type { Shortcut } from '../model/shortcut.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { createPairIndex } from './pair-index.ts';

/** The main cluster's part in the story: our CRs, and the Secrets with the leaves' credentials. */
export interface MainCluster {
  readonly client: KubeClient;
  /** The installation's. */
  readonly namespace: string;
  start(): void;
  stop(): Promise<void>;
  synced(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Set while the main cluster cannot be read. */
  failure(): OperatorError | undefined;
  /** Since when it cannot be read, in milliseconds since the epoch: what is known of it may be as old. */
  failingSince(): number | undefined;
  shortcuts(): readonly Shortcut[];
  shortcut(name: string): Shortcut | undefined;
  shortcutsOfLeaf(cluster: ClusterName): readonly Shortcut[];
  /** All Shortcuts for one pair, the oldest first: that one is in force. */
  shortcutsOfPair(key: ShortcutKey): readonly Shortcut[];
  leafClusters(): readonly LeafCluster[];
  secretOf(leafCluster: LeafCluster): KubeObject | undefined;
  /** Takes in what a write of ours returned, ahead of its event. */
  remember(kind: ResourceKind, object: KubeObject): void;
}

export interface MainClusterOptions {
  readonly client: KubeClient;
  /** The installation's namespace: nothing is looked for elsewhere. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly resyncMs: number;
  readonly onShortcut: (change: CacheChange) => void;
  /** A LeafCluster or a Secret changed. */
  readonly onLeaf: () => void;
  readonly onStateChange: () => void;
}

/** Builds the three caches; nothing is read before `start`. */
export function createMainCluster(options: MainClusterOptions): MainCluster {
  const { client, namespace, clock, random, logger, resyncMs } = options;
  const common = { client, clock, random, logger, resyncMs, cluster: 'main' };
  const shortcuts = createWatchCache({ ...common, kind: SHORTCUT, namespace });
  const leafClusters = createWatchCache({ ...common, kind: LEAF_CLUSTER, namespace });
  const secrets = createWatchCache({ ...common, kind: SECRET, namespace });
  const caches = [shortcuts, leafClusters, secrets];
  const index = createPairIndex();

  shortcuts.onChange((change) => {
    index.take(change);
    options.onShortcut(change);
  });
  leafClusters.onChange(options.onLeaf);
  secrets.onChange(options.onLeaf);
  for (const cache of caches) cache.onState(options.onStateChange);
  recoverTogether(caches);

  return {
    client,
    namespace,
    start: () => caches.forEach((cache) => cache.start()),
    stop: async () => {
      await Promise.all(caches.map((cache) => cache.stop()));
    },
    synced: async ({ signal }) => {
      await Promise.all(caches.map((cache) => cache.synced({ signal })));
    },
    failure: () => {
      for (const cache of caches) {
        const state = cache.state();
        if (state.kind === 'failed') return state.error;
      }
      return undefined;
    },
    failingSince: () => {
      const since = caches.flatMap((cache) => {
        const state = cache.state();
        return state.kind === 'failed' ? [state.since] : [];
      });
      return since.length === 0 ? undefined : Math.min(...since);
    },
    shortcuts: () => shortcuts.list() as readonly Shortcut[],
    shortcut: (name) => {
      const [inNamespace = '', plainName = ''] = name.split('/');
      return shortcuts.get(inNamespace, plainName) as Shortcut | undefined;
    },
    shortcutsOfLeaf: (cluster) => index.ofLeaf(cluster),
    shortcutsOfPair: (key) => index.ofPair(key),
    leafClusters: () => leafClusters.list() as readonly LeafCluster[],
    secretOf: ({ metadata, spec }) =>
      secrets.get(metadata.namespace, spec.kubeconfigSecretRef.name),
    remember: (kind, object) => {
      caches.find((cache) => cache.kind.kind === kind.kind)?.remember(object);
    },
  };
}
