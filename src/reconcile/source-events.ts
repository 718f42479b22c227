import type { OperatorError } from '../errors/operator-error.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { ObjectEvent } from '../model/object-event.ts';
import type { Problem } from '../model/problem.ts';
import type { HeldDeletion, HistoryChange } from '../model/source-snapshot.ts';

const ACTION = 'Mirror';

/** The source cannot be read, holds nothing where it should, or names a commit that is not verified. */
export function sourceFailedEvent(
  regarding: KubeObject,
  { code, message }: Pick<OperatorError, 'code' | 'message'>,
): ObjectEvent {
  const note = `${message}: the last good revision stays in force, and nothing is deleted`;
  const reason = code === 'GIT_UNVERIFIED' ? 'SourceUnverified' : 'SourceUnavailable';
  return { regarding, type: 'Warning', reason, action: ACTION, note };
}

/** It can be read again. */
export function sourceReadEvent(regarding: KubeObject): ObjectEvent {
  const note = 'the source is read again';
  return { regarding, type: 'Normal', reason: 'SourceRead', action: ACTION, note };
}

/** Somebody rewrote history, or it cannot be told. The new revision counts all the same. */
export function historyEvent(
  regarding: KubeObject,
  { change, from, to }: HistoryChange,
): ObjectEvent {
  const event = { regarding, action: ACTION } as const;
  if (change === 'unknown') {
    const note = `cannot tell whether ${to} goes on from ${from}: too much lies between; ${to} counts`;
    return { ...event, type: 'Normal', reason: 'HistoryUnknown', note };
  }
  const note = `${to} does not go on from ${from}: history was rewritten; ${to} counts, and what it deletes passes the guard as ever`;
  return { ...event, type: 'Warning', reason: 'HistoryRewritten', note };
}

/** Stage one holds a deletion back, for which a person has to do something. `problems` are those of the revision. */
export function heldEvent(
  regarding: KubeObject,
  { reason, message }: Pick<HeldDeletion, 'reason' | 'message'>,
  problems: readonly Problem[],
): ObjectEvent {
  const first = problems.find(({ severity }) => severity === 'error');
  const note =
    reason === 'invalid-files' && first !== undefined
      ? `${message}: ${first.file}:${first.line} (${first.code})`
      : message;
  return { regarding, type: 'Warning', reason: 'DeletionBlocked', action: ACTION, note };
}
