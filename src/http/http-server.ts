import type { AddressInfo } from 'node:net';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import { fastify, type FastifyInstance } from 'fastify';
import { ConfigError } from '../errors/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { registerApi } from './api-routes.ts';
import { requireBearerToken } from './bearer-token.ts';
import { answerUnchangedWith304 } from './entity-tag.ts';
import { registerEventStream } from './event-stream.ts';
import { type GitHook, registerGitHook } from './git-hook.ts';
import { type HealthOptions, registerHealth } from './health-routes.ts';
import { registerMetrics } from './metrics-route.ts';
import { registerOpenAPI } from './openapi.ts';
import { answerErrorsWithProblems, sendNotFound, sendProblem } from './problem-document.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** What the HTTP edge is made of. */
export interface HttpServerOptions extends HealthOptions {
  readonly logger: Logger;
  /** Of the program. */
  readonly version: string;
  /**
   * Asked of everybody who reads the API or the metrics. The page itself stays open, since it holds no data: it asks for the token
   * and keeps it in the browser's session storage. The probes stay open as well.
   */
  readonly token?: string | undefined;
  /** Requests that one address may send in a minute, but for the probes; 0: no limit. */
  readonly rateLimit: number;
  /** Without it there is no `/hooks/git`. */
  readonly hooks?: GitHook | undefined;
}

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Goes on to the next ports, a few of them, where this one is taken. */
  readonly nextFreePort?: boolean;
}

/** Where the server really listens. */
export interface ListeningAddress {
  readonly host: string;
  readonly port: number;
  /** For a person to open: a server on all addresses is named by the loopback one. */
  readonly url: string;
}

/** The running HTTP edge. */
export interface HttpServer {
  /** Throws ConfigError where it cannot, with the system's code. */
  listen(options: ListenOptions): Promise<ListeningAddress>;
  /** Ends every connection, open answers included: all of them are short. */
  close(): Promise<void>;
  /** A request without a network, for tests. */
  readonly inject: FastifyInstance['inject'];
}

const PORTS_TRIED = 20;
const READING_METHODS = ['GET', 'HEAD'];

/** Builds the HTTP edge (DESIGN section 6). Opens no port before `listen`. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { reader, logger, token, hooks } = options;
  const app = fastify({
    bodyLimit: 1024,
    connectionTimeout: 60_000,
    requestTimeout: 10_000,
    keepAliveTimeout: 30_000,
    http: { headersTimeout: 10_000, maxHeaderSize: 16 * 1024 },
    forceCloseConnections: true,
    // The longest name that Kubernetes allows.
    routerOptions: { maxParamLength: 253 },
    // A misspelt filter is an error; by default it would be dropped, and everything listed.
    ajv: { customOptions: { removeAdditional: false } },
    // A URL that cannot be read; it is not repeated.
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, error.statusCode ?? 400),
  });
  answerErrorsWithProblems(app, logger);
  await app.register(helmet, SECURITY_HEADERS);
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
  });
  refuseWrites(app);
  if (options.rateLimit > 0) {
    await app.register(rateLimit, { max: options.rateLimit, timeWindow: '1 minute' });
  }
  await app.register(fastifyStatic, {
    root: new URL('./assets/', import.meta.url),
    wildcard: false,
    cacheControl: false,
  });
  registerHealth(app, options);
  await app.register(
    async (api) => {
      if (token !== undefined) requireBearerToken(api, token);
      await registerOpenAPI(api, { version: options.version, needsToken: token !== undefined });
      registerEventStream(api, options);
      await api.register((cached, _options, done) => {
        answerUnchangedWith304(cached, options);
        registerApi(cached, reader);
        done();
      });
    },
    { prefix: '/api/v1' },
  );
  await app.register((scope, _options, done) => {
    if (token !== undefined) requireBearerToken(scope, token);
    registerMetrics(scope, reader);
    done();
  });
  if (hooks !== undefined) {
    await app.register((scope, _options, done) => {
      registerGitHook(scope, hooks);
      done();
    });
  }
  await app.ready();
  return {
    listen: (where) => listen(app, where),
    close: () => app.close(),
    inject: app.inject.bind(app),
  };
}

/** Everything but the webhook is there to be read. Said before a body is looked at. */
function refuseWrites(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404 || READING_METHODS.includes(request.method)) return;
    // Without a secret the webhook does not exist, as the contract says.
    if (request.url.startsWith('/hooks/')) return sendNotFound(reply);
    reply.header('allow', READING_METHODS.join(', '));
    return sendProblem(reply, 405, `this service is read, not written: ${request.method}`);
  });
}

async function listen(app: FastifyInstance, options: ListenOptions): Promise<ListeningAddress> {
  const { host, port, nextFreePort = false } = options;
  const last = nextFreePort && port > 0 ? Math.min(port + PORTS_TRIED - 1, 65_535) : port;
  for (let candidate = port; ; candidate += 1) {
    try {
      await app.listen({ host, port: candidate });
      break;
    } catch (error) {
      if (isPortTaken(error) && candidate < last) continue;
      const code = codeOf(error);
      throw new ConfigError(
        `cannot listen on ${host}:${candidate} (${code}): give another --http`,
        {
          details: { host, port: candidate, code },
        },
      );
    }
  }
  const { address, port: bound } = app.server.address() as AddressInfo;
  return { host: address, port: bound, url: `http://${nameForPeople(address)}:${bound}/` };
}

function isPortTaken(error: unknown): boolean {
  return codeOf(error) === 'EADDRINUSE';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function nameForPeople(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}
