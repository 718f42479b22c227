import type { OperatorError } from '../errors/operator-error.ts';
import { backoffDelay } from '../runtime/backoff.ts';
import type { Random } from '../runtime/random.ts';

/** No answer: the host may be back soon. */
const UNREACHABLE = { baseMs: 2_000, capMs: 600_000 };
/** A limit without a time, as GitHub asks for; and a refusal, which takes a person. */
const REFUSED = { baseMs: 60_000, capMs: 3_600_000 };

/** How long to leave a forge alone after it failed. Times in milliseconds since the epoch. */
export interface Patience {
  isOver(now: number): boolean;
  failed(error: OperatorError, now: number): void;
  succeeded(): void;
  /** Why, since the last success. */
  readonly error: OperatorError | undefined;
}

/** Nothing has failed yet. */
export function createPatience({ random }: { readonly random: Random }): Patience {
  let failures = 0;
  let until = 0;
  let last: OperatorError | undefined;

  function delay({ code, details }: OperatorError): number {
    const { retryAfterSeconds } = details;
    if (typeof retryAfterSeconds === 'number') return retryAfterSeconds * 1000;
    if (code === 'FORGE_REJECTED') return 0;
    if (code === 'FORGE_THROTTLED' || code === 'FORGE_REFUSED') return atLeast(REFUSED);
    return backoffDelay(failures, UNREACHABLE, random);
  }

  /** Never less than the step itself: these are not hosts in trouble, but hosts that have said no. */
  function atLeast({ baseMs, capMs }: typeof REFUSED): number {
    return Math.min(capMs, baseMs * 2 ** (failures - 1));
  }

  return {
    isOver: (now) => now >= until,
    failed: (error, now) => {
      failures += 1;
      last = error;
      until = Math.max(until, now + delay(error));
    },
    succeeded: () => {
      failures = 0;
      last = undefined;
    },
    get error() {
      return last;
    },
  };
}
