import { setTimeout as sleep } from 'node:timers/promises';

/** For calls that are never called off. */
export const signal = new AbortController().signal;

/** What a look gave: done, or what was seen instead, for the message. */
export type Look<T> = { readonly done: T } | { readonly seen: unknown };

const LONGEST_MS = 60_000;
const LOOK_EVERY_MS = 10;

/** Looks until it is done, for a minute unless said; then throws an error that shows what was seen last. */
export async function eventually<T>(
  what: string,
  look: () => Promise<Look<T>>,
  { longestMs = LONGEST_MS }: { readonly longestMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + longestMs;
  for (;;) {
    const found = await look();
    if ('done' in found) return found.done;
    if (performance.now() > deadline) {
      throw new Error(`never happened: ${what}; seen last: ${JSON.stringify(found.seen)}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** The same for a question that is answered with yes or no. */
export async function untilTrue(what: string, isSo: () => Promise<boolean>): Promise<void> {
  await eventually(what, async () => ((await isSo()) ? { done: true } : { seen: false }));
}
