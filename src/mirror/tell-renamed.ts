import { SHORTCUT } from '../model/kinds.ts';
import type { MirrorAction } from './mirror-plan.ts';

/**
 * The actions with what they come to together: a Shortcut that is deleted while another one between the same clusters is
 * created was renamed, and a name cannot change without the connection being cut and made again.
 */
export function tellRenamed(actions: readonly MirrorAction[]): readonly MirrorAction[] {
  const leaving = byPair(actions, 'delete');
  const coming = byPair(actions, 'create');
  return actions.map((action) => {
    const other = (action.action === 'delete' ? coming : leaving).get(pairOf(action));
    if (other === undefined || !['create', 'delete'].includes(action.action)) return action;
    const what = action.action === 'delete' ? 'in its place comes' : 'takes the place of';
    const reason = `${action.reason}; ${what} ${other.resource}: the connection is cut and made again`;
    return { ...action, reason };
  });
}

function byPair(
  actions: readonly MirrorAction[],
  wanted: MirrorAction['action'],
): ReadonlyMap<string, MirrorAction> {
  const those = actions.filter(
    ({ action, ref }) => action === wanted && ref.kind.kind === SHORTCUT.kind,
  );
  return new Map(those.map((action) => [pairOf(action), action]));
}

function pairOf({ clusters }: MirrorAction): string {
  return clusters.join(' ');
}
