import pLimit from 'p-limit';

/**
 * Runs `work` for every item, at most `limit` at a time, and reports each one's end in the order of the items. One
 * failure stops nothing; never throws.
 */
export async function settleAll<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly PromiseSettledResult<Result>[]> {
  const limited = pLimit(limit);
  return Promise.allSettled(items.map((item) => limited(work, item)));
}
