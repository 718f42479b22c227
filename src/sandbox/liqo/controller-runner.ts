import type { ResourceKind } from '../../model/kube-object.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import { createReconcileQueue, type ReconcileQueue } from './reconcile-queue.ts';
import type { ObjectChange } from './watched-kind.ts';

/** All controllers of one leaf, fed with changes. */
export interface ControllerRunner {
  dispatch(kind: ResourceKind, change: ObjectChange): void;
  /** Asks one controller for one more look. */
  request(controller: string, key: string): void;
  /** Resolves when no reconcile is under way. */
  idle(): Promise<void>;
}

export function runControllers(
  { clock, signal, logger }: LeafContext,
  controllers: readonly Controller[],
): ControllerRunner {
  const queues = new Map<string, ReconcileQueue>();
  const listeners = new Map<string, ((change: ObjectChange) => void)[]>();

  for (const controller of controllers) {
    const { name } = controller;
    const reconcile = (key: string) => controller.reconcile(key);
    const onError = (key: string, err: unknown) =>
      logger.debug({ err, component: name, object: key }, 'Reconcile failed, trying again');
    const queue = createReconcileQueue({ reconcile, clock, signal, onError });
    queues.set(name, queue);
    for (const trigger of controller.triggers) {
      const listener = (change: ObjectChange) =>
        trigger.keys(change).forEach((key) => queue.add(key));
      const { kind } = trigger.kind;
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
    }
  }

  return {
    dispatch(kind, change) {
      for (const listener of listeners.get(kind.kind) ?? []) listener(change);
    },
    request(controller, key) {
      queues.get(controller)?.add(key);
    },
    async idle() {
      for (const queue of queues.values()) await queue.idle();
    },
  };
}
