import { reasonOf, toOperatorError } from '../errors/classify.ts';
import { formatRef, type KubeObject } from '../model/kube-object.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import type { Action, ActionResult } from '../model/plan.ts';
import type { SideObservation } from '../plan/observation.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Failure } from '../status/compute-conditions.ts';
import type { ShortcutMemory } from '../status/shortcut-memory.ts';

export interface JudgeContext {
  readonly memory: ShortcutMemory;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly logger: Logger;
  /** What was seen when the plan was made: it tells who changed a drifted object. */
  readonly sides: readonly SideObservation[];
  /** Told what was put back, and who had changed it. */
  readonly onDrift: (message: string) => void;
}

/**
 * Remembers and logs what became of each action. The first failure, in the order of the plan, is what a user is told;
 * `isRetried`: another try may mend one of them.
 */
export function judgeResults(
  actions: readonly Action[],
  results: readonly ActionResult[],
  context: JudgeContext,
): { readonly failure?: Failure; readonly isRetried: boolean } {
  const failures: Failure[] = [];
  for (const [index, action] of actions.entries()) {
    const result = results[index];
    if (result === undefined) continue;
    const failure = judgeOne(action, result, context);
    if (failure !== undefined) failures.push(failure);
  }
  const [failure] = failures;
  const isRetried = failures.some(({ terminal }) => !terminal);
  return failure === undefined ? { isRetried } : { failure, isRetried };
}

function judgeOne(
  action: Action,
  result: ActionResult,
  context: JudgeContext,
): Failure | undefined {
  const { memory, now, logger } = context;
  const { cluster, reason } = action;
  const fields = { cluster, action: action.kind, object: formatRef(action.ref), reason };
  switch (result.kind) {
    case 'done':
    case 'unchanged':
      memory.noteDone(action, now);
      if (action.kind !== 'delete' && action.drift) {
        const changedBy = otherManager(findObserved(context.sides, action.uid));
        const message = `${fields.object} on leaf "${cluster}" was changed by ${changedBy} and was put back`;
        context.onDrift(message);
        logger.warn({ ...fields, changedBy }, 'Putting back drift');
        memory.note({
          at: new Date(now).toISOString(),
          from: 'drift',
          to: 'corrected',
          reason: 'Drift',
          message,
        });
      } else {
        logger.info(fields, 'Writing on leaf');
      }
      return undefined;
    case 'skipped':
      memory.leftBehind.add(`${cluster}/${formatRef(action.ref)}`);
      logger.warn({ ...fields, skipped: result.reason }, 'Leaving object behind');
      return undefined;
    case 'failed':
      return judgeFailure(action, result.error, context);
  }
}

function judgeFailure(
  action: Action,
  cause: Error,
  { memory, logger }: JudgeContext,
): Failure | undefined {
  const error = toOperatorError(cause);
  const terminal = error.retry === 'never';
  const failure = { reason: reasonOf(error), message: error.message, terminal };
  if (terminal) memory.noteRejected(action, failure);
  const level = error.code === 'WRITE_CONFLICT' ? 'debug' : 'warn';
  logger[level](
    { err: error, cluster: action.cluster, action: action.kind, object: formatRef(action.ref) },
    'Writing on leaf failed',
  );
  return failure;
}

function findObserved(
  sides: readonly SideObservation[],
  uid: string | undefined,
): KubeObject | undefined {
  for (const side of sides) {
    if (side.kind === 'unknown') continue;
    const { configurations, gatewayServers, gatewayClients, publicKeys, tenantNamespaces } = side;
    const labelled = [
      ...[configurations, gatewayServers, gatewayClients, publicKeys, tenantNamespaces],
      side.strangers,
    ];
    const found = labelled.flat().find((object) => object.metadata.uid === uid);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Who, besides us and Liqo's own controllers, changed the object last. */
function otherManager(object: KubeObject | undefined): string {
  const others = (object?.metadata.managedFields ?? []).filter(
    ({ manager = '' }) => manager !== FIELD_MANAGER && !manager.startsWith('liqo-controller'),
  );
  const [latest] = others.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  return latest?.manager === undefined ? 'somebody' : `"${latest.manager}"`;
}
