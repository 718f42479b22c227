import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from '../runtime/logger.ts';

/** Answers with an RFC 9457 problem document. `detail` is shown to whoever asked: never a secret, never a stack. */
export function sendProblem(reply: FastifyReply, status: number, detail?: string): FastifyReply {
  const title = STATUS_CODES[status] ?? 'Error';
  return reply
    .removeHeader('etag')
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title, status, ...(detail !== undefined && { detail }) });
}

/** Answers for a path that does not exist. */
export function sendNotFound(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 404, 'there is nothing at this path');
}

/**
 * The one place that turns errors into answers. What the client did wrong (4xx) is explained to the client, without
 * repeating it; what we did wrong (5xx) is logged, and its message stays here.
 */
export function answerErrorsWithProblems(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status < 500) return sendProblem(reply, status, detailOf(error));
    logger.error(
      { err: error, method: request.method, route: request.routeOptions.url },
      'Answering request failed',
    );
    return sendProblem(reply, status);
  });
  app.setNotFoundHandler((_request, reply) => sendNotFound(reply));
}

/** Which parameter is wrong, and what it may be. Other errors of fastify repeat the URL or headers, and say no more than the status. */
function detailOf(error: unknown): string | undefined {
  const isOurRule = error instanceof Error && 'validation' in error;
  return isOurRule ? error.message : undefined;
}

/** The status that fastify gave its own errors; 500 for everything else. */
function statusOf(error: unknown): number {
  const isHttpError = error instanceof Error && 'statusCode' in error;
  return isHttpError && typeof error.statusCode === 'number' ? error.statusCode : 500;
}
