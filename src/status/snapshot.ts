import type { Condition, LeafConditionType } from '../model/condition.ts';
import type { ForgeSnapshot } from '../model/forge.ts';
import type { LeafClusterSpec, LeafClusterStatus } from '../model/leaf-cluster.ts';
import type { ShortcutSpec, SideStatus } from '../model/shortcut.ts';
import type { HeldDeletion, SourceSnapshot } from '../model/source-snapshot.ts';

export type { HeldDeletion, SourceSnapshot };

/** An item of `/api/v1/shortcuts` (DESIGN section 6). */
export interface ShortcutItem {
  readonly namespace: string;
  readonly name: string;
  readonly clusters: readonly [string, string];
  readonly key: string;
  readonly phase: string;
  readonly conditions: readonly Condition[];
  readonly sides: readonly SideStatus[];
  readonly revision: string;
  readonly file: string;
  readonly suspended: boolean;
  readonly deleting: boolean;
  /** Since when Ready has its present status. RFC 3339. */
  readonly since: string;
  readonly waitingFor: string;
}

export interface HistoryEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly message: string;
}

export interface PlannedAction {
  readonly action: 'apply' | 'patch' | 'delete';
  readonly cluster: string;
  readonly object: string;
  readonly reason: string;
}

export interface ShortcutDetail extends ShortcutItem {
  readonly spec: ShortcutSpec;
  readonly plan: {
    readonly server: string;
    readonly serverReason: string;
    readonly actions: readonly PlannedAction[];
    readonly waits: readonly string[];
    readonly blocked: readonly string[];
  };
  readonly history: readonly HistoryEntry[];
  /** Objects of ours on both leaves. */
  readonly objects: readonly { readonly cluster: string; readonly object: string }[];
}

/** An item of `/api/v1/leaves`. */
export interface LeafItem {
  readonly namespace: string;
  readonly name: string;
  readonly clusterID: string;
  readonly liqoVersion: string;
  readonly cidrs: NonNullable<LeafClusterStatus['cidrs']>;
  readonly gateway: NonNullable<LeafClusterSpec['gateway']>;
  readonly phase: string;
  readonly conditions: readonly Condition<LeafConditionType>[];
  /** Left out where the credential does not say when it ends. */
  readonly credential?: NonNullable<LeafClusterStatus['credential']>;
  readonly shortcuts: number;
  readonly permissionsMissing: readonly string[];
}

/** The whole picture, as served by `/api/v1/status`. */
export interface Snapshot {
  readonly version: string;
  readonly installation: string;
  readonly namespace: string;
  /** False until the first sync of the main cluster is done. */
  readonly synced: boolean;
  /** Whether this process writes, or only looks on and answers. */
  readonly role: 'leader' | 'follower';
  /** Identity of the process that writes; left out while none is known to. */
  readonly leader?: string;
  /** Set while the main cluster cannot be reached: what follows is then old. */
  readonly mainError?: string;
  /** Since when the main cluster cannot be reached. RFC 3339. */
  readonly staleSince?: string;
  readonly source?: SourceSnapshot;
  /** How reporting back to the host of the repository goes; left out where nothing is reported. */
  readonly forge?: ForgeSnapshot;
  readonly counts: {
    readonly shortcuts: number;
    readonly ready: number;
    readonly notReady: number;
    readonly unknown: number;
    readonly leaves: number;
    readonly leavesReady: number;
  };
  readonly shortcuts: readonly ShortcutItem[];
  readonly leaves: readonly LeafItem[];
}

/** What would be done now for one shortcut, what it waits for, and what is in the way. */
export interface PlanItem {
  readonly namespace: string;
  readonly name: string;
  readonly clusters: readonly [string, string];
  readonly plan: ShortcutDetail['plan'];
}

/** `/api/v1/plan`: every shortcut with something to do, to wait for or in the way, and the deletions that are held. */
export interface PlanOverview {
  readonly items: readonly PlanItem[];
  readonly held: readonly HeldDeletion[];
}

/** What the HTTP edge reads. Synchronous: everything is in memory. */
export interface SnapshotReader {
  /** Changes with everything that a snapshot can show; the ETag. */
  readonly version: number;
  snapshot(): Snapshot;
  shortcut(namespace: string, name: string): ShortcutDetail | undefined;
  leaf(name: string): LeafItem | undefined;
  plan(): PlanOverview;
  /** Calls `listener` after every change of `version`; it must not throw. Returns the way to end that. */
  onChange(listener: () => void): () => void;
  /** Milliseconds since the epoch at which the loop last showed life. */
  readonly lastBeat: number;
}
