import { createExecutor } from '../apply/executor.ts';
import type { ClusterCredentials } from '../kube/credentials.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { CacheChange } from '../kube/watch-cache.ts';
import { createLeafRegistry, type LeafRegistry } from '../leaves/leaf-registry.ts';
import type { Watched } from '../leaves/watched.ts';
import { readConnection } from '../liqo/connection.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { Outcome, Trigger } from '../model/outcome.ts';
import { shortcutKey, type ClusterName } from '../model/shortcut-key.ts';
import { clustersOf, nameOf, type Shortcut } from '../model/shortcut.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { createWorkQueue, type WorkQueue } from '../runtime/work-queue.ts';
import { createEventRecorder, type EventRecorder } from '../status/event-recorder.ts';
import { createMemories, type Memories, type ShortcutMemory } from '../status/shortcut-memory.ts';
import { affectedShortcuts, isOwnNetwork, isRelevantToPlan } from './affected-shortcuts.ts';
import { createFreshness } from './freshness.ts';
import { createLeafKeeper } from './leaf-keeper.ts';
import { createMainCluster, type MainCluster } from './main-cluster.ts';
import { createPeerKeeper } from './peer-keeper.ts';
import { createReconciler, type Reconciler } from './reconciler.ts';
import { createStatusKeeper, isWorthALook } from './status-keeper.ts';

/**
 * Runs wait for nothing but requests, and those are bounded for each cluster. So this is no more than a bound against the
 * unthinkable: were it small, shortcuts of leaves that hang would take all places.
 */
const CONCURRENCY = 10_000;
/** At most a minute: a person may be waiting for what was mended to be tried again. */
const BACKOFF = { baseMs: 500, capMs: 60_000 };
const STOP_GRACE_MS = 8_000;

/** What is queued: one Shortcut, or the status of one leaf. */
export type WorkKey = `shortcut:${string}` | `leaf:${ClusterName}`;

export interface EngineOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Asked at each run; must be known by `work`. */
  readonly installation: () => string;
  readonly connect: (credentials: ClusterCredentials, cluster: ClusterName) => Promise<KubeClient>;
  readonly parseKubeconfig: (text: string, cluster: ClusterName) => ClusterCredentials;
  /** Of this process, in the Events that it writes. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Period of the slow re-list, in milliseconds. */
  readonly resyncMs: number;
}

/** Stage two: the CRs of the main cluster made true on the leaves. */
export interface Engine {
  readonly main: MainCluster;
  readonly registry: LeafRegistry;
  readonly memories: Memories;
  readonly reconciler: Reconciler;
  readonly queue: WorkQueue<WorkKey>;
  readonly events: EventRecorder;
  /** Reads the main cluster, then the leaves; resolves when the main cluster is synced. */
  start(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Lets the leaves be read for Shortcuts that the main cluster does not have yet. */
  expect(shortcuts: readonly Shortcut[]): void;
  /**
   * Begins to carry out plans. Without it the engine only looks. While the main cluster cannot be read it rests by
   * itself, since nothing is written on leaves by an old picture.
   */
  work(): void;
  /** Carries nothing out any more, until the next `work`; what is under way is called off. */
  rest(): void;
  /** Looks at every shortcut again. */
  addAll(trigger: Trigger): void;
  /** To be called every few seconds: looks at connections that have fallen silent, which no event tells of. */
  sweep(): void;
  stop(): Promise<void>;
}

/** Wires caches, queue and reconciler together; nothing runs before `start`. */
export function createEngine(options: EngineOptions): Engine {
  const { client, namespace, installation, clock, random, logger, resyncMs } = options;
  const memories = createMemories();
  const events = createEventRecorder({ client, instance: options.identity, clock, random, logger });
  const freshness = createFreshness(() => clock.now());
  const queue = createWorkQueue<WorkKey>({
    work: (key, context) => run(key, context),
    concurrency: CONCURRENCY,
    clock,
    random,
    logger,
    backoff: BACKOFF,
  });

  function addShortcuts(shortcuts: readonly Shortcut[], trigger: Trigger): void {
    for (const shortcut of shortcuts) queue.add(`shortcut:${nameOf(shortcut)}`, trigger);
  }

  function onShortcut(change: CacheChange): void {
    memories.touch();
    const shortcut = change.object as Shortcut;
    if (change.type === 'modified' && !isRelevantToPlan(change)) return;
    queue.add(`shortcut:${nameOf(shortcut)}`, 'cluster-change');
    if (change.type === 'modified') return;
    peers.update(clustersOf(shortcut));
    addShortcuts(main.shortcutsOfPair(shortcutKey(clustersOf(shortcut))), 'cluster-change');
    for (const cluster of clustersOf(shortcut)) queue.add(`leaf:${cluster}`, 'cluster-change');
  }

  function onLeafChange(cluster: ClusterName, change: CacheChange, watched: Watched): void {
    memories.touch();
    if (watched === 'connections') {
      if (change.type === 'deleted') freshness.forget(change.object);
      else freshness.note(change.object);
    }
    const shortcutsOfLeaf = main.shortcutsOfLeaf(cluster);
    const affected = affectedShortcuts(change, watched, { cluster, shortcutsOfLeaf, registry });
    addShortcuts(
      affected.filter((shortcut) => {
        const memory = memories.of(nameOf(shortcut));
        if (watched === 'connections') noteLiveLatency(memory, cluster, change.object);
        return isWorthALook(change, { shortcut, memory, cluster, now: clock.now() });
      }),
      'cluster-change',
    );
    if (isOwnNetwork(change.object, watched)) queue.add(`leaf:${cluster}`, 'cluster-change');
  }

  function updateLeaves(): void {
    registry.update(main.leafClusters(), (leafCluster) => main.secretOf(leafCluster));
  }

  function onLeafState(cluster: ClusterName): void {
    memories.touch();
    peers.noticeLeaf(cluster);
    queue.add(`leaf:${cluster}`, 'cluster-change');
    addShortcuts(main.shortcutsOfLeaf(cluster), 'cluster-change');
  }

  const main = createMainCluster({
    client,
    namespace,
    clock,
    random,
    logger,
    resyncMs,
    onShortcut,
    onLeaf: () => {
      memories.touch();
      if (isStarted) updateLeaves();
    },
    onStateChange: () => {
      memories.touch();
      noticeMain();
    },
  });
  const registry = createLeafRegistry({
    ...options,
    onChange: onLeafChange,
    onStateChange: onLeafState,
  });
  const peers = createPeerKeeper({ main, registry });
  const executor = createExecutor((cluster) => {
    const { client: writer, mirror } = registry.get(cluster)?.leaf ?? {};
    if (writer === undefined || mirror === undefined) return undefined;
    return { writer, remember: (kind, object) => mirror.remember(kind, object) };
  });
  const statusKeeper = createStatusKeeper({ main, freshness, clock, logger, events });
  const leafKeeper = createLeafKeeper({ main, registry, clock, events });
  const reconciler = createReconciler({
    main,
    registry,
    executor,
    statusKeeper,
    events,
    memories,
    installation,
    clock,
    logger,
  });
  let isStarted = false;
  let isToWork = false;
  let isWorking = false;
  let mainFailure: string | undefined;

  /** One line for each change, however many watches notice it. */
  function noticeMain(): void {
    const failure = main.failure();
    if (failure?.code === mainFailure) return;
    mainFailure = failure?.code;
    if (failure === undefined) logger.info('Main cluster is read again');
    else logger.warn({ err: failure }, 'Main cluster cannot be read');
    workOrRest();
  }

  function workOrRest(): void {
    const isDue = isToWork && main.failure() === undefined;
    if (isDue === isWorking) return;
    isWorking = isDue;
    if (isDue) queue.start();
    else queue.pause();
  }

  function run(key: WorkKey, context: { signal: AbortSignal; trigger: Trigger }): Promise<Outcome> {
    const name = key.slice(key.indexOf(':') + 1);
    return key.startsWith('leaf:')
      ? leafKeeper.keep(name, context)
      : reconciler.reconcile(name, context);
  }

  return {
    main,
    registry,
    memories,
    reconciler,
    queue,
    events,
    start: async ({ signal }) => {
      main.start();
      await main.synced({ signal });
      isStarted = true;
      updateLeaves();
    },
    expect: (shortcuts) => peers.expect(shortcuts),
    work: () => {
      isToWork = true;
      workOrRest();
    },
    rest: () => {
      isToWork = false;
      workOrRest();
    },
    addAll: (trigger) => {
      addShortcuts(main.shortcuts(), trigger);
      for (const { metadata } of main.leafClusters()) queue.add(`leaf:${metadata.name}`, trigger);
    },
    sweep: () => {
      memories.beat(clock.now());
      const silent = main.shortcuts().filter((shortcut) => {
        const sides = memories.of(nameOf(shortcut)).last?.input.sides ?? [];
        return sides.some(
          (side) =>
            side.kind === 'known' &&
            side.connections.some((connection) => !freshness.isFresh(connection)),
        );
      });
      addShortcuts(silent, 'cluster-change');
    },
    stop: async () => {
      await queue.stop({ graceMs: STOP_GRACE_MS });
      await Promise.all([events.stop(), registry.stop(), main.stop()]);
    },
  };
}

function noteLiveLatency(
  memory: ShortcutMemory,
  cluster: ClusterName,
  connection: KubeObject,
): void {
  const { latency } = readConnection(connection);
  if (latency !== undefined) memory.liveLatencies.set(cluster, latency);
}
