import { isAbort, isAbsent } from '../errors/classify.ts';
import { ClusterForbiddenError, ClusterUnreachableError } from '../errors/errors.ts';
import type { KubeWriter } from '../kube/kube-client.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import type { Action, ActionResult } from '../model/plan.ts';
import type { ClusterName } from '../model/shortcut-key.ts';

/** Where actions go: the leaf's client, and its mirror, which learns at once what was written. */
export interface Target {
  readonly writer: KubeWriter;
  remember(kind: ResourceKind, object: KubeObject): void;
}

/** Carries actions out. It never decides: what is planned is done, once, or reported as failed. */
export interface Executor {
  /** One result per action, in the same order. Throws only when called off. */
  execute(
    actions: readonly Action[],
    options: { readonly signal: AbortSignal },
  ): Promise<readonly ActionResult[]>;
}

/** An executor that writes at once. How much goes on at a time on one leaf is for the leaf's client to bound (kube/request-lane.ts). */
export function createExecutor(targetOf: (cluster: ClusterName) => Target | undefined): Executor {
  async function executeOne(action: Action, signal: AbortSignal): Promise<ActionResult> {
    const target = targetOf(action.cluster);
    if (target === undefined) {
      const error = new ClusterUnreachableError(`leaf "${action.cluster}" is not connected`);
      return { kind: 'failed', error };
    }
    try {
      return await write(action, target, signal);
    } catch (error) {
      if (isAbort(error)) throw error;
      return toResult(action, error);
    }
  }

  return {
    execute: (actions, { signal }) =>
      Promise.all(actions.map((action) => executeOne(action, signal))),
  };
}

async function write(action: Action, target: Target, signal: AbortSignal): Promise<ActionResult> {
  const { ref } = action;
  switch (action.kind) {
    case 'apply': {
      const object = withUID(action.object, action.uid);
      const stored = await target.writer.apply(ref.kind, object, { force: !action.create, signal });
      target.remember(ref.kind, stored);
      return { kind: 'done', object: stored };
    }
    case 'patch': {
      const metadata = { ...(action.body['metadata'] as object | undefined), uid: action.uid };
      const stored = await target.writer.patch(ref, { ...action.body, metadata }, { signal });
      target.remember(ref.kind, stored);
      return { kind: 'done', object: stored };
    }
    case 'delete':
      await target.writer.delete(ref, { uid: action.uid, propagationPolicy: 'Background', signal });
      return { kind: 'done' };
  }
}

/** With its UID an apply changes only the object that was planned for, never one made again meanwhile. */
function withUID(object: KubeObject, uid: string | undefined): KubeObject {
  return uid === undefined ? object : { ...object, metadata: { ...object.metadata, uid } };
}

function toResult(action: Action, error: unknown): ActionResult {
  if (action.kind === 'delete' && isAbsent(error)) return { kind: 'unchanged' };
  if (action.kind === 'delete' && action.optional && error instanceof ClusterForbiddenError) {
    return { kind: 'skipped', reason: error.message };
  }
  return { kind: 'failed', error: error instanceof Error ? error : new TypeError(String(error)) };
}
