import { isAbort, toOperatorError } from '../errors/classify.ts';
import type { OperatorError } from '../errors/operator-error.ts';
import { createLastGood } from '../git/last-good.ts';
import type { Checkout, Resolved, Source, SourceOptions } from '../git/source.ts';
import type { Revision } from '../model/revision.ts';
import type { Logger } from '../runtime/logger.ts';

export interface SteadySourceDeps {
  readonly source: Source;
  /** Where the last good revision outlives a restart. */
  readonly dataDir?: string | undefined;
  readonly logger: Logger;
}

/** What a look gave. */
export interface Look {
  /** What counts: the files of now, or of the last look that succeeded; undefined when none ever did. */
  readonly checkout?: Checkout | undefined;
  /** Where the source's ref pointed when it last answered. */
  readonly revisionAttempted?: Revision | undefined;
  /** Why the files are not those of now. */
  readonly error?: OperatorError | undefined;
  /** What counted before it: at the first look, what is kept from before the start. */
  readonly before?: Resolved | undefined;
}

/**
 * A source that stands by its last good revision: through outages, an empty repository, a vanished folder, and, with
 * a data folder, a restart. The looks throw only when called off.
 */
export function createSteadySource(
  deps: SteadySourceDeps,
): (options: SourceOptions) => Promise<Look> {
  const { source, dataDir, logger } = deps;
  const lastGood = dataDir === undefined ? undefined : createLastGood(dataDir, source);
  let last: Look = {};

  async function read(options: SourceOptions): Promise<Look> {
    const { revision, commit } = await source.resolve(options);
    last = { ...last, revisionAttempted: revision };
    const checkout = await source.read(commit, options);
    const before = last.checkout ?? (await lastGood?.load());
    if (checkout !== last.checkout) await save(checkout);
    return { checkout, revisionAttempted: revision, before: before && resolvedOf(before) };
  }

  async function save(checkout: Checkout): Promise<void> {
    await lastGood?.save(checkout).catch((err: unknown) => {
      logger.warn({ err }, 'Last good revision cannot be kept');
    });
  }

  async function standBy(error: OperatorError): Promise<Look> {
    const isNews = !isSameTrouble(error, last.error);
    if (isNews) {
      const isUnverified = error.code === 'GIT_UNVERIFIED';
      logger.warn(
        { err: error },
        isUnverified ? 'Commit is not verified' : 'Source cannot be read',
      );
    }
    return { ...last, error, checkout: last.checkout ?? (await kept(isNews)) };
  }

  /** What is kept from before the start, as long as it would be taken now. */
  async function kept(isNews: boolean): Promise<Checkout | undefined> {
    const checkout = await lastGood?.load();
    try {
      if (checkout !== undefined) await source.accept(checkout);
      return checkout;
    } catch (err) {
      if (isNews) logger.warn({ err }, 'Kept revision is not verified');
      return undefined;
    }
  }

  return async (options) => {
    try {
      last = await read(options);
    } catch (error) {
      if (isAbort(error) || options.signal.aborted) throw error;
      last = await standBy(toOperatorError(error));
    }
    return last;
  };
}

/** Another commit that is not taken is another trouble. */
export function isSameTrouble(a: OperatorError | undefined, b: OperatorError | undefined): boolean {
  return a?.code === b?.code && a?.details['commit'] === b?.details['commit'];
}

/** Without the files, which would stay in memory. */
function resolvedOf({ revision, commit }: Resolved): Resolved {
  return { revision, commit };
}
