import type { Clock } from '../../../runtime/clock.ts';
import { type SavedState, writeState } from './state-file.ts';

export interface StateKeeperOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly snapshot: () => SavedState;
}

/** How long changes are gathered before they are saved. */
const SAVE_DELAY_MS = 500;

/** Saves the state of a server some time after it changed, and once more at the end; one save at a time. */
export class StateKeeper {
  readonly #options: StateKeeperOptions;
  readonly #stopped = new AbortController();
  #isChanged = false;
  #saving: Promise<void> | undefined;

  constructor(options: StateKeeperOptions) {
    this.#options = options;
  }

  /** Something is other than what was saved. */
  changed(): void {
    this.#isChanged = true;
    this.#saving ??= this.#saveChanges().finally(() => (this.#saving = undefined));
  }

  /** Saves at once; nothing is saved afterwards. Throws when the file cannot be written. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#saving;
    await this.#save();
  }

  async #saveChanges(): Promise<void> {
    while (this.#isChanged) {
      await this.#options.clock.sleep(SAVE_DELAY_MS, this.#stopped).catch(() => undefined);
      if (this.#stopped.signal.aborted) return;
      this.#isChanged = false;
      // A state that cannot be saved now can be saved with the next change, and stop() tells.
      await this.#save().catch(() => undefined);
    }
  }

  #save(): Promise<void> {
    return writeState(this.#options.file, this.#options.snapshot());
  }
}
