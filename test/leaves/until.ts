import { settle } from '../support/fake-clock.ts';

/** So many turns of the event loop are more than anything without a timer can need. */
const MAX_TURNS = 5_000;

/** Waits for a condition without letting time pass; fails when it does not come true. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    if (isTrue()) return;
    await settle();
  }
  throw new Error(`never happened: ${what}`);
}
