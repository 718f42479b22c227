import type { FastifyInstance } from 'fastify';
import type { Clock } from '../runtime/clock.ts';
import type { SnapshotReader } from '../status/snapshot.ts';

/**
 * Gives the answers of `app` the version of the snapshot as ETag, and answers 304 to who holds that version already,
 * before anything is computed. The time of start is part of it, since versions begin anew with every process.
 */
export function answerUnchangedWith304(
  app: FastifyInstance,
  { reader, clock }: { readonly reader: SnapshotReader; readonly clock: Clock },
): void {
  const start = clock.now().toString(36);
  app.addHook('preHandler', async (request, reply) => {
    const tag = `"${start}-${reader.version}"`;
    reply.header('etag', tag);
    const held = request.headers['if-none-match'] ?? '';
    const holdsTag = held.split(',').some((entry) => entry.trim().replace(/^W\//, '') === tag);
    if (holdsTag) return reply.code(304).send();
    return undefined;
  });
}
