import { isAbort, isAbsent, toOperatorError } from '../errors/classify.ts';
import { AlreadyExistsError, WriteConflictError } from '../errors/errors.ts';
import type { ErrorCode } from '../errors/operator-error.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { SteadyNow } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { withinTime } from '../runtime/within-time.ts';
import {
  LEASE_DURATION_MS,
  type LeaseRecord,
  readLease,
  RENEW_DEADLINE_MS,
  RETRY_PERIOD_MS,
} from './lease-record.ts';
import { LeaseStore, type LeaseStoreOptions } from './lease-store.ts';

/** One request may take so long: a second one still fits before the deadline. */
const ATTEMPT_MS = RENEW_DEADLINE_MS / 2;
const RELEASE_MS = 1_500;
/** Share of the period that candidates add at random, so that they do not come all at once. */
const CANDIDATE_JITTER = 0.2;

/** Who writes. */
export interface Leadership {
  readonly role: 'leader' | 'follower';
  /** Identity of the leader as far as it is known; empty while nobody is seen to lead. */
  readonly leader: string;
}

/** Decides which of several processes writes: at most one at a time. */
export interface LeaderElector {
  readonly identity: string;
  start(): void;
  leadership(): Leadership;
  /** Identity of another process that was seen to renew the Lease, so that it is alive. */
  rival(): string | undefined;
  /** Whether a write may begin at this very moment. Whoever finds the time to be over steps down on the spot. */
  mayWrite(): boolean;
  /** Ends it. `release`: the next one need not wait; only for who has no write under way any more. */
  stop(options: { readonly release: boolean }): Promise<void>;
}

/**
 * `client` is not behind the fence that this election opens and closes; `identity` has never been used before, and is
 * no other's.
 */
export interface LeaderElectorOptions extends LeaseStoreOptions {
  readonly steadyNow: SteadyNow;
  readonly random: Random;
  readonly logger: Logger;
  /**
   * Asked when the very first look finds no Lease: whether there was ever a leader, so that the Lease may have been deleted
   * under it. Where nobody has ever led, nobody need be waited for. May throw: then it is asked again.
   */
  readonly wasLed: (options: { readonly signal: AbortSignal }) => Promise<boolean>;
  /** Called with every change of role or leader, before anything else happens. */
  readonly onChange: (leadership: Leadership) => void;
}

/**
 * Leader election by a Lease, as client-go does it, and stricter where client-go lets two lead for a moment: a Lease that
 * was deleted, or emptied by hand, counts as held until nobody has touched it for its duration. All durations are
 * measured by our own clock from what we saw or sent; times in the Lease are never compared.
 */
export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  return new LeaseElector(options);
}

/** Until when a leader may write: by the steady clock, and by the time of day, which also runs while a machine sleeps. */
interface Term {
  readonly until: number;
  readonly untilWall: number;
}

class LeaseElector implements LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #store: LeaseStore;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  /** The Lease exactly as our last write left it: while nobody changed it, nobody can have led after us. */
  #held: KubeObject | undefined;
  #term: Term | undefined;
  #termTimer = new AbortController();
  #sighting: { readonly version: string; readonly at: number } | undefined;
  #leader = '';
  #rival: string | undefined;
  #told: Leadership = { role: 'follower', leader: '' };
  #failure: ErrorCode | undefined;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#store = new LeaseStore(options);
  }

  get identity(): string {
    return this.#options.identity;
  }

  start(): void {
    if (this.#loop !== undefined) throw new TypeError('the leader election was started twice');
    this.#loop = this.#run(this.#stopping.signal);
  }

  leadership(): Leadership {
    return this.#told;
  }

  rival(): string | undefined {
    return this.#rival;
  }

  mayWrite(): boolean {
    if (this.#term === undefined) return false;
    const { steadyNow, clock } = this.#options;
    if (steadyNow() < this.#term.until && clock.now() < this.#term.untilWall) return true;
    this.#stepDown();
    return false;
  }

  async stop({ release }: { readonly release: boolean }): Promise<void> {
    const wasLeading = this.mayWrite();
    this.#stopping.abort();
    await this.#loop;
    this.#termTimer.abort();
    this.#term = undefined;
    if (release && wasLeading) await this.#release();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      await this.#attempt(signal);
      const jitter = this.mayWrite() ? 0 : CANDIDATE_JITTER * random();
      await clock.sleep(RETRY_PERIOD_MS * (1 + jitter), { signal }).catch(() => undefined);
    }
  }

  /** Renews, or looks whether the Lease can be had. Never throws: the next attempt comes in any case. */
  async #attempt(stopping: AbortSignal): Promise<void> {
    try {
      const { clock } = this.#options;
      await withinTime(ATTEMPT_MS, { clock, signals: [stopping] }, (signal) =>
        this.#renewOrTake(signal),
      );
      this.#failure = undefined;
    } catch (error) {
      if (!stopping.aborted) this.#noteFailure(error);
    }
    this.#tell();
  }

  async #renewOrTake(signal: AbortSignal): Promise<void> {
    const { steadyNow, clock } = this.#options;
    // Counted from before the request: whoever sees its effect sees it later.
    const term = {
      until: steadyNow() + RENEW_DEADLINE_MS,
      untilWall: clock.now() + RENEW_DEADLINE_MS,
    };
    const stored = (await this.#renew(signal)) ?? (await this.#take(signal));
    if (stored === undefined) this.#stepDown();
    else this.#lead(stored, term);
  }

  /** Undefined when the Lease is no longer as we left it. */
  async #renew(signal: AbortSignal): Promise<KubeObject | undefined> {
    if (this.#held === undefined) return undefined;
    try {
      return await this.#store.hold(this.#held, signal);
    } catch (error) {
      if (!isLost(error)) throw error;
      this.#held = undefined;
      return undefined;
    }
  }

  /** Undefined when it is somebody else's. */
  async #take(signal: AbortSignal): Promise<KubeObject | undefined> {
    const seen = await this.#store.look(signal);
    const isFirstStart =
      seen === undefined &&
      this.#sighting === undefined &&
      !(await this.#options.wasLed({ signal }));
    if (!isFirstStart && !this.#isToBeHad(seen)) return undefined;
    try {
      return await this.#store.hold(seen, signal);
    } catch (error) {
      // Another one was faster.
      if (error instanceof AlreadyExistsError || isLost(error)) return undefined;
      throw error;
    }
  }

  #isToBeHad(seen: KubeObject | undefined): boolean {
    const record = seen === undefined ? undefined : readLease(seen);
    const untouchedMs = this.#sight(record);
    if (record?.isFree === true) return true;
    // Deleted or edited under us, and no other's: ours as long as our time is not over.
    const isOurs = record === undefined || record.holder === this.identity;
    return (isOurs && this.mayWrite()) || untouchedMs >= LEASE_DURATION_MS;
  }

  /** For how long we have seen the Lease, or that there is none, as it is now. */
  #sight(record: LeaseRecord | undefined): number {
    const now = this.#options.steadyNow();
    const { version, holder } = record ?? { version: 'missing', holder: '' };
    if (this.#sighting?.version !== version) {
      const isRenewed = this.#sighting !== undefined && holder !== '' && holder === this.#leader;
      this.#rival = isRenewed && holder !== this.identity ? holder : undefined;
      this.#sighting = { version, at: now };
    }
    this.#leader = holder;
    return now - this.#sighting.at;
  }

  #lead(stored: KubeObject, term: Term): void {
    this.#held = stored;
    this.#leader = this.identity;
    this.#rival = undefined;
    this.#term = term;
    this.#termTimer.abort();
    this.#termTimer = new AbortController();
    const ms = term.until - this.#options.steadyNow();
    this.#options.clock.sleep(Math.max(0, ms), { signal: this.#termTimer.signal }).then(
      () => this.mayWrite(),
      () => undefined, // renewed
    );
    this.mayWrite(); // the answer may have come too late
  }

  #stepDown(): void {
    this.#term = undefined;
    this.#termTimer.abort();
    if (this.#leader === this.identity) this.#leader = '';
    this.#tell();
  }

  async #release(): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      await withinTime(RELEASE_MS, { clock, signals: [] }, (signal) => this.#store.release(signal));
    } catch (err) {
      logger.debug({ err }, 'Releasing lease failed');
    }
  }

  #noteFailure(error: unknown): void {
    const code = isAbort(error) ? 'TIMEOUT' : toOperatorError(error).code;
    if (code === this.#failure) return;
    this.#failure = code;
    const fields = isAbort(error) ? { code } : { err: error };
    this.#options.logger.warn(
      { ...fields, lease: this.#options.name },
      'Lease cannot be read or renewed',
    );
  }

  #tell(): void {
    const { logger, onChange } = this.#options;
    const now: Leadership = {
      role: this.#term === undefined ? 'follower' : 'leader',
      leader: this.#leader,
    };
    if (now.role === this.#told.role && now.leader === this.#told.leader) return;
    this.#told = now;
    logger.info(
      { identity: this.identity, leader: now.leader },
      now.role === 'leader' ? 'Leading' : 'Following',
    );
    onChange(now);
  }
}

function isLost(error: unknown): boolean {
  return error instanceof WriteConflictError || isAbsent(error);
}
