import { TimeoutError } from '../errors/errors.ts';
import type { LeaderElector } from '../kube/leader-elector.ts';
import type { Mirror, MirrorReport } from '../mirror/mirror.ts';
import type { ReportResult } from '../model/generated/report.ts';
import { SHORTCUT } from '../model/kinds.ts';
import type { Plan } from '../model/plan.ts';
import { nameOf, type Shortcut } from '../model/shortcut.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Engine } from './engine.ts';
import { foreseeClusters } from './foresee-clusters.ts';
import { isBeingRead, sidesInMemory } from './observe-pair.ts';
import { NO_OUTLOOK, type Outlook } from './outlook.ts';
import { leavesOf, wishesOf } from './wishes.ts';

/** Conditions are looked at this often, in memory. */
const LOOK_EVERY_MS = 50;
/** Leaves get this long to answer before they count as unreachable in a single pass. */
const LEAVES_MS = 15_000;

export interface OnceOptions {
  readonly engine: Engine;
  /** Plans only, or writes: as it was created. */
  readonly mirror: Mirror;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** One line for each change that a waiting person would like to see. */
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface ApplyOnceOptions extends OnceOptions {
  readonly wait: boolean;
  /** Not started yet. Its leader's writes pass the engine's fence, and the engine works while it leads. */
  readonly elector: LeaderElector;
}

/** What one pass over the clusters gave. */
export interface OnceResult {
  readonly mirrored: MirrorReport;
  /** Dry run: what would be written on the leaves next. */
  readonly plans: readonly Plan[];
  /** Dry run: what becomes of connections in the end. */
  readonly outlook: Outlook;
  readonly results: readonly ReportResult[];
}

/**
 * Reads the clusters and plans both stages; writes nothing.
 *
 * @throws what reading the source or the main cluster throws, TimeoutError, AbortError.
 */
export async function dryRunOnce(options: OnceOptions): Promise<OnceResult> {
  const { engine, signal } = options;
  const { mirrored, deadline } = await begin(options);
  const leafClusters = leavesOf(mirrored, engine.main.leafClusters());
  engine.registry.update(leafClusters, (leaf) => engine.main.secretOf(leaf));
  const shortcuts = wishesOf(mirrored, engine.main.shortcuts());
  engine.expect(shortcuts);
  await leavesSettled(options, { deadline, shortcuts });
  const runs = await Promise.all(
    shortcuts.map(async (shortcut) => ({
      shortcut,
      ...(await engine.reconciler.plan(shortcut, { signal, trigger: 'manual' })),
    })),
  );
  const outlook = foreseeClusters({
    inputs: runs.map(({ input }) => input),
    mirrorPlan: mirrored.plan,
    existing: engine.main.shortcuts(),
    registry: engine.registry,
  });
  const results = runs.map(({ shortcut, plan }) => toPlannedResult(shortcut, plan));
  return { mirrored, plans: runs.map(({ plan }) => plan), outlook, results };
}

/**
 * Mirrors, then carries out what can be carried out now; with `wait` goes on until everything is Ready. Stage two is
 * left to a service that is alive: two never write on the leaves at the same time.
 *
 * @throws what reading the source or the main cluster throws, TimeoutError, AbortError.
 */
export async function applyOnce(options: ApplyOnceOptions): Promise<OnceResult> {
  const { engine, wait, elector } = options;
  const { mirrored, deadline } = await begin(options);
  const isOurTurn = (): boolean => elector.leadership().role === 'leader';
  elector.start();
  await until(options, deadline, 'the Lease, which nobody renews or lets go', () => {
    return isOurTurn() || elector.rival() !== undefined;
  });
  if (isOurTurn()) {
    await leavesSettled(options, { deadline, shortcuts: engine.main.shortcuts() });
    engine.addAll('manual');
    await until(options, deadline, 'the shortcuts to be looked at', () => {
      return engine.queue.isIdle || !isOurTurn();
    });
  }
  if (!isOurTurn()) await othersHaveLooked(options, deadline);
  if (wait) await allReady(options, deadline);
  const results = engine.main.shortcuts().map(toResult);
  return { mirrored, plans: [], outlook: NO_OUTLOOK, results };
}

/** Another process leads: what it wrote about each Shortcut as it is now is the result. */
async function othersHaveLooked(options: ApplyOnceOptions, deadline: number): Promise<void> {
  const { engine, elector, clock, onProgress } = options;
  const { leader } = elector.leadership();
  onProgress(
    `the leaves are left to the service "${leader}", which holds the Lease: results are what it says`,
  );
  const soon = Math.min(deadline, clock.now() + LEAVES_MS);
  await until(options, soon, `"${leader}" to look at every shortcut`, () =>
    engine.main.shortcuts().every(({ metadata, status }) => {
      return status?.observedGeneration === metadata.generation;
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
    onProgress(error.message);
  });
}

async function begin(options: OnceOptions): Promise<{ mirrored: MirrorReport; deadline: number }> {
  const { engine, mirror, clock, timeoutMs, signal } = options;
  const deadline = clock.now() + timeoutMs;
  const starting = engine.start({ signal });
  let isStarted = false;
  void starting.then(
    () => (isStarted = true),
    () => (isStarted = true),
  );
  await until(options, deadline, 'the main cluster to be read', () => {
    const failure = engine.main.failure();
    if (failure !== undefined) throw failure;
    return isStarted;
  });
  await starting;
  const mirrored = await mirror.pass({ signal, trigger: 'manual' });
  if (mirrored.error !== undefined) throw mirrored.error;
  return { mirrored, deadline };
}

/** Every leaf is known, or has failed in a way that says more than "not yet". */
async function leavesSettled(
  options: OnceOptions,
  { deadline, shortcuts }: { readonly deadline: number; readonly shortcuts: readonly Shortcut[] },
): Promise<void> {
  const { engine, clock, onProgress } = options;
  const soon = Math.min(deadline, clock.now() + LEAVES_MS);
  const isSettled = () =>
    engine.registry
      .all()
      .every(({ state }) => state.kind === 'known' || state.reason !== 'Progressing') &&
    shortcuts.every((shortcut) => !isBeingRead(sidesInMemory(shortcut, engine.registry)));
  await until(options, soon, 'the leaves to answer', isSettled).catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
  });
  for (const { leafCluster, state } of engine.registry.all()) {
    if (state.kind === 'unknown') onProgress(`leaf ${leafCluster.metadata.name}: ${state.message}`);
  }
}

async function allReady(options: OnceOptions, deadline: number): Promise<void> {
  const { engine, onProgress } = options;
  const told = new Map<string, string>();
  await until(options, deadline, 'every shortcut to be Ready', () => {
    let isDone = true;
    for (const shortcut of engine.main.shortcuts()) {
      const { resource, ready, reason, message } = toResult(shortcut);
      const line = `${resource}: ${reason}: ${message}`;
      if (told.get(resource) !== line) onProgress(line);
      told.set(resource, line);
      const isSettled = shortcut.spec.suspend === true || ready === 'True';
      isDone &&= isSettled && shortcut.metadata.deletionTimestamp === undefined;
    }
    return isDone;
  }).catch((error: unknown) => {
    // What is not Ready is in the results; that it took too long is said there.
    if (!(error instanceof TimeoutError)) throw error;
    onProgress(error.message);
  });
}

async function until(
  { clock, signal }: OnceOptions,
  deadline: number,
  what: string,
  isDone: () => boolean,
): Promise<void> {
  while (!isDone()) {
    if (clock.now() >= deadline) throw new TimeoutError(`timed out waiting for ${what}`);
    await clock.sleep(LOOK_EVERY_MS, { signal });
  }
}

function toPlannedResult(shortcut: Shortcut, plan: Plan): ReportResult {
  const resource = `${SHORTCUT.kind}/${nameOf(shortcut)}`;
  const [blocked] = plan.blocked;
  if (blocked !== undefined) {
    const { reason, message } = blocked;
    return { resource, ready: blocked.stalled ? 'False' : 'Unknown', reason, message };
  }
  if (shortcut.status === undefined) {
    return { resource, ready: 'False', reason: 'Progressing', message: 'planned, not carried out' };
  }
  return toResult(shortcut);
}

function toResult(shortcut: Shortcut): ReportResult {
  const resource = `${SHORTCUT.kind}/${nameOf(shortcut)}`;
  const ready = shortcut.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined) {
    return { resource, ready: 'False', reason: 'Progressing', message: 'not looked at yet' };
  }
  return { resource, ready: ready.status, reason: ready.reason, message: ready.message };
}
