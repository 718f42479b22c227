import { isAbort } from '../errors/classify.ts';
import type { HttpServer } from '../http/http-server.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { Engine } from '../reconcile/engine.ts';
import { startSchedules, type Schedule } from '../reconcile/triggers.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { createWorkQueue, type WorkQueue } from '../runtime/work-queue.ts';

/** Silent connections are looked for this often, and the loop shows that it lives. */
const SWEEP = '*/5 * * * * *';
const SOURCE_BACKOFF = { baseMs: 1_000, capMs: 60_000 };
const STOP_GRACE_MS = 5_000;

export interface ServiceParts {
  readonly engine: Engine;
  /** Undefined for `--source none`. */
  readonly mirror: Mirror | undefined;
  readonly http: HttpServer;
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
  /** Resolves when the main cluster is synced; HTTP answers from the beginning. */
  start(options: { readonly signal: AbortSignal }): Promise<void>;
  /** A hint that the source may have changed: look now. */
  hint(): void;
  stop(): Promise<void>;
}

/** Puts the parts in order; nothing runs before `start`. */
export function createService(parts: ServiceParts): Service {
  const { engine, mirror, http, clock, random, logger } = parts;
  const sourceQueue: WorkQueue<'source'> = createWorkQueue({
    work: async (_key, context) => {
      if (mirror === undefined) return { kind: 'settled' };
      try {
        await mirror.pass(context);
      } finally {
        engine.memories.touch();
      }
      return { kind: 'settled' };
    },
    concurrency: 1,
    clock,
    random,
    logger,
    backoff: SOURCE_BACKOFF,
  });
  let stopSchedules: (() => void) | undefined;

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
      await engine.start({ signal });
      parts.onSynced();
      engine.work();
      engine.addAll('schedule');
      sourceQueue.start();
      sourceQueue.add('source', 'schedule');
      stopSchedules = startSchedules(schedules());
      logger.info('Service started');
    },
    hint: () => sourceQueue.add('source', 'git'),
    stop: async () => {
      logger.info('Stopping service');
      stopSchedules?.();
      await sourceQueue.stop({ graceMs: STOP_GRACE_MS });
      await engine.stop().catch((err: unknown) => {
        if (!isAbort(err)) logger.warn({ err }, 'Stopping engine failed');
      });
      await http.close();
      await parts.client.close();
    },
  };
}
