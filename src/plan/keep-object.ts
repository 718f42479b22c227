import {
  type KubeObject,
  type ObjectRef,
  refOf,
  type ResourceKind,
  uidOf,
} from '../model/kube-object.ts';
import { ANNOTATION_APPLIED, ANNOTATION_OWNER } from '../model/names.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import { compareObject } from './compare.ts';
import { type Step, waitForAbsence } from './step.ts';

/** One object as it should be, and as it is (undefined: there is none). */
export interface WantedObject {
  readonly cluster: ClusterName;
  readonly kind: ResourceKind;
  readonly desired: KubeObject;
  readonly current: KubeObject | undefined;
}

/** Makes an object, or makes it right, or leaves it alone. */
export function keepObject({ cluster, kind, desired, current }: WantedObject): Step {
  const ref = refOf(kind, desired);
  if (current === undefined) {
    const reason = 'It is missing.';
    return {
      isInPlace: false,
      action: { kind: 'apply', cluster, ref, object: desired, create: true, reason, drift: false },
    };
  }
  if (current.metadata.deletionTimestamp !== undefined) {
    return { isInPlace: false, wait: waitForAbsence(cluster, { ref, object: current }) };
  }
  return correct(cluster, ref, current, desired);
}

function correct(
  cluster: ClusterName,
  ref: ObjectRef,
  current: KubeObject,
  desired: KubeObject,
): Step {
  const uid = uidOf(current);
  const { wrong, surplus, surplusBody } = compareObject(current, desired);
  if (wrong.length === 0 && surplus.length === 0) return { isInPlace: true };
  const drift = isUnchangedWish(current, desired) && isSameOwner(current, desired);
  if (wrong.length === 0) {
    const reason = `Somebody else set ${surplus.join(', ')}.`;
    return {
      isInPlace: false,
      action: { kind: 'patch', cluster, ref, body: surplusBody, uid, reason, drift },
    };
  }
  const reason = drift
    ? `Somebody else changed ${wrong.join(', ')}.`
    : `It differs in ${wrong.join(', ')}.`;
  return {
    isInPlace: false,
    action: { kind: 'apply', cluster, ref, object: desired, create: false, uid, reason, drift },
  };
}

/** False for what an earlier Shortcut of the pair has left: nobody else has touched that. */
function isSameOwner(current: KubeObject, desired: KubeObject): boolean {
  return (
    current.metadata.annotations?.[ANNOTATION_OWNER] ===
    desired.metadata.annotations?.[ANNOTATION_OWNER]
  );
}

/** True when we wrote these very values before: what differs now is somebody else's doing. */
export function isUnchangedWish(current: KubeObject, desired: KubeObject): boolean {
  return (
    current.metadata.annotations?.[ANNOTATION_APPLIED] ===
    desired.metadata.annotations?.[ANNOTATION_APPLIED]
  );
}
