import { setImmediate } from 'node:timers/promises';
import { isAbort } from '../../errors/classify.ts';
import type { Clock } from '../../runtime/clock.ts';

/** Back-off of controller-runtime's queues: 5 ms doubling to about 16 minutes (NETWORK.md section 14.19). */
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 1_000_000;

/** The work of one controller: keys to look at, each at most once at a time, again after a failure. */
export interface ReconcileQueue {
  /** Asks for one more look; a key that waits for its next try is looked at immediately. */
  add(key: string): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export interface ReconcileQueueOptions {
  readonly reconcile: (key: string) => Promise<void>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onError: (key: string, error: unknown) => void;
}

interface Turn {
  again: boolean;
  wake: AbortController;
  done: Promise<void>;
}

export function createReconcileQueue(options: ReconcileQueueOptions): ReconcileQueue {
  const { reconcile, clock, signal, onError } = options;
  const turns = new Map<string, Turn>();

  async function run(key: string, turn: Turn): Promise<void> {
    let failures = 0;
    do {
      await setImmediate();
      turn.again = false;
      try {
        await reconcile(key);
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        onError(key, error);
        failures += 1;
        turn.again = true;
        await backOff(turn, failures);
      }
    } while (turn.again && !signal.aborted);
    turns.delete(key);
  }

  async function backOff(turn: Turn, failures: number): Promise<void> {
    turn.wake = new AbortController();
    const ms = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
    try {
      await clock.sleep(ms, { signal: AbortSignal.any([signal, turn.wake.signal]) });
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }

  return {
    add(key) {
      const turn = turns.get(key);
      if (turn !== undefined) {
        turn.again = true;
        turn.wake.abort();
        return;
      }
      if (signal.aborted) return;
      const fresh: Turn = { again: false, wake: new AbortController(), done: Promise.resolve() };
      turns.set(key, fresh);
      fresh.done = run(key, fresh);
    },
    async idle() {
      while (turns.size > 0) await Promise.all([...turns.values()].map((turn) => turn.done));
    },
  };
}
