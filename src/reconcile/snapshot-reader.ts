import type { Leadership } from '../kube/leader-elector.ts';
import type { LeafRegistry, RegisteredLeaf } from '../leaves/leaf-registry.ts';
import type { ForgeSnapshot } from '../model/forge.ts';
import { nameOf } from '../model/shortcut.ts';
import {
  readyOf,
  toLeafItem,
  toPlanItem,
  toShortcutDetail,
  toShortcutItem,
} from '../status/snapshot-items.ts';
import type { Memories } from '../status/shortcut-memory.ts';
import type {
  LeafItem,
  ShortcutItem,
  Snapshot,
  SnapshotReader,
  SourceSnapshot,
} from '../status/snapshot.ts';
import type { MainCluster } from './main-cluster.ts';

export interface SnapshotReaderOptions {
  readonly version: string;
  /** Empty until it is found out. */
  readonly installation: () => string;
  readonly leadership: () => Leadership;
  readonly namespace: string;
  readonly main: MainCluster;
  readonly registry: LeafRegistry;
  readonly memories: Memories;
  /** Undefined without a source. */
  readonly source: () => SourceSnapshot | undefined;
  /** Undefined where nothing is reported to the host of the repository. */
  readonly forge: () => ForgeSnapshot | undefined;
  readonly isSynced: () => boolean;
}

/** Serves the picture from memory: CRs for what is settled, watch caches for what is live. Built once per change. */
export function createSnapshotReader(options: SnapshotReaderOptions): SnapshotReader {
  const { main, registry, memories } = options;
  let cached: { readonly version: number; readonly snapshot: Snapshot } | undefined;

  function toItem({ leafCluster, leaf }: RegisteredLeaf): LeafItem {
    return toLeafItem({
      leafCluster,
      shortcuts: main.shortcutsOfLeaf(leafCluster.metadata.name).length,
      permissionsMissing: leaf?.permissionsMissing() ?? [],
    });
  }

  function build(): Snapshot {
    const shortcuts = main
      .shortcuts()
      .map((shortcut) => toShortcutItem(shortcut, memories.of(nameOf(shortcut))));
    const leaves = registry.all().map((leaf) => toItem(leaf));
    const mainError = main.failure()?.message;
    const staleSince = main.failingSince();
    const { role, leader } = options.leadership();
    const source = options.source();
    const forge = options.forge();
    return {
      version: options.version,
      installation: options.installation(),
      namespace: options.namespace,
      synced: options.isSynced(),
      role,
      ...(leader === '' ? {} : { leader }),
      ...(mainError === undefined ? {} : { mainError }),
      ...(staleSince === undefined ? {} : { staleSince: new Date(staleSince).toISOString() }),
      ...(source === undefined ? {} : { source }),
      ...(forge === undefined ? {} : { forge }),
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
        : toShortcutDetail(shortcut, memories.of(nameOf(shortcut)), options.installation());
    },
    leaf: (name) => {
      const registered = registry.get(name);
      return registered === undefined ? undefined : toItem(registered);
    },
    plan: () => ({
      items: main
        .shortcuts()
        .flatMap((shortcut) => toPlanItem(shortcut, memories.of(nameOf(shortcut))) ?? [])
        .toSorted(byName),
      held: options.source()?.held ?? [],
    }),
    onChange: (listener) => memories.onTouch(listener),
  };
}

function byName(
  a: { namespace: string; name: string },
  b: { namespace: string; name: string },
): number {
  return `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1;
}

function countAll(
  shortcuts: readonly ShortcutItem[],
  leaves: readonly LeafItem[],
): Snapshot['counts'] {
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
