import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerResponse,
} from 'node:http2';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { Agent, type Dispatcher, request as send } from 'undici';

import type { HttpRequest, HttpResponse } from '../../src/sandbox/kubernetes/http/http-exchange.ts';
import { TEST_CERTIFICATE, TEST_CERTIFICATE_DATA, TEST_KEY } from './test-certificate.ts';

/** A request on its way, as far as it decides what becomes of it. */
export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly isWatch: boolean;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** What becomes of one request. */
export type Fate =
  | { readonly kind: 'pass' }
  /** Answered here; the server never hears of it. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** The stream breaks: before the server hears of it, or after it has carried it out. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  /** Only so many bytes of the body come through; then the answer ends as if all were well, breaks, or falls silent. */
  | {
      readonly kind: 'truncate';
      readonly bytes: number;
      readonly then: 'end' | 'break' | 'silence';
    };

export interface FrontProxyOptions {
  /** Where requests go: the real server's base URL. Asked at each request, since servers move. */
  readonly upstream: () => string;
  /** PEM of what the upstream's certificate is trusted by. Asked once, at the first request. */
  readonly upstreamCA: () => string;
  /**
   * The Authorization header that the server gets to see in place of the client's; undefined: answered with 401. Left
   * out: the client's own.
   */
  readonly authorize?: (authorization: string) => string | undefined;
  /** Decides for each request; may wait first. */
  readonly fateOf: (request: ProxiedRequest) => Fate | Promise<Fate>;
  /** What the server answered to a request that it heard of. */
  readonly onAnswer?: (request: ProxiedRequest, status: number) => void;
  readonly onHandshake?: () => void;
  /** Bytes of an answer's body that went to the client. */
  readonly onSent?: (bytes: number) => void;
}

/**
 * A TLS proxy in front of one API server, HTTP/2 and HTTP/1.1, that does to each request what it is told. It shows the
 * test certificate (`TEST_CERTIFICATE`); tokens go through, client certificates do not.
 */
export class FrontProxy {
  /** For kubeconfigs: `certificate-authority-data`. */
  readonly caData = TEST_CERTIFICATE_DATA;
  readonly #options: FrontProxyOptions;
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  #agent: Agent | undefined;

  constructor(options: FrontProxyOptions) {
    this.#options = options;
    this.#server = createSecureServer(
      { key: TEST_KEY, cert: TEST_CERTIFICATE, allowHTTP1: true },
      (request, response) => void this.#receive(request, response),
    );
    this.#server.on('secureConnection', () => options.onHandshake?.());
    this.#server.on('sessionError', () => undefined);
    this.#server.on('connection', (socket: Socket) => {
      socket.on('error', () => undefined);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** `https://127.0.0.1:<port>`. */
  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  /** Cuts every connection, as a cable would. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
    await this.#agent?.destroy();
  }

  async #receive(request: HttpRequest, answered: HttpResponse): Promise<void> {
    // Both kinds of response behave alike in what is used here.
    const response = answered as ServerResponse;
    const url = new URL(request.url ?? '/', 'https://proxy');
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    response.on('error', () => undefined);
    try {
      const body = await bodyOf(request);
      const proxied: ProxiedRequest = {
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        isWatch: url.searchParams.get('watch') === 'true',
        signal: gone.signal,
      };
      const fate = await this.#options.fateOf(proxied);
      const headers = this.#authorized(request.headers);
      if (headers === undefined) {
        answer(response, UNAUTHORIZED);
        return;
      }
      if (fate.kind === 'answer') {
        answer(response, fate);
        return;
      }
      if (fate.kind === 'drop' && fate.when === 'before') {
        breakOff(response);
        return;
      }
      await this.#forward(response, fate, {
        path: url.pathname + url.search,
        method: request.method ?? 'GET',
        headers: forwardedHeaders(headers),
        body: body.length === 0 ? null : body,
        // What has a body is seen through: calling it off in the turn of its start would end the process (undici 8.12).
        signal: proxied.isWatch ? gone.signal : null,
        onAnswer: (status) => this.#options.onAnswer?.(proxied, status),
      });
    } catch {
      // The server broke off, or the client is gone: either way the client sees a broken connection.
      breakOff(response);
    }
  }

  #authorized(headers: IncomingHttpHeaders): IncomingHttpHeaders | undefined {
    if (this.#options.authorize === undefined) return headers;
    const authorization = this.#options.authorize(headers.authorization ?? '');
    return authorization === undefined ? undefined : { ...headers, authorization };
  }

  async #forward(
    response: ServerResponse,
    fate: Fate,
    {
      onAnswer,
      ...call
    }: Dispatcher.RequestOptions & { readonly onAnswer: (status: number) => void },
  ): Promise<void> {
    const answered = await send(this.#options.upstream(), {
      ...call,
      dispatcher: this.#upstreamAgent(),
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    onAnswer(answered.statusCode);
    if (fate.kind === 'drop') {
      await answered.body.dump();
      breakOff(response);
      return;
    }
    response.writeHead(answered.statusCode, forwardedHeaders(answered.headers));
    response.flushHeaders();
    let left = fate.kind === 'truncate' ? fate.bytes : Infinity;
    for await (const chunk of answered.body as AsyncIterable<Buffer>) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      this.#options.onSent?.(part.length);
      if (part.length > 0 && !response.write(part)) await drained(response);
      if (left <= 0) break;
    }
    if (fate.kind !== 'truncate' || left > 0 || fate.then === 'end') {
      response.end();
    } else if (fate.then === 'break') {
      breakOff(response);
    }
  }

  #upstreamAgent(): Agent {
    this.#agent ??= new Agent({
      allowH2: true,
      connect: { ca: this.#options.upstreamCA() },
      // Watches are streams that stay: there must always be room for one more request.
      pipelining: 1000,
    });
    return this.#agent;
  }
}

async function bodyOf(request: HttpRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const UNAUTHORIZED = { status: 401, body: '{"kind":"Status","code":401,"reason":"Unauthorized"}' };

function answer(
  response: ServerResponse,
  { status, headers, body }: Pick<Extract<Fate, { kind: 'answer' }>, 'status' | 'headers' | 'body'>,
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}

/** Headers that belong to one connection, and the lengths of bodies that may be cut short. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'host']);

function forwardedHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined &&
        !entry[0].startsWith(':') &&
        !HOP_BY_HOP.has(entry[0]) &&
        entry[0] !== 'content-length',
    ),
  );
}

/** With an error: NO_ERROR would look like a clean end. */
function breakOff(response: ServerResponse): void {
  if (isHttp2(response)) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}

function isHttp2(response: object): response is Http2ServerResponse {
  return 'stream' in response;
}

async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}
