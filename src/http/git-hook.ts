import type { FastifyInstance } from 'fastify';
import { mayMoveRef } from './hook-event.ts';
import { isGenuine } from './hook-signature.ts';
import { sendProblem } from './problem-document.ts';

/** What a push notification needs: the secrets shared with the Git host, and whom to tell. */
export interface GitHook {
  /** Asked at each request, so that they can be changed at any time. Each of them counts. */
  secrets(): Promise<readonly string[]>;
  /** Look at the source now. Nothing of the request is passed on: it is a hint, not data. */
  onHint(): void;
}

const PATH = '/hooks/git';
const MAX_BODY_BYTES = 1024 * 1024;
const OTHER_METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * `POST /hooks/git`: the push notifications of GitHub, Gitea, Forgejo, GitLab, Bitbucket and whoever can make an HMAC
 * (DESIGN section 6). The body is never parsed.
 */
export function registerGitHook(app: FastifyInstance, hook: GitHook): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.post(PATH, async ({ headers, body: given }, reply) => {
    const body = Buffer.isBuffer(given) ? given : Buffer.alloc(0);
    if (!isGenuine({ headers, body }, await hook.secrets())) return sendProblem(reply, 401);
    if (!mayMoveRef(headers)) return reply.code(200).send({ status: 'ignored' });
    hook.onHint();
    return reply.code(202).send({ status: 'accepted' });
  });
  app.route({
    method: OTHER_METHODS,
    url: PATH,
    // Before a body is read.
    onRequest: async (_request, reply) => sendProblem(reply.header('allow', 'POST'), 405),
    handler: (_request, reply) => reply,
  });
}
