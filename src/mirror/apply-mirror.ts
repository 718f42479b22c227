import pLimit from 'p-limit';
import { isAbsent, toOperatorError } from '../errors/classify.ts';
import type { KubeWriter } from '../kube/kube-client.ts';
import { LEAF_CLUSTER } from '../model/kinds.ts';
import type { ActionResult } from '../model/plan.ts';
import type { MirrorAction, MirrorPlan } from './mirror-plan.ts';

/** An action that writes. */
export type MirrorWrite = Extract<MirrorAction, { action: 'create' | 'update' | 'delete' }>;

/** What became of a write. */
export interface MirrorResult {
  readonly write: MirrorWrite;
  readonly result: ActionResult;
}

export interface ApplyMirrorOptions {
  readonly writer: Pick<KubeWriter, 'apply' | 'delete'>;
  readonly signal: AbortSignal;
}

/** Requests on the main cluster at the same time. */
const CONCURRENCY = 8;

/**
 * Carries a plan out: a LeafCluster comes before the Shortcuts that name it and goes after them. A failed write is
 * reported and stops nothing. Throws only when called off.
 */
export async function applyMirror(
  plan: MirrorPlan,
  options: ApplyMirrorOptions,
): Promise<readonly MirrorResult[]> {
  const writes = plan.actions.filter(isWrite);
  const results: MirrorResult[] = [];
  for (const stage of [0, 1, 2, 3]) {
    const due = writes.filter((write) => stageOf(write) === stage);
    results.push(...(await pLimit(CONCURRENCY).map(due, (write) => attempt(write, options))));
    options.signal.throwIfAborted();
  }
  return results;
}

function isWrite(action: MirrorAction): action is MirrorWrite {
  return ['create', 'update', 'delete'].includes(action.action);
}

function stageOf({ action, ref }: MirrorWrite): number {
  const isLeaf = ref.kind.kind === LEAF_CLUSTER.kind;
  if (action === 'delete') return isLeaf ? 3 : 2;
  return isLeaf ? 0 : 1;
}

async function attempt(write: MirrorWrite, options: ApplyMirrorOptions): Promise<MirrorResult> {
  try {
    return { write, result: await carryOut(write, options) };
  } catch (error) {
    return { write, result: { kind: 'failed', error: toOperatorError(error) } };
  }
}

async function carryOut(
  write: MirrorWrite,
  { writer, signal }: ApplyMirrorOptions,
): Promise<ActionResult> {
  if (write.action !== 'delete') {
    const force = write.action === 'update';
    return {
      kind: 'done',
      object: await writer.apply(write.ref.kind, write.object, { force, signal }),
    };
  }
  try {
    await writer.delete(write.ref, { uid: write.uid, signal });
    return { kind: 'done' };
  } catch (error) {
    if (isAbsent(error)) return { kind: 'unchanged' };
    throw error;
  }
}
