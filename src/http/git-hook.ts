import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem-document.ts';

/** What a push notification needs: the secret shared with the Git host, and whom to tell. */
export interface GitHook {
  readonly secret: string;
  /** Look at the source now. Nothing of the request is passed on: it is a hint, not data. */
  onHint(): void;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** `POST /hooks/git` with `X-Hub-Signature-256` (GitHub, Gitea): the HMAC-SHA256 of the body as it came. */
export function registerGitHook(app: FastifyInstance, hook: GitHook): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.post('/hooks/git', (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const wanted = createHmac('sha256', hook.secret).update(body).digest();
    const given = signatureOf(request.headers['x-hub-signature-256']);
    if (given === undefined || !timingSafeEqual(given, wanted)) {
      return sendProblem(reply, 401, 'the signature in X-Hub-Signature-256 does not fit the body');
    }
    hook.onHint();
    return reply.code(202).send({ status: 'accepted' });
  });
}

function signatureOf(header: string | readonly string[] | undefined): Buffer | undefined {
  const [, hex] = /^sha256=([0-9a-f]{64})$/i.exec(String(header)) ?? [];
  return hex === undefined ? undefined : Buffer.from(hex, 'hex');
}
