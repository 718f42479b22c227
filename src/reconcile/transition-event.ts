import type { Condition } from '../model/condition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { type EventReason, eventTypeOf, type ObjectEvent } from '../model/object-event.ts';

type Told = Pick<Condition<string>, 'type' | 'status' | 'reason' | 'message'>;

/** The Event of a condition that has changed: from what, to what, and why. `before` is undefined for the first one. */
export function transitionEvent(
  regarding: KubeObject,
  before: Told | undefined,
  after: Told,
): ObjectEvent {
  // Ours alone, so that it is one of the closed list.
  const reason = after.reason as EventReason;
  const from = before === undefined ? '' : `${before.status} (${before.reason}) → `;
  return {
    regarding,
    type: eventTypeOf(reason),
    reason,
    action: regarding.kind === 'Shortcut' ? 'Reconcile' : 'Observe',
    note: `${after.type}: ${from}${after.status}: ${after.message}`,
  };
}
