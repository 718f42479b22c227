import { describeRights } from '../liqo/describe-rights.ts';
import type { Blocked } from '../model/plan.ts';
import type { KnownSide } from './observation.ts';

/**
 * Why nothing may be written for a pair at all: a leaf does not give every right that its whole life needs. Nothing is
 * begun that could not be ended, and nothing is made on one side that the other has no use for.
 */
export function findForbidden(sides: readonly KnownSide[]): readonly Blocked[] {
  return sides.flatMap(({ cluster, missingRights = [] }): readonly Blocked[] => {
    if (missingRights.length === 0) return [];
    const message = `${describeRights(cluster, missingRights)}.`;
    return [{ reason: 'LeafForbidden', cluster, message, stalled: true }];
  });
}
