import type { FastifyInstance } from 'fastify';
import type { SnapshotReader } from '../status/snapshot.ts';
import { createMetrics } from './metrics.ts';

/** `/metrics`, in Prometheus' text format. The names of leaves are in it, so it asks for the token as the API does. */
export function registerMetrics(app: FastifyInstance, reader: SnapshotReader): void {
  const metrics = createMetrics(reader);
  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.metrics();
    return reply.type(metrics.contentType).send(text);
  });
}
