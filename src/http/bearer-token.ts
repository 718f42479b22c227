import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem-document.ts';

/** Refuses every request to the routes of `app` that does not carry `token` (RFC 6750). */
export function requireBearerToken(app: FastifyInstance, token: string): void {
  const wanted = digest(token);
  app.addHook('onRequest', async (request, reply) => {
    const [, given] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given !== undefined && timingSafeEqual(digest(given), wanted)) return;
    reply.header('www-authenticate', 'Bearer realm="liqo-shortcuts"');
    return sendProblem(reply, 401, 'this path needs the bearer token of the service');
  });
}

/** Digests are of one length, so that comparing takes the same time whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
