import type { DesiredState } from '../manifests/desired-state.ts';
import type { MirrorPlan } from '../mirror/mirror-plan.ts';
import type { ReconcileReport, ReportResult } from '../model/generated/report.ts';
import type { Action, Plan } from '../model/plan.ts';
import { countConnections, type Outlook } from './outlook.ts';

/** One shortcut's plan in a dry run, or its state after an apply. */
export interface ReportInput {
  readonly mode: ReconcileReport['mode'];
  readonly source: ReconcileReport['source'];
  readonly desired: DesiredState;
  readonly mirrorPlan: MirrorPlan;
  /** What would be written on the leaves (dry run). */
  readonly plans: readonly Plan[];
  /** What the change does to connections; `NO_OUTLOOK` where nothing was compared, or all was carried out. */
  readonly outlook: Outlook;
  readonly results: readonly ReportResult[];
  /** Something outside the desired state went wrong: cluster, credential, time-out. */
  readonly isEnvironmentBroken: boolean;
  /** `--detailed-exitcode`: tell pending changes by the exit code. */
  readonly detailedExitCode: boolean;
}

/** The report of one run (DESIGN section 4): stable bytes for the same input, but for `timing`, which the caller adds. */
export function buildReport(input: ReportInput): ReconcileReport {
  const { mode, source, desired, mirrorPlan, outlook, results } = input;
  const changes = mirrorPlan.actions.map(({ action, resource, clusters, reason, file }) => ({
    action,
    resource,
    clusters,
    reason,
    file,
  }));
  const invalid = new Set(
    desired.problems.filter(({ severity }) => severity === 'error').map(({ file }) => file),
  );
  function count(action: (typeof changes)[number]['action']): number {
    return changes.filter((change) => change.action === action).length;
  }
  const summary = {
    files: desired.files,
    valid: Math.max(0, desired.files - invalid.size),
    invalid: invalid.size,
    create: count('create'),
    update: count('update'),
    delete: count('delete'),
    unchanged: count('keep'),
    unknown: count('unknown'),
    blocked: count('blocked'),
    connections: countConnections(outlook),
  };
  const objects = input.plans.flatMap(({ actions }) => actions.map(toObject)).toSorted(byText);
  return {
    apiVersion: 'report.shortcuts.liqo.io/v1',
    kind: 'ReconcileReport',
    mode,
    source,
    summary,
    problems: desired.problems,
    changes,
    connections: outlook.connections.toSorted(byText),
    objects,
    guards: mirrorPlan.guards,
    results: results.toSorted(byText),
    exitCode: exitCodeOf(input, summary.create + summary.update + summary.delete + objects.length),
  };
}

function toObject(action: Action): ReconcileReport['objects'][number] {
  const { cluster, ref, reason } = action;
  return {
    action: action.kind === 'delete' ? 'delete' : 'apply',
    cluster,
    kind: ref.kind.kind,
    namespace: ref.namespace ?? '',
    name: ref.name,
    reason,
  };
}

function byText(a: object, b: object): number {
  const [first, second] = [JSON.stringify(a), JSON.stringify(b)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

/** 1 before 3 before 2 before 4 (DESIGN section 4). `pending` counts what is still to be written, on any cluster. */
function exitCodeOf(input: ReportInput, pending: number): ReconcileReport['exitCode'] {
  const { desired, mirrorPlan, isEnvironmentBroken, detailedExitCode, mode } = input;
  if (!desired.complete) return 1;
  if (mirrorPlan.guards.length > 0) return 3;
  if (isEnvironmentBroken) return 2;
  return detailedExitCode && mode !== 'apply' && pending > 0 ? 4 : 0;
}
