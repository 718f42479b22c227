import type { Reason } from '../model/condition.ts';
import { formatRef, type KubeObject, type ObjectRef, uidOf } from '../model/kube-object.ts';
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

/**
 * A wait for an object to be gone, however long that takes (NETWORK.md 9.3 and 14.24). Says who has to take it away,
 * so that a person can look there.
 */
export function waitForAbsence(cluster: ClusterName, { ref, object }: FoundObject): Wait {
  return waitFor(cluster, 'Draining', ref, `waiting for it to be gone: ${findRemover(object)}`);
}

/** Who takes an object away whose owner is gone. */
export const BY_COLLECTOR =
  'its owner is gone, so the garbage collector takes it; if it stays, see that kube-controller-manager runs there, or delete it';

/** Who takes an object away that nothing owns. */
export const BY_HAND = 'it has no owner, so nobody but you takes it: delete it';

function findRemover({ metadata }: KubeObject): string {
  const { deletionTimestamp, finalizers = [], ownerReferences = [] } = metadata;
  if (deletionTimestamp !== undefined && finalizers.length > 0) {
    return `it is being deleted, and what made them has to take off its finalizers ${finalizers.join(', ')}`;
  }
  if (deletionTimestamp !== undefined) return 'it is being deleted';
  return ownerReferences.length > 0 ? BY_COLLECTOR : BY_HAND;
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
