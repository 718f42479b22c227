import type { Reason } from '../model/condition.ts';
import { formatRef, type ObjectRef, uidOf } from '../model/kube-object.ts';
import type { Action, Wait } from '../model/plan.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { FoundObject } from './own-objects.ts';

/** What is to be said of one object that a shortcut needs. */
export interface Step {
  /** It is there and as it should be, as far as can be seen. */
  readonly isInPlace: boolean;
  readonly action?: Action;
  readonly wait?: Wait;
}

/** Another step has to come first, and that one says why. */
export const NOT_YET: Step = { isInPlace: false };

/** How an object on a leaf is called in messages. */
export function describeRef(cluster: ClusterName, ref: ObjectRef): string {
  return `${formatRef(ref)} on "${cluster}"`;
}

/** A wait for something about one object. */
export function waitFor(cluster: ClusterName, reason: Reason, ref: ObjectRef, what: string): Wait {
  return { cluster, reason, message: `${describeRef(cluster, ref)}: ${what}` };
}

/** A wait for an object to be gone. */
export function waitForAbsence(cluster: ClusterName, { ref }: FoundObject): Wait {
  return waitFor(cluster, 'Draining', ref, 'waiting for it to be gone');
}

/** Takes an object away, or waits where it is on its way out already. */
export function remove(
  cluster: ClusterName,
  target: FoundObject,
  reason: string,
  isOptional = false,
): Step {
  const { ref, object } = target;
  if (object.metadata.deletionTimestamp !== undefined) {
    return { isInPlace: false, wait: waitForAbsence(cluster, target) };
  }
  return {
    isInPlace: false,
    action: { kind: 'delete', cluster, ref, uid: uidOf(object), optional: isOptional, reason },
  };
}
