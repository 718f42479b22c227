import type { CacheChange } from '../kube/watch-cache.ts';
import { readConnection } from '../liqo/connection.ts';
import type { Condition } from '../model/condition.ts';
import { SHORTCUT } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { ANNOTATION_RECONCILE_REQUESTED, ANNOTATION_REVISION } from '../model/names.ts';
import type { Plan } from '../model/plan.ts';
import { shortcutKey } from '../model/shortcut-key.ts';
import { clustersOf, nameOf, type Shortcut, type ShortcutStatus } from '../model/shortcut.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { computeConditions, computePhase, type Failure } from '../status/compute-conditions.ts';
import { computeSides, latencyToWrite } from '../status/compute-sides.ts';
import type { EventRecorder } from '../status/event-recorder.ts';
import type { ShortcutMemory } from '../status/shortcut-memory.ts';
import { readSideConnection } from '../status/side-connection.ts';
import { writeStatus } from '../status/write-status.ts';
import type { Freshness } from './freshness.ts';
import type { MainCluster } from './main-cluster.ts';
import { transitionEvent } from './transition-event.ts';

export interface StatusRun {
  readonly shortcut: Shortcut;
  readonly input: PlanInput;
  readonly plan: Plan;
  readonly failure: Failure | undefined;
  readonly memory: ShortcutMemory;
  readonly signal: AbortSignal;
}

/** Turns the outcome of a run into the CR's status, and writes it when it changed. */
export interface StatusKeeper {
  keep(run: StatusRun): Promise<void>;
  /** The status as it would be written. */
  compute(run: Omit<StatusRun, 'signal'>): ShortcutStatus;
}

export interface StatusKeeperOptions {
  readonly main: MainCluster;
  readonly freshness: Freshness;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: Pick<EventRecorder, 'record'>;
}

/** A keeper that writes through the main cluster's client. */
export function createStatusKeeper({
  main,
  freshness,
  clock,
  logger,
  events,
}: StatusKeeperOptions): StatusKeeper {
  function compute({
    shortcut,
    input,
    plan,
    failure,
    memory,
  }: Omit<StatusRun, 'signal'>): ShortcutStatus {
    const now = clock.now();
    const [first, second] = input.sides;
    const isFresh = (connection: KubeObject) => freshness.isFresh(connection);
    const connections = [
      readSideConnection(first, isFresh),
      readSideConnection(second, isFresh),
    ] as const;
    const conditions = computeConditions({
      shortcut,
      plan,
      connections,
      ...(failure === undefined ? {} : { failure }),
      now: new Date(now).toISOString(),
    });
    const reported = memory.latencies;
    seedLatencies(memory, shortcut, now);
    const sides = computeSides({ shortcut, sides: input.sides, plan, connections, reported, now });
    const { annotations = {}, generation } = shortcut.metadata;
    const requested = annotations[ANNOTATION_RECONCILE_REQUESTED];
    const revision = annotations[ANNOTATION_REVISION];
    return {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      conditions,
      key: shortcutKey(clustersOf(shortcut)),
      ...(revision === undefined ? {} : { revision }),
      phase: computePhase(shortcut, conditions, connections),
      // Not decided anew while a side cannot be seen.
      serverReason: plan.serverReason || (shortcut.status?.serverReason ?? ''),
      ...(requested === undefined ? {} : { lastHandledReconcileAt: requested }),
      sides,
    };
  }

  return {
    compute,
    keep: async (run) => {
      const { shortcut, memory, signal } = run;
      const status = compute(run);
      const stored = await writeStatus({
        writer: main.client,
        kind: SHORTCUT,
        object: shortcut,
        status: { ...status },
        signal,
      });
      if (stored === undefined || stored === shortcut) return;
      main.remember(SHORTCUT, stored);
      noteLatencies(memory, status, clock.now());
      noteTransition(run, status, clock.now(), { logger, events });
    },
  };
}

/** After a restart the CR is the memory: what it says counts as written just now. */
function seedLatencies({ latencies }: ShortcutMemory, { status }: Shortcut, now: number): void {
  for (const { cluster, connection } of status?.sides ?? []) {
    if (!latencies.has(cluster)) latencies.set(cluster, { text: connection?.latency, at: now });
  }
}

function noteLatencies(memory: ShortcutMemory, status: ShortcutStatus, now: number): void {
  for (const { cluster, connection } of status.sides ?? []) {
    const text = connection?.latency;
    const before = memory.latencies.get(cluster);
    if (before === undefined || before.text !== text || text === undefined) {
      memory.latencies.set(cluster, { text, at: now });
    }
  }
}

function readyOf(status: ShortcutStatus | undefined): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready') as Condition | undefined;
}

/** One line in the log and in the history, and an Event, for each change that a user would notice; none for the rest. */
function noteTransition(
  run: StatusRun,
  status: ShortcutStatus,
  now: number,
  { logger, events }: Pick<StatusKeeperOptions, 'logger' | 'events'>,
): void {
  const before = readyOf(run.shortcut.status);
  const after = readyOf(status);
  if (after === undefined) return;
  if (before?.status === after.status && before.reason === after.reason) return;
  const { phase = '' } = status;
  const from = run.shortcut.status?.phase ?? '';
  const { reason, message } = after;
  run.memory.note({ at: new Date(now).toISOString(), from, to: phase, reason, message });
  logger.info(
    { shortcut: nameOf(run.shortcut), from, phase, reason, detail: message },
    'Shortcut changed',
  );
  events.record(transitionEvent(run.shortcut, before, after));
}

/**
 * Whether a change of an object on a leaf can change plan or status. Liqo rewrites every Connection each 10 s with
 * nothing but a new latency; that must cost nothing, unless the latency moved enough to be reported.
 */
export function isWorthALook(
  change: CacheChange,
  context: {
    readonly shortcut: Shortcut;
    readonly memory: ShortcutMemory;
    readonly cluster: string;
    /** Milliseconds since the epoch. */
    readonly now: number;
  },
): boolean {
  if (change.type !== 'modified' || change.object.kind !== 'Connection') return true;
  const { object, previous } = change;
  const { shortcut, memory, cluster, now } = context;
  const before = readConnection(previous);
  const after = readConnection(object);
  if (before.value !== after.value || before.value !== 'Connected') return true;
  if (object.metadata.uid !== previous.metadata.uid) return true;
  if (readyOf(shortcut.status)?.reason === 'ConnectionStale') return true;
  const reported = memory.latencies.get(cluster);
  return latencyToWrite(after.latency, reported, { now, isChanged: false }) !== reported?.text;
}
