import { isAbort } from '../errors/classify.ts';
import type { Reporter } from '../forge/reporter.ts';
import type { HttpServer } from '../http/http-server.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { Leadership } from '../kube/leader-elector.ts';
import type { Mirror, MirrorReport } from '../mirror/mirror.ts';
import type { Revision } from '../model/revision.ts';
import type { Engine } from '../reconcile/engine.ts';
import type { HintRelay } from '../reconcile/hint-relay.ts';
import { createHeldTeller } from '../reconcile/tell-held.ts';
import { createSourceTeller } from '../reconcile/tell-source.ts';
import { startSchedules, type Schedule } from '../reconcile/triggers.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { createWorkQueue, type WorkQueue } from '../runtime/work-queue.ts';
import { type Election, letGo } from './compose-election.ts';

/** Silent connections are looked for this often, and the loop shows that it lives. */
const SWEEP = '*/5 * * * * *';
const SOURCE_BACKOFF = { baseMs: 1_000, capMs: 60_000 };
const STOP_GRACE_MS = 5_000;

export interface ServiceParts {
  readonly engine: Engine;
  /** Undefined for `--source none`. */
  readonly mirror: Mirror | undefined;
  readonly http: HttpServer;
  readonly election: Election;
  /** Brings hints from those who follow to the one who leads. */
  readonly relay: HintRelay | undefined;
  /** Tells the host of the repository how commits fare; undefined where that is not asked for. */
  readonly reporter: Reporter | undefined;
  /** Finds out under which name leaves are written; tries until the main cluster answers. */
  readonly identify: (options: { readonly signal: AbortSignal }) => Promise<void>;
  /** Closed at the very end. */
  readonly client: Pick<KubeClient, 'close'>;
  /** Called when the main cluster has been read once. */
  readonly onSynced: () => void;
  /** Cron expressions for the look at the source and for the slow look at everything. */
  readonly poll: string;
  readonly resync: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The service: mirror, reconcile and HTTP, until it is stopped. */
export interface Service {
  /**
   * Resolves when the main cluster is synced, however long that takes; HTTP answers from the beginning. Writes begin
   * when this process leads.
   */
  start(options: { readonly signal: AbortSignal }): Promise<void>;
  /** To be called with every change: a leader writes; a follower keeps its picture fresh and answers. */
  follow(leadership: Leadership): void;
  /** A hint that the source may have changed: the leader looks now, whichever of the processes is told. */
  hint(): void;
  stop(): Promise<void>;
}

/** Puts the parts in order; nothing runs before `start`. */
export function createService(parts: ServiceParts): Service {
  const { engine, mirror, http, relay, reporter, clock, random, logger } = parts;
  const { elector, fence } = parts.election;
  const tellHeld = createHeldTeller(engine);
  const tellSource = createSourceTeller(engine);
  const sourceQueue: WorkQueue<'source'> = createWorkQueue({
    work: async (_key, context) => {
      if (mirror === undefined) return { kind: 'settled' };
      try {
        const report = await mirror.pass(context);
        reporter?.passed({ report, source: mirror.snapshot(), removed: removedBy(report) });
        tellHeld(report.plan.held, report.desired?.problems ?? []);
        await tellSource(report, context);
        return { kind: isApplied(mirror, report.revision) ? 'settled' : 'backoff' };
      } finally {
        engine.memories.touch();
      }
    },
    concurrency: 1,
    clock,
    random,
    logger,
    backoff: SOURCE_BACKOFF,
  });
  let stopSchedules: (() => void) | undefined;
  let isLeading = false;

  function look(): void {
    sourceQueue.add('source', 'git');
  }

  function lead(): void {
    fence.open();
    engine.work();
    engine.addAll('schedule');
    sourceQueue.start();
    sourceQueue.add('source', 'schedule');
    reporter?.start();
  }

  function rest(): void {
    fence.cut();
    engine.rest();
    sourceQueue.pause();
    reporter?.pause();
  }

  function schedules(): readonly Schedule[] {
    return [
      { expression: parts.poll, run: () => sourceQueue.add('source', 'schedule') },
      { expression: parts.resync, run: () => engine.addAll('schedule') },
      { expression: SWEEP, run: () => engine.sweep() },
    ];
  }

  return {
    start: async ({ signal }) => {
      engine.sweep();
      stopSchedules = startSchedules(schedules());
      relay?.start(look);
      await Promise.all([engine.start({ signal }), parts.identify({ signal })]);
      parts.onSynced();
      elector.start();
      logger.info('Service started');
    },
    follow: ({ role }) => {
      engine.memories.touch();
      if (isLeading === (role === 'leader')) return;
      isLeading = role === 'leader';
      if (isLeading) lead();
      else rest();
    },
    hint: () => {
      if (relay === undefined || elector.mayWrite()) look();
      else relay.send();
    },
    stop: async () => {
      logger.info('Stopping service');
      stopSchedules?.();
      await letGo(parts.election);
      await Promise.all([relay?.stop(), reporter?.stop()]);
      await sourceQueue.stop({ graceMs: STOP_GRACE_MS });
      await engine.stop().catch((err: unknown) => {
        if (!isAbort(err)) logger.warn({ err }, 'Stopping engine failed');
      });
      await http.close();
      await parts.client.close();
    },
  };
}

/** What was not read or not written is tried again soon: the next poll may be far off, and the next webhook never come. */
function isApplied(mirror: Mirror, revision: Revision | undefined): boolean {
  const { error, revisionApplied } = mirror.snapshot();
  return error === undefined && revisionApplied === revision;
}

function removedBy({ results }: MirrorReport): readonly string[] {
  return results
    .filter(({ write, result }) => write.action === 'delete' && result.kind === 'done')
    .map(({ write }) => write.resource);
}
