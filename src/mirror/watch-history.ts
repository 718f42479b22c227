import type { Resolved, Source, SourceOptions } from '../git/source.ts';
import type { HistoryChange } from '../model/source-snapshot.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';

/**
 * Tells when a revision does not go on from the one before, because somebody rewrote history (`git push --force`), or when
 * that cannot be told. Nothing depends on it: the revision of now counts either way. To be called with each checkout;
 * answers undefined for one that goes on from the last, as nearly all do. Throws only when called off.
 */
export function createHistoryWatch({
  source,
  clock,
  logger,
}: {
  readonly source: Source;
  readonly clock: Clock;
  readonly logger: Logger;
}): (
  now: Resolved,
  before: Resolved | undefined,
  options: SourceOptions,
) => Promise<HistoryChange | undefined> {
  async function descent(from: string, to: string, options: SourceOptions) {
    try {
      return await source.descent({ from, to }, options);
    } catch (error) {
      options.signal.throwIfAborted();
      logger.debug({ err: error }, 'History cannot be read');
      return 'unknown';
    }
  }

  return async (now, before, options) => {
    if (before === undefined || before.commit === now.commit) return undefined;
    const change = await descent(before.commit, now.commit, options);
    if (change === 'descends') return undefined;
    const [from, to] = [before.revision, now.revision];
    logger.warn({ from, to }, TOLD[change]);
    return { change, from, to, at: new Date(clock.now()).toISOString() };
  };
}

const TOLD = {
  rewritten: 'History was rewritten',
  unknown: 'History may have been rewritten: too much of it lies between to tell',
} as const;
