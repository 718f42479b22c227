import type { FastifyInstance } from 'fastify';
import type { Clock } from '../runtime/clock.ts';
import type { SnapshotReader } from '../status/snapshot.ts';
import { HEALTH_ROUTE } from './route-schemas.ts';
import { sendProblem } from './problem-document.ts';

/** What the probes look at. */
export interface HealthOptions {
  readonly reader: SnapshotReader;
  readonly clock: Clock;
  /** Milliseconds without a sign of life after which the loop counts as stuck. */
  readonly staleAfterMs: number;
}

/** Whoever watches over the process may always ask. */
const PROBE = { schema: HEALTH_ROUTE, config: { rateLimit: false } } as const;

/** `/healthz`: the process answers and the loop turns. `/readyz`: the main cluster was read once. */
export function registerHealth(
  app: FastifyInstance,
  { reader, clock, staleAfterMs }: HealthOptions,
): void {
  app.get('/healthz', PROBE, (_request, reply) => {
    const isStale = clock.now() - reader.lastBeat > staleAfterMs;
    if (isStale) return sendProblem(reply, 503, 'the reconcile loop shows no sign of life');
    return { status: 'ok' };
  });
  app.get('/readyz', PROBE, (_request, reply) => {
    if (reader.snapshot().synced) return { status: 'ready' };
    return sendProblem(reply, 503, 'the main cluster has not been read yet');
  });
}
