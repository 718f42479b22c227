import { secretToRead } from './own-objects.ts';
import type { PairSide } from './pair-side.ts';
import { BY_COLLECTOR, BY_HAND, type Step, waitFor } from './step.ts';

/**
 * The key Secret that an earlier gateway has left, for a side that has no gateway now: Liqo would give it to the new
 * one, and lose it with the old one's (NETWORK.md 9.3). Undefined when there is none, so that a gateway may be made.
 */
export function awaitLeftSecret({ side, identity }: PairSide): Step | undefined {
  const { keySecret, cluster } = side;
  const ref = secretToRead(side, identity)?.ref;
  if (ref === undefined || keySecret.kind === 'absent') return undefined;
  const wait =
    keySecret.kind === 'unread'
      ? waitFor(cluster, 'KeysPending', ref, 'waiting to see that no earlier gateway has left it')
      : waitFor(
          cluster,
          'Draining',
          ref,
          `waiting for it to be gone: ${keySecret.ownerUIDs.length > 0 ? BY_COLLECTOR : BY_HAND}`,
        );
  return { isInPlace: false, wait: { ...wait, isUnwatched: true } };
}
