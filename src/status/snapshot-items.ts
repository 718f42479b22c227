import type { Condition, LeafConditionType } from '../model/condition.ts';
import { formatRef } from '../model/kube-object.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import { ANNOTATION_FILE, ANNOTATION_REVISION } from '../model/names.ts';
import type { Plan } from '../model/plan.ts';
import { clustersOf, type Shortcut, type SideStatus } from '../model/shortcut.ts';
import { shortcutKey } from '../model/shortcut-key.ts';
import { ownObjects } from '../plan/own-objects.ts';
import { identityOf } from '../plan/ownership.ts';
import type { ShortcutMemory } from './shortcut-memory.ts';
import type { LeafItem, PlanItem, ShortcutDetail, ShortcutItem } from './snapshot.ts';

/** A Shortcut as an item of a list. */
export function toShortcutItem(shortcut: Shortcut, memory: ShortcutMemory): ShortcutItem {
  const { metadata, spec } = shortcut;
  const { phase = 'Progressing', ...status } = shortcut.status ?? {};
  const conditions = (status.conditions ?? []) as readonly Condition[];
  const sides = (status.sides ?? []).map((side) => withLiveLatency(side, memory));
  return {
    ...originOf(shortcut),
    clusters: clustersOf(shortcut),
    key: shortcutKey(clustersOf(shortcut)),
    phase,
    conditions,
    sides,
    suspended: spec.suspend === true,
    deleting: metadata.deletionTimestamp !== undefined,
    since: readyOf(conditions)?.lastTransitionTime ?? '',
    waitingFor: firstWait(sides),
  };
}

/** Where an object lies, and where it came from. */
function originOf({
  metadata,
}: Shortcut): Pick<ShortcutItem, 'namespace' | 'name' | 'revision' | 'file'> {
  const { name, namespace = '', annotations = {} } = metadata;
  const { [ANNOTATION_REVISION]: revision = '', [ANNOTATION_FILE]: file = '' } = annotations;
  return { namespace, name, revision, file };
}

function firstWait(sides: readonly SideStatus[]): string {
  return sides.map(({ waitingFor = '' }) => waitingFor).find((text) => text !== '') ?? '';
}

/** The CR holds a latency that is minutes old; the watch cache has the one of the last 10 s. */
function withLiveLatency(side: SideStatus, memory: ShortcutMemory): SideStatus {
  const live = memory.liveLatencies.get(side.cluster);
  if (live === undefined || side.connection?.status !== 'Connected') return side;
  return { ...side, connection: { ...side.connection, latency: live } };
}

/** The condition that sums up. */
export function readyOf<T extends string>(
  conditions: readonly Condition<T>[],
): Condition<T> | undefined {
  return conditions.find(({ type }) => type === 'Ready');
}

/** A Shortcut with its plan, its history and its objects on the leaves. */
export function toShortcutDetail(
  shortcut: Shortcut,
  memory: ShortcutMemory,
  installation: string,
): ShortcutDetail {
  const { last, history } = memory;
  const identity = identityOf(shortcut, installation);
  const objects = (last?.input.sides ?? []).flatMap((side) => {
    const own = side.kind === 'known' ? ownObjects(side, identity) : [];
    return own.map(({ ref }) => ({ cluster: side.cluster, object: formatRef(ref) }));
  });
  const { spec } = shortcut;
  const plan = describePlan(last?.plan ?? NO_PLAN);
  return { ...toShortcutItem(shortcut, memory), spec, plan, history, objects };
}

/** The plan of a Shortcut; undefined when there is nothing to do, to wait for or in the way. */
export function toPlanItem(shortcut: Shortcut, { last }: ShortcutMemory): PlanItem | undefined {
  if (last === undefined) return undefined;
  const { actions, waits, blocked } = last.plan;
  if (actions.length + waits.length + blocked.length === 0) return undefined;
  const { namespace, name } = originOf(shortcut);
  return { namespace, name, clusters: clustersOf(shortcut), plan: describePlan(last.plan) };
}

const NO_PLAN: Pick<Plan, 'serverReason' | 'actions' | 'waits' | 'blocked'> &
  Pick<Partial<Plan>, 'server'> = {
  serverReason: '',
  actions: [],
  waits: [],
  blocked: [],
};

function describePlan(plan: typeof NO_PLAN): ShortcutDetail['plan'] {
  return {
    server: plan.server ?? '',
    serverReason: plan.serverReason,
    actions: plan.actions.map(({ kind, cluster, ref, reason }) => ({
      action: kind,
      cluster,
      object: formatRef(ref),
      reason,
    })),
    waits: plan.waits.map(({ message }) => message),
    blocked: plan.blocked.map(({ message }) => message),
  };
}

export interface LeafFacts {
  readonly leafCluster: LeafCluster;
  /** How many Shortcuts name the leaf. */
  readonly shortcuts: number;
  readonly permissionsMissing: readonly string[];
}

/** A LeafCluster as an item of a list. */
export function toLeafItem({ leafCluster, shortcuts, permissionsMissing }: LeafFacts): LeafItem {
  const { name, namespace = '' } = leafCluster.metadata;
  const { clusterID = '', liqoVersion = '', ...status } = leafCluster.status ?? {};
  const conditions = (status.conditions ?? []) as readonly Condition<LeafConditionType>[];
  return {
    namespace,
    name,
    clusterID,
    liqoVersion,
    cidrs: status.cidrs ?? { pod: [], external: [] },
    gateway: leafCluster.spec.gateway ?? {},
    phase: leafPhase(readyOf(conditions)),
    conditions,
    ...(status.credential === undefined ? {} : { credential: status.credential }),
    shortcuts,
    permissionsMissing,
  };
}

function leafPhase(ready: Condition<LeafConditionType> | undefined): string {
  if (ready === undefined) return 'Progressing';
  return ready.status === 'True' ? 'Ready' : ready.reason;
}
