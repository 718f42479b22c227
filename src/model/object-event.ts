import type { Reason } from './condition.ts';
import type { KubeObject } from './kube-object.ts';

/** Why an Event is written: what a condition says, and what passes too quickly for one (closed). */
export type EventReason =
  | Reason
  | 'Disconnected'
  | 'DriftCorrected'
  | 'SourceUnavailable'
  | 'SourceUnverified'
  | 'SourceRead'
  | 'HistoryRewritten'
  | 'HistoryUnknown';

/** Something that happened to one of our CRs, or to the installation as a whole (its Lease), for people who ask with `kubectl describe`. */
export interface ObjectEvent {
  readonly regarding: KubeObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  /** What was being done: one word in UpperCamelCase. */
  readonly action: 'Reconcile' | 'Disconnect' | 'Correct' | 'Observe' | 'Mirror';
  /** Deterministic, so that the same thing happening again is counted rather than told anew. Holds no secret. */
  readonly note: string;
}

/** Passing states: everything takes its course. */
const QUIET: ReadonlySet<EventReason> = new Set<EventReason>([
  'Connected',
  'Progressing',
  'Connecting',
  'CIDRPending',
  'EndpointPending',
  'KeysPending',
  'Draining',
  'Suspended',
  'Disconnected',
  'SourceRead',
  'HistoryUnknown',
]);

/** Whether a person should have a look. */
export function eventTypeOf(reason: EventReason): ObjectEvent['type'] {
  return QUIET.has(reason) ? 'Normal' : 'Warning';
}
