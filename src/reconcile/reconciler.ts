import type { Executor } from '../apply/executor.ts';
import { isAbort } from '../errors/classify.ts';
import { ClusterForbiddenError, WriteConflictError } from '../errors/errors.ts';
import type { LeafRegistry } from '../leaves/leaf-registry.ts';
import { SHORTCUT } from '../model/kinds.ts';
import { FINALIZER } from '../model/names.ts';
import type { Outcome, Trigger } from '../model/outcome.ts';
import type { Action, ActionResult, Plan } from '../model/plan.ts';
import { shortcutKey } from '../model/shortcut-key.ts';
import { clustersOf, nameOf, type Shortcut } from '../model/shortcut.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import { planShortcut } from '../plan/plan-shortcut.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Failure } from '../status/compute-conditions.ts';
import type { EventRecorder } from '../status/event-recorder.ts';
import type { Memories, ShortcutMemory } from '../status/shortcut-memory.ts';
import { createDeletionHold } from './deletion-hold.ts';
import { disconnectedEvent, driftEvent } from './shortcut-events.ts';
import { judgeResults } from './judge-results.ts';
import type { MainCluster } from './main-cluster.ts';
import { isBeingRead, observePair } from './observe-pair.ts';
import type { StatusKeeper } from './status-keeper.ts';

/** A run plans again after writing, since what was written may be all that the next step waited for; at most so often. */
const MAX_ROUNDS = 6;
/** A key Secret is looked for after this long, then after twice as long, and so on. */
const FIRST_KEY_POLL_MS = 50;
const MAX_KEY_POLL_MS = 5_000;

export interface ReconcilerOptions {
  readonly main: MainCluster;
  readonly registry: LeafRegistry;
  readonly executor: Executor;
  readonly statusKeeper: StatusKeeper;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly memories: Memories;
  readonly installation: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RunContext {
  readonly signal: AbortSignal;
  readonly trigger: Trigger;
}

/** The journey of one shortcut: observe → plan → apply → status, from the whole state every time. */
export interface Reconciler {
  /** `name` is `namespace/name`. Waits for nothing but requests: the next watch event goes on where it stopped. */
  reconcile(name: string, context: RunContext): Promise<Outcome>;
  /** Observe and plan only. */
  plan(shortcut: Shortcut, context: RunContext): Promise<{ input: PlanInput; plan: Plan }>;
}

interface Run {
  readonly shortcut: Shortcut;
  readonly input: PlanInput;
  readonly plan: Plan;
  readonly failure: Failure | undefined;
  readonly heldMs: number | undefined;
  /** A write failed in a way that another try may mend. */
  readonly isFailed: boolean;
}

/** Wires the steps together; keeps nothing itself. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { main, registry, executor, statusKeeper, events, memories, installation, clock } = options;

  const deletions = createDeletionHold(main);

  async function plan(shortcut: Shortcut, { signal, trigger }: RunContext) {
    const memory = memories.of(nameOf(shortcut));
    const deletionHold = await deletions.reasonFor(shortcut, { memory, signal });
    const observed = await observePair({
      shortcut,
      samePair: main.shortcutsOfPair(shortcutKey(clustersOf(shortcut))),
      registry,
      installation: installation(),
      trustKeys: trigger !== 'schedule',
      leftBehind: memory.leftBehind,
      signal,
    });
    const input = { ...observed, ...(deletionHold !== undefined && { deletionHold }) };
    return { input, plan: planShortcut(input) };
  }

  /** Plans and writes until there is nothing left to write now. */
  async function carryOut(found: Shortcut, context: RunContext): Promise<Run> {
    const memory = memories.of(nameOf(found));
    if (context.trigger === 'schedule') memory.forgiveRejections();
    let shortcut = found;
    for (let round = 1; ; round += 1) {
      const { input, plan: planned } = await plan(shortcut, context);
      memory.last = { input, plan: planned };
      memories.touch();
      const { due, heldMs } = memory.select(planned.actions, clock.now());
      const rejection = memory.rejectionAmong(planned.actions);
      const isTaken = planned.applied || due.some((action) => action.kind !== 'delete');
      if (isTaken) shortcut = await claim(shortcut, context.signal);
      const run = { shortcut, input, plan: planned, heldMs };
      if (due.length === 0 || round > MAX_ROUNDS)
        return { ...run, failure: rejection, isFailed: false };

      const results = await executor.execute(due, { signal: context.signal });
      doubtRights(due, results);
      const verdict = judgeResults(due, results, {
        memory,
        now: clock.now(),
        logger: loggerOf(found),
        sides: input.sides,
        onDrift: (note) => events.record(driftEvent(found, note)),
      });
      if (verdict.failure === undefined) continue;
      const { failure, isRetried } = verdict;
      return { ...run, failure: rejection ?? failure, isFailed: isRetried };
    }
  }

  /** A write that a leaf refuses says that its rights have changed. */
  function doubtRights(actions: readonly Action[], results: readonly ActionResult[]): void {
    const refused = actions.filter((_, index) => {
      const result = results[index];
      return result?.kind === 'failed' && result.error instanceof ClusterForbiddenError;
    });
    for (const cluster of new Set(refused.map((action) => action.cluster))) {
      registry.get(cluster)?.leaf?.doubtRights();
    }
  }

  /**
   * Intent before deed: with the finalizer on the CR nothing that we write on a leaf can be orphaned. Somebody who took
   * it away gets it back.
   */
  async function claim(shortcut: Shortcut, signal: AbortSignal): Promise<Shortcut> {
    const { finalizers = [], deletionTimestamp } = shortcut.metadata;
    if (deletionTimestamp !== undefined || finalizers.includes(FINALIZER)) return shortcut;
    return setFinalizers(shortcut, [...finalizers, FINALIZER], signal);
  }

  async function release(shortcut: Shortcut, signal: AbortSignal): Promise<void> {
    const { finalizers = [] } = shortcut.metadata;
    if (!finalizers.includes(FINALIZER)) return;
    await setFinalizers(
      shortcut,
      finalizers.filter((finalizer) => finalizer !== FINALIZER),
      signal,
    );
  }

  async function setFinalizers(
    shortcut: Shortcut,
    finalizers: readonly string[],
    signal: AbortSignal,
  ): Promise<Shortcut> {
    const { name, namespace = '', resourceVersion } = shortcut.metadata;
    const body = { metadata: { finalizers, resourceVersion } };
    const stored = await main.client.patch({ kind: SHORTCUT, namespace, name }, body, { signal });
    main.remember(SHORTCUT, stored);
    return stored as Shortcut;
  }

  function loggerOf(shortcut: Shortcut): Logger {
    return options.logger.child({ shortcut: nameOf(shortcut) });
  }

  async function reconcile(name: string, context: RunContext): Promise<Outcome> {
    const found = main.shortcut(name);
    if (found === undefined) {
      memories.forget(name);
      return { kind: 'settled' };
    }
    const run = await carryOut(found, context);
    if (run.plan.finished && found.metadata.deletionTimestamp !== undefined) {
      await release(run.shortcut, context.signal);
      loggerOf(found).info('Removing shortcut finished');
      events.record(disconnectedEvent(found, memories.of(name).leftBehind));
      return { kind: 'settled' };
    }
    // After a start every leaf is unknown for a moment. The CR's own words are better than "not read yet".
    if (found.status !== undefined && isBeingRead(run.input.sides)) return { kind: 'settled' };
    await statusKeeper.keep({ ...run, memory: memories.of(name), signal: context.signal });
    return outcomeOf(run, memories.of(name));
  }

  return {
    plan,
    reconcile: async (name, context) => {
      try {
        return await reconcile(name, context);
      } catch (err) {
        if (isAbort(err)) return { kind: 'settled' };
        // Somebody else wrote in between: an everyday thing, looked at again quietly.
        const level = err instanceof WriteConflictError ? 'debug' : 'warn';
        const fields = { err, shortcut: name, trigger: context.trigger };
        options.logger[level](fields, 'Reconciling shortcut failed');
        return { kind: 'backoff' };
      }
    },
  };
}

function outcomeOf(run: Run, memory: ShortcutMemory): Outcome {
  const isPolling = run.plan.waits.some(({ isUnwatched }) => isUnwatched === true);
  memory.keyPolls = isPolling ? memory.keyPolls + 1 : 0;
  if (run.isFailed) return { kind: 'backoff' };
  if (run.heldMs !== undefined) return { kind: 'retryAfter', ms: run.heldMs };
  if (isPolling) {
    const ms = Math.min(MAX_KEY_POLL_MS, FIRST_KEY_POLL_MS * 2 ** (memory.keyPolls - 1));
    return { kind: 'retryAfter', ms };
  }
  return run.failure?.terminal === true ? { kind: 'stalled' } : { kind: 'settled' };
}
