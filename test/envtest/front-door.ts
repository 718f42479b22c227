import type { ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';

import { Agent, type Dispatcher } from 'undici';

import { systemClock } from '../../src/runtime/clock.ts';
import { reviewByFaults } from '../../src/sandbox/kubernetes/access/access-review.ts';
import { ConnectionBrokenError, Door } from '../../src/sandbox/kubernetes/access/door.ts';
import type { FaultState } from '../../src/sandbox/kubernetes/access/faults.ts';
import type { RequestCounts } from '../../src/sandbox/kubernetes/access/request-counts.ts';
import { isReview, REVIEWS } from '../../src/sandbox/kubernetes/access/reviews.ts';
import type { User, Users } from '../../src/sandbox/kubernetes/access/users.ts';
import { ApiStatusError, expired } from '../../src/sandbox/kubernetes/api-status-error.ts';
import { parseApiPath } from '../../src/sandbox/kubernetes/http/api-path.ts';
import type { ServerCertificate } from '../../src/sandbox/kubernetes/http/certificate.ts';
import type { HttpExchange } from '../../src/sandbox/kubernetes/http/http-exchange.ts';
import { HttpServer } from '../../src/sandbox/kubernetes/http/http-server.ts';
import { objectIn, type RequestBody } from '../../src/sandbox/kubernetes/http/request-body.ts';
import { verbOf } from '../../src/sandbox/kubernetes/http/resource-handler.ts';
import { type WatchFrame, WatchStream } from '../../src/sandbox/kubernetes/store/watch-stream.ts';
import type { ControlPlane } from './control-plane.ts';

export interface FrontDoorOptions {
  readonly certificate: ServerCertificate;
  readonly counts: RequestCounts;
  readonly state: FaultState;
  readonly users: Users;
}

/** Headers that concern one connection only. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'host',
  'http2-settings',
]);

/**
 * What a real API server has in front of it in the tests: requests are counted and hit by faults as at the embedded
 * server, then go on. The real server has but one user; others are known here by their tokens and sent on by
 * impersonation, so that it is the real one that says what they may do. A token of nobody goes on as it is.
 */
export class FrontDoor {
  readonly door: Door;
  readonly #options: FrontDoorOptions;
  readonly #server: HttpServer;
  readonly #watches = new Set<WatchStream>();
  #upstream: { readonly plane: ControlPlane; readonly agent: Agent } | undefined;

  constructor(options: FrontDoorOptions) {
    const { certificate, counts, state } = options;
    this.#options = options;
    this.door = new Door(counts, state, systemClock);
    this.#server = new HttpServer({
      certificate,
      counts,
      isDown: () => state.isDown,
      answer: (exchange) => this.#answer(exchange),
    });
  }

  /** Opens for a server; resolves with the port. */
  async open(plane: ControlPlane): Promise<number> {
    const agent = new Agent({
      connect: { ca: plane.certificate },
      allowH2: false,
      bodyTimeout: 0,
      headersTimeout: 0,
    });
    this.#upstream = { plane, agent };
    return this.#server.listen(0);
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#upstream?.agent.destroy();
  }

  dropConnections(): void {
    this.#server.dropConnections();
  }

  /** Ends every watch as if its version had become too old. */
  expireWatches(): void {
    const gone = expired('too old resource version');
    for (const stream of this.#watches) stream.fail(gone);
  }

  async #answer(exchange: HttpExchange): Promise<void> {
    try {
      await this.#pass(exchange);
    } catch (error) {
      if (exchange.signal.aborted) return;
      if (error instanceof ApiStatusError) exchange.send(error.status.code, error.status);
      else exchange.break();
    }
  }

  async #pass(exchange: HttpExchange): Promise<void> {
    const { users } = this.#options;
    const token = /^Bearer (.+)$/.exec(exchange.header('authorization'))?.[1];
    const user = users.all().find((known) => known.token === token);
    const path = parseApiPath(exchange.url.pathname);
    const verb = path === undefined ? 'get' : verbOf(exchange, path);
    const resource = path?.plural ?? exchange.url.pathname;
    await this.door.enter({ user: user?.name ?? '', verb, resource }, exchange.signal);
    if (verb === 'create' && isReview(resource)) {
      await this.#review(exchange, resource, user);
      return;
    }
    const answer = await this.#send(exchange, user);
    if (verb === 'watch' && answer.statusCode === 200) await this.#watch(exchange, answer);
    else await this.#relay(exchange, answer);
  }

  /** A right that a fault takes away is denied here, since the real server knows nothing of faults. */
  async #review(
    exchange: HttpExchange,
    plural: keyof typeof REVIEWS,
    user: User | undefined,
  ): Promise<void> {
    const body = await exchange.body();
    const asked = { plural, body: objectIn(body, REVIEWS[plural]) };
    const refusal = user && reviewByFaults(this.door, user.name, asked);
    if (refusal === undefined) await this.#relay(exchange, await this.#send(exchange, user, body));
    else exchange.send(201, refusal);
  }

  async #send(
    exchange: HttpExchange,
    user: User | undefined,
    body?: RequestBody,
  ): Promise<Dispatcher.ResponseData> {
    if (this.#upstream === undefined) throw new ConnectionBrokenError();
    const { plane, agent } = this.#upstream;
    // Whoever comes from outside finds a cluster whose kinds are there.
    await plane.startControllers();
    const { method, url, request, signal } = exchange;
    const as = user !== undefined && {
      authorization: `Bearer ${plane.adminToken}`,
      'impersonate-user': user.name,
      ...(user.groups.length > 0 && { 'impersonate-group': [...user.groups] }),
    };
    return agent.request({
      origin: plane.url,
      path: `${url.pathname}${url.search}`,
      method: method,
      headers: { ...passing(request.headers), ...as },
      body: body?.bytes ?? (['GET', 'HEAD'].includes(method) ? null : request),
      signal,
    });
  }

  async #relay({ response }: HttpExchange, answer: Dispatcher.ResponseData): Promise<void> {
    const out = response as ServerResponse;
    out.writeHead(answer.statusCode, passing(answer.headers));
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      this.#options.counts.sent(chunk.length);
      out.write(chunk);
    }
    out.end();
  }

  /** Event by event, so that a fault finds it at the border between two. */
  async #watch(exchange: HttpExchange, { body }: Dispatcher.ResponseData): Promise<void> {
    const stream = new WatchStream();
    this.#watches.add(stream);
    stream.onEnd(() => {
      this.#watches.delete(stream);
      body.destroy();
    });
    this.door.guard(stream);
    exchange.signal.addEventListener('abort', () => stream.end());
    if (exchange.signal.aborted) stream.end();
    exchange.openStream();
    const lines = createInterface({ input: body });
    // It passes on what goes wrong with the body.
    lines.on('error', () => stream.break());
    lines.on('line', (line) => stream.push(JSON.parse(line) as WatchFrame));
    lines.on('close', () => stream.end());
    for await (const frame of stream) exchange.sendLine(frame);
    if (stream.isBroken) exchange.break();
    else exchange.closeStream();
  }
}

function passing(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !entry[0].startsWith(':') && !HOP_BY_HOP.has(entry[0]),
    ),
  );
}
