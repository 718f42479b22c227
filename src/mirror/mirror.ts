import { toOperatorError } from '../errors/classify.ts';
import type { OperatorError } from '../errors/operator-error.ts';
import type { Checkout, SourceOptions } from '../git/source.ts';
import type { DesiredState } from '../manifests/desired-state.ts';
import { parseManifests } from '../manifests/parse-manifests.ts';
import { LEAF_CLUSTER } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { LABEL_SOURCE } from '../model/names.ts';
import type { Revision } from '../model/revision.ts';
import type { HistoryChange, SourceSnapshot } from '../model/source-snapshot.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { applyMirror, type ApplyMirrorOptions, type MirrorResult } from './apply-mirror.ts';
import type { DeletionGuard } from './deletion-guard.ts';
import type { MirrorPlan } from './mirror-plan.ts';
import { planMirror } from './plan-mirror.ts';
import { createSourceConditions } from './source-conditions.ts';
import { createSteadySource, type Look, type SteadySourceDeps } from './steady-source.ts';
import { createHistoryWatch } from './watch-history.ts';

export interface MirrorDeps extends SteadySourceDeps {
  /** Name of the source, a valid label value: what carries it in the main cluster is ours. */
  readonly sourceName: string;
  /** For manifests that name none. */
  readonly namespace: string;
  /** All Shortcuts and LeafClusters of the main cluster; undefined while it was not read. */
  readonly actual: () => readonly KubeObject[] | undefined;
  /** Left out: plan only (dry run, offline). */
  readonly writer?: ApplyMirrorOptions['writer'] | undefined;
  readonly guard: DeletionGuard;
  readonly clock: Clock;
}

/** Everything about one pass. */
export interface MirrorReport {
  /** Why it ran. */
  readonly trigger: string;
  /** What it went by: the revision of now, or the last good one; undefined when there was none. */
  readonly revision?: Revision;
  /** Set when the source could not be read. */
  readonly error?: OperatorError;
  readonly desired?: DesiredState;
  readonly plan: MirrorPlan;
  readonly results: readonly MirrorResult[];
  /** Set once, when the revision does not go on from the one before. */
  readonly history?: HistoryChange;
}

/** Stage one: keeps the CRs of the main cluster equal to what the source says. */
export interface Mirror {
  /**
   * One look at the source and at the main cluster, and what follows. After a `cluster-change` the source is not
   * asked again. Passes must not overlap. While the source cannot be read, the last good revision is what counts, and
   * nothing is deleted. Throws only when called off.
   */
  pass(options: SourceOptions & { readonly trigger: string }): Promise<MirrorReport>;
  snapshot(): SourceSnapshot;
}

const NOTHING: MirrorPlan = { actions: [], held: [], guards: [] };

/** Creates the mirror of one source. */
export function createMirror(deps: MirrorDeps): Mirror {
  const { source, sourceName, guard, writer, clock, logger } = deps;
  const lookAtSource = createSteadySource(deps);
  const watchHistory = createHistoryWatch(deps);
  const conditionsOf = createSourceConditions(deps);
  const parse = rememberLast(deps.namespace);
  let look: Look = {};
  let outcome: Omit<SourceSnapshot, 'location' | 'ref' | 'path' | 'revisionAttempted' | 'error'> = {
    problems: [],
    held: [],
  };
  let writeError: OperatorError | undefined;

  async function mirror(checkout: Checkout, signal: AbortSignal) {
    const { revision } = checkout;
    const actual = deps.actual();
    const desired = parse(checkout, foreignLeaves(actual, sourceName));
    // What a kept revision does not hold may be newer than it: nothing is deleted by it.
    const trusted = { ...desired, complete: desired.complete && look.error === undefined };
    const plan = planMirror({ desired: trusted, actual, source: sourceName, revision, guard });
    const results = writer === undefined ? [] : await applyMirror(plan, { writer, signal });
    writeError = firstError(results);
    const isApplied = writer !== undefined && actual !== undefined && writeError === undefined;
    outcome = { ...outcome, problems: desired.problems, held: plan.held };
    if (isApplied) outcome = { ...outcome, revisionApplied: revision };
    return { revision, desired, plan, results };
  }

  return {
    pass: async ({ signal, trigger }) => {
      if (trigger !== 'cluster-change' || look.checkout === undefined) {
        look = await lookAtSource({ signal });
        const lastPollAt = new Date(clock.now()).toISOString();
        outcome = { ...outcome, lastPollAt, ...conditionsOf(look) };
      }
      const { checkout, error, before } = look;
      const why = error === undefined ? { trigger } : { trigger, error };
      if (checkout === undefined) return { ...why, plan: NOTHING, results: [] };
      const report = { ...why, ...(await mirror(checkout, signal)) };
      log(report, logger);
      look = { ...look, before: checkout };
      const history = await watchHistory(checkout, before, { signal });
      if (history === undefined) return report;
      outcome = { ...outcome, history };
      return { ...report, history };
    },
    snapshot: () => {
      const { location, ref, path } = source;
      const { revisionAttempted: tried } = look;
      const error = look.error ?? writeError;
      return {
        ...{ location, ref, path },
        ...(tried === undefined ? {} : { revisionAttempted: tried }),
        ...outcome,
        ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
      };
    },
  };
}

function firstError(results: readonly MirrorResult[]): OperatorError | undefined {
  const [first] = results.flatMap(({ result }) => (result.kind === 'failed' ? [result.error] : []));
  return first === undefined ? undefined : toOperatorError(first);
}

/** Leaves that somebody else registered: a manifest may name them. Ours are what the manifests themselves declare. */
function foreignLeaves(
  actual: readonly KubeObject[] | undefined,
  source: string,
): readonly string[] | undefined {
  return actual
    ?.filter(({ kind, metadata }) => {
      return kind === LEAF_CLUSTER.kind && metadata.labels?.[LABEL_SOURCE] !== source;
    })
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** Parses again only when the files or the leaves that they may name have changed. */
function rememberLast(namespace: string) {
  let last: { checkout: Checkout; leaves: string; desired: DesiredState } | undefined;
  return (checkout: Checkout, leavesKnown: readonly string[] | undefined): DesiredState => {
    const leaves = JSON.stringify(leavesKnown ?? null);
    if (last?.checkout === checkout && last.leaves === leaves) return last.desired;
    const known = leavesKnown === undefined ? {} : { leavesKnown: new Set(leavesKnown) };
    const desired = parseManifests(checkout.files, { path: checkout.path, namespace, ...known });
    last = { checkout, leaves, desired };
    return desired;
  };
}

/** A pass without a write is quiet. */
function log({ trigger, revision, results }: MirrorReport, logger: Logger): void {
  for (const { write, result } of results) {
    const { action, resource: object, reason } = write;
    const fields = { trigger, revision, action, object, reason };
    if (result.kind === 'failed') logger.warn({ ...fields, err: result.error }, 'Mirroring failed');
    else logger.info(fields, 'Mirrored');
  }
}
