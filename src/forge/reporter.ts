import { isAbort, toOperatorError } from '../errors/classify.ts';
import type { OperatorError } from '../errors/operator-error.ts';
import type { ForgeSnapshot } from '../model/forge.ts';
import type { Outcome } from '../model/outcome.ts';
import { commitOf, type Revision } from '../model/revision.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { createWorkQueue } from '../runtime/work-queue.ts';
import { type CommitTeller, createCommitTeller } from './commit-teller.ts';
import type { Forge } from './forge.ts';
import { gatherFacts, type MainPicture, type SourcePass } from './gather-facts.ts';
import type { Step } from './plan-report.ts';
import { createPatience, type Patience } from './patience.ts';
import type { RequestCounter } from './request-counter.ts';

/** The picture in memory is looked at this often, and GitHub asks for a second between two writes. */
const TICK_MS = 1_000;
const STOP_GRACE_MS = 2_000;
/** Of earlier commits whose last word is not spoken, so many are followed. */
const MOST_FOLLOWED = 10;
/** Never used for failures: those have a patience of their own. */
const BACKOFF = { baseMs: TICK_MS, capMs: 60_000 };

/** A pass of stage one, with what it wrote. */
export interface ReportedPass extends SourcePass {
  readonly removed: readonly string[];
}

export interface ReporterOptions {
  readonly forge: Forge;
  readonly requests: RequestCounter;
  readonly kind: ForgeSnapshot['kind'];
  readonly repository: string;
  readonly comment: boolean;
  readonly publicUrl: string;
  readonly installation: () => string;
  /** Undefined while the main cluster cannot be read: an old picture is not reported. */
  readonly picture: () => MainPicture | undefined;
  /** Told when the snapshot has changed. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Tells the host of the repository how commits fare, beside everything else: it waits for nobody, and nobody waits for
 * it. What was told is remembered no longer than this process leads, and then read from the host.
 */
export interface Reporter {
  /** To be called when this process begins to lead. */
  start(): void;
  /** To be called when it ceases to. */
  pause(): void;
  /** To be called after each pass of stage one. */
  passed(pass: ReportedPass): void;
  snapshot(): ForgeSnapshot;
  stop(): Promise<void>;
}

/** A reporter that is still. */
export function createReporter(options: ReporterOptions): Reporter {
  const { forge, clock, logger, requests } = options;
  const tellers = new Map<Revision, CommitTeller>();
  const removed = new Map<Revision, Set<string>>();
  const patience = { status: createPatience(options), comment: createPatience(options) };
  let pass: SourcePass | undefined;
  let reported: ForgeSnapshot['reported'];

  const queue = createWorkQueue<'report'>({
    work: async (_key, { signal }): Promise<Outcome> => {
      if (patience.status.isOver(clock.now())) await report(signal);
      return { kind: 'retryAfter', ms: TICK_MS };
    },
    concurrency: 1,
    backoff: BACKOFF,
    ...{ clock, logger, random: options.random },
  });

  function tellerOf(revision: Revision): CommitTeller {
    const known = tellers.get(revision);
    if (known !== undefined) return known;
    const teller = createCommitTeller({
      forge,
      commit: commitOf(revision),
      revision,
      installation: options.installation(),
      publicUrl: options.publicUrl,
      onRemoved: (resources) => note(revision, resources),
    });
    tellers.set(revision, teller);
    return teller;
  }

  function note(revision: Revision, resources: readonly string[]): void {
    const before = removed.get(revision) ?? new Set<string>();
    if (resources.length > 0) removed.set(revision, new Set([...before, ...resources]));
  }

  /** Looks at all commits, and makes at most one write. */
  async function report(signal: AbortSignal): Promise<void> {
    const picture = options.picture();
    if (pass === undefined || picture === undefined) return;
    const open = [...tellers].filter(([, { isOpen }]) => isOpen).map(([revision]) => revision);
    const followed = open.toReversed().slice(0, MOST_FOLLOWED);
    const facts = gatherFacts({ pass, picture, removed, followed });
    keep(facts.map(({ revision }) => revision));
    for (const one of facts) {
      const teller = tellerOf(one.revision);
      teller.wish(one, clock.now());
      if (await tell(one.revision, teller, signal)) return;
    }
  }

  function keep(revisions: readonly Revision[]): void {
    for (const revision of [...tellers.keys(), ...removed.keys()]) {
      if (revisions.includes(revision)) continue;
      tellers.delete(revision);
      removed.delete(revision);
    }
  }

  /** Reads what has to be read, and makes one write. True where something else is better left for the next time. */
  async function tell(revision: Revision, teller: CommitTeller, signal: AbortSignal) {
    for (;;) {
      const now = clock.now();
      const comments = options.comment && patience.comment.isOver(now);
      const step = teller.next({ now, comments });
      if (step.kind === 'wait' || step.kind === 'rest') return false;
      if (!(await attempt(teller, step, signal))) return true;
      if (step.kind === 'set-status') confirm(revision, teller);
      // A comment may remember what this process does not: then something else is to be told.
      if (isWrite(step) || step.kind === 'find-comment') return true;
    }
  }

  async function attempt(teller: CommitTeller, step: Step, signal: AbortSignal): Promise<boolean> {
    const side = sideOf(step);
    try {
      await teller.act(step, clock.now(), { signal });
      patience[side].succeeded();
      return true;
    } catch (thrown) {
      if (isAbort(thrown)) throw thrown;
      failed(toOperatorError(thrown), patience[side], step);
      return false;
    } finally {
      options.onChange();
    }
  }

  function failed(err: OperatorError, side: Patience, { kind }: Step): void {
    if (side.error?.code !== err.code)
      logger.warn({ err, step: kind }, 'Reporting to the forge failed');
    // Without an answer, and with a limit used up, nothing else is worth trying.
    const isAboutAll = err.code !== 'FORGE_REFUSED' && err.code !== 'FORGE_REJECTED';
    side.failed(err, clock.now());
    if (isAboutAll && side !== patience.status) patience.status.failed(err, clock.now());
  }

  function confirm(revision: Revision, { wanted }: CommitTeller): void {
    if (wanted === undefined) return;
    const { state, description } = wanted;
    reported = { commit: commitOf(revision), state, description };
    logger.info({ revision, state, reason: description }, 'Reported');
  }

  return {
    start: () => {
      queue.start();
      queue.add('report', 'schedule');
    },
    pause: () => {
      queue.pause();
      pass = undefined;
      tellers.clear();
      removed.clear();
    },
    passed: ({ removed: resources, ...given }) => {
      pass = given;
      const { revision } = given.report;
      if (revision !== undefined) note(revision, resources);
    },
    snapshot: () => {
      const { code, message } = patience.status.error ?? patience.comment.error ?? {};
      return {
        kind: options.kind,
        repository: options.repository,
        ...(reported === undefined ? {} : { reported }),
        ...(code === undefined || message === undefined ? {} : { error: { code, message } }),
        requests: requests.counts(),
      };
    },
    stop: async () => {
      await queue.stop({ graceMs: STOP_GRACE_MS });
      await forge.close();
    },
  };
}

function sideOf({ kind }: Step): 'status' | 'comment' {
  return kind === 'read-status' || kind === 'set-status' ? 'status' : 'comment';
}

function isWrite({ kind }: Step): boolean {
  return kind === 'create-comment' || kind === 'update-comment' || kind === 'set-status';
}
