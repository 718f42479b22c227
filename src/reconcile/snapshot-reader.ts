import type { LeafRegistry, RegisteredLeaf } from '../leaves/leaf-registry.ts';
import { observeSide } from '../leaves/observe-side.ts';
import type { Condition, LeafConditionType } from '../model/condition.ts';
import { formatRef } from '../model/kube-object.ts';
import { ANNOTATION_FILE, ANNOTATION_REVISION } from '../model/names.ts';
import { shortcutKey } from '../model/shortcut-key.ts';
import { clustersOf, nameOf, type Shortcut, type SideStatus } from '../model/shortcut.ts';
import { ownObjects } from '../plan/own-objects.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Memories, ShortcutMemory } from '../status/shortcut-memory.ts';
import type {
  LeafItem,
  ShortcutDetail,
  ShortcutItem,
  Snapshot,
  SnapshotReader,
  SourceSnapshot,
} from '../status/snapshot.ts';
import type { MainCluster } from './main-cluster.ts';

export interface SnapshotReaderOptions {
  readonly version: string;
  readonly installation: string;
  readonly namespace: string;
  readonly main: MainCluster;
  readonly registry: LeafRegistry;
  readonly memories: Memories;
  /** Undefined without a source. */
  readonly source: () => SourceSnapshot | undefined;
  readonly isSynced: () => boolean;
  readonly clock: Clock;
}

/** Serves the picture from memory: CRs for what is settled, watch caches for what is live. Built once per change. */
export function createSnapshotReader(options: SnapshotReaderOptions): SnapshotReader {
  const { main, registry, memories } = options;
  let cached: { readonly version: number; readonly snapshot: Snapshot } | undefined;

  function build(): Snapshot {
    const shortcuts = main.shortcuts().map((shortcut) => toItem(shortcut, memories.of(nameOf(shortcut))));
    const leaves = registry.all().map((leaf) => toLeafItem(leaf, main));
    const mainError = main.failure()?.message;
    const source = options.source();
    return {
      version: options.version,
      installation: options.installation,
      namespace: options.namespace,
      synced: options.isSynced(),
      ...(mainError === undefined ? {} : { mainError }),
      ...(source === undefined ? {} : { source }),
      counts: countAll(shortcuts, leaves),
      shortcuts: shortcuts.toSorted(byName),
      leaves: leaves.toSorted(byName),
    };
  }

  function snapshot(): Snapshot {
    if (cached?.version !== memories.version) {
      cached = { version: memories.version, snapshot: build() };
    }
    return cached.snapshot;
  }

  return {
    get version() {
      return memories.version;
    },
    get lastBeat() {
      return memories.lastBeat;
    },
    snapshot,
    shortcut: (namespace, name) => {
      const shortcut = main.shortcut(`${namespace}/${name}`);
      return shortcut === undefined
        ? undefined
        : toDetail(shortcut, memories.of(nameOf(shortcut)), options.installation);
    },
    leaf: (name) => {
      const registered = registry.get(name);
      return registered === undefined ? undefined : toLeafItem(registered, main);
    },
  };
}

function byName(a: { namespace: string; name: string }, b: { namespace: string; name: string }): number {
  return `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1;
}

function countAll(shortcuts: readonly ShortcutItem[], leaves: readonly LeafItem[]): Snapshot['counts'] {
  const readiness = shortcuts.map(({ conditions }) => readyOf(conditions)?.status ?? 'Unknown');
  return {
    shortcuts: shortcuts.length,
    ready: readiness.filter((status) => status === 'True').length,
    notReady: readiness.filter((status) => status === 'False').length,
    unknown: readiness.filter((status) => status === 'Unknown').length,
    leaves: leaves.length,
    leavesReady: leaves.filter(({ phase }) => phase === 'Ready').length,
  };
}

function readyOf<T extends string>(conditions: readonly Condition<T>[]): Condition<T> | undefined {
  return conditions.find(({ type }) => type === 'Ready');
}

function toItem(shortcut: Shortcut, memory: ShortcutMemory): ShortcutItem {
  const { metadata, spec, status = {} } = shortcut;
  const { name, namespace = '', annotations = {} } = metadata;
  const conditions = (status.conditions ?? []) as readonly Condition[];
  const sides = (status.sides ?? []).map((side) => withLiveLatency(side, memory));
  return {
    namespace,
    name,
    clusters: clustersOf(shortcut),
    key: shortcutKey(clustersOf(shortcut)),
    phase: status.phase ?? 'Progressing',
    conditions,
    sides,
    revision: annotations[ANNOTATION_REVISION] ?? '',
    file: annotations[ANNOTATION_FILE] ?? '',
    suspended: spec.suspend === true,
    deleting: metadata.deletionTimestamp !== undefined,
    since: readyOf(conditions)?.lastTransitionTime ?? '',
    waitingFor: sides.map(({ waitingFor = '' }) => waitingFor).find((text) => text !== '') ?? '',
  };
}

/** The CR holds a latency that is minutes old; the watch cache has the one of the last 10 s. */
function withLiveLatency(side: SideStatus, memory: ShortcutMemory): SideStatus {
  const live = memory.liveLatencies.get(side.cluster);
  if (live === undefined || side.connection?.status !== 'Connected') return side;
  return { ...side, connection: { ...side.connection, latency: live } };
}

function toDetail(shortcut: Shortcut, memory: ShortcutMemory, installation: string): ShortcutDetail {
  const { last } = memory;
  const identity = { installation, key: shortcutKey(clustersOf(shortcut)) };
  const sides = last?.input.sides ?? [];
  return {
    ...toItem(shortcut, memory),
    spec: shortcut.spec,
    plan: {
      server: last?.plan.server ?? '',
      serverReason: last?.plan.serverReason ?? '',
      actions: (last?.plan.actions ?? []).map((action) => ({
        action: action.kind,
        cluster: action.cluster,
        object: formatRef(action.ref),
        reason: action.reason,
      })),
      waits: (last?.plan.waits ?? []).map(({ message }) => message),
      blocked: (last?.plan.blocked ?? []).map(({ message }) => message),
    },
    history: memory.history,
    objects: sides.flatMap((side) =>
      side.kind === 'unknown'
        ? []
        : ownObjects(side, identity).map(({ ref }) => ({ cluster: side.cluster, object: formatRef(ref) })),
    ),
  };
}

function toLeafItem(registered: RegisteredLeaf, main: MainCluster): LeafItem {
  const { leafCluster, leaf } = registered;
  const { name, namespace = '' } = leafCluster.metadata;
  const { status = {}, spec } = leafCluster;
  const conditions = (status.conditions ?? []) as readonly Condition<LeafConditionType>[];
  const side = observeSide(name, registered, undefined);
  const ready = readyOf(conditions);
  return {
    namespace,
    name,
    clusterID: status.clusterID ?? (side.kind === 'known' ? side.clusterID : ''),
    liqoVersion: status.liqoVersion ?? '',
    cidrs: status.cidrs ?? { pod: [], external: [] },
    gateway: spec.gateway ?? {},
    phase: ready?.status === 'True' ? 'Ready' : (ready?.reason ?? 'Progressing'),
    conditions,
    shortcuts: main.shortcutsOfLeaf(name).length,
    permissionsMissing: leaf?.permissionsMissing() ?? [],
  };
}
