import { type ObjectEvent } from '../model/object-event.ts';
import { clustersOf, type Shortcut } from '../model/shortcut.ts';

/** Somebody's change was put back. `note` names the object and who changed it. */
export function driftEvent(regarding: Shortcut, note: string): ObjectEvent {
  return { regarding, type: 'Warning', reason: 'DriftCorrected', action: 'Correct', note };
}

/** The finalizer is off. `leftBehind` is what a leaf did not let us delete, as `cluster/Kind/…`. */
export function disconnectedEvent(
  regarding: Shortcut,
  leftBehind: ReadonlySet<string>,
): ObjectEvent {
  const [a, b] = clustersOf(regarding);
  const done =
    regarding.spec.deletionPolicy === 'Orphan'
      ? `the connection of "${a}" and "${b}" was left as it is, without our labels`
      : `the connection was removed from "${a}" and "${b}"`;
  const left = [...leftBehind].sort().join(', ');
  const note = left === '' ? done : `${done}, but for ${left}`;
  return { regarding, type: 'Normal', reason: 'Disconnected', action: 'Disconnect', note };
}
