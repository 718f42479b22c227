import { isDeepStrictEqual } from 'node:util';

import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { Logger } from '../runtime/logger.ts';
import type { LeafState } from './leaf-state.ts';

/** Tells once of each change of a leaf. */
export interface LeafNotices {
  /** To be called when something may have changed. `details`: what, beside the state, others are to hear of. */
  notice(details: string): void;
}

export interface LeafNoticesOptions {
  readonly leafCluster: LeafCluster;
  readonly logger: Logger;
  readonly onStateChange: () => void;
}

/** Calls `onStateChange`, and writes one line in the log for each state that lasts: a hiccup is not worth one. */
export function createLeafNotices(
  { leafCluster, logger, onStateChange }: LeafNoticesOptions,
  state: () => LeafState,
): LeafNotices {
  const cluster = leafCluster.metadata.name;
  const atFirst = state();
  let noticed: { readonly state: LeafState; readonly details: string } | undefined;
  let told: LeafState | undefined;

  function tell(now: LeafState): void {
    const isPassing = now.kind === 'unknown' && now.reason === 'Progressing';
    if (isPassing || isDeepStrictEqual(now, told)) return;
    told = now;
    if (now.kind === 'known') {
      logger.info({ cluster, clusterID: now.clusterID }, 'Leaf known');
      return;
    }
    logger.warn({ cluster, reason: now.reason, message: now.message }, 'Leaf unknown');
  }

  return {
    notice: (details) => {
      const now = { state: state(), details };
      // Nobody was told anything before: only another state is news.
      noticed ??= { state: atFirst, details };
      if (isDeepStrictEqual(now, noticed)) return;
      noticed = now;
      tell(now.state);
      onStateChange();
    },
  };
}
