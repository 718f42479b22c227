import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createCredentials, type ClusterCredentials } from '../../src/kube/credentials.ts';
import { TEST_CERTIFICATE, TEST_CERTIFICATE_DATA, TEST_KEY } from './test-certificate.ts';

export type Answer = (request: RawRequest, response: Http2ServerResponse) => void;

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Http2ServerRequest['headers'];
  readonly body: string;
  /** Whether a client certificate was shown that the server trusts. */
  readonly hasCertificate: boolean;
}

/** An HTTPS server on loopback that answers whatever a test wants, right or wrong. */
export class RawApiServer {
  readonly requests: RawRequest[] = [];
  answer: Answer = (_request, response) => response.writeHead(404).end();
  handshakes = 0;
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<Socket>();

  constructor(server: Http2SecureServer) {
    this.#server = server;
    server.on('secureConnection', (socket: Socket) => {
      this.handshakes += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    server.on('sessionError', () => undefined);
    server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
      void this.#receive(request, response);
    });
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Credentials with a token; any field can be replaced. */
  credentials(over: Partial<ClusterCredentials> = {}): ClusterCredentials {
    return createCredentials(
      { server: this.url, caData: TEST_CERTIFICATE_DATA, token: 'a-secret-token', ...over },
      'rome',
    );
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Cuts every connection, as a cable would. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.drop();
    await closed;
  }

  async #receive(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url, this.url);
    const received = {
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      hasCertificate:
        (request.stream.session?.socket as TLSSocket | undefined)?.authorized === true,
    };
    this.requests.push(received);
    this.answer(received, response);
  }
}

export interface RawApiServerOptions {
  /** Speak HTTP/1.1 only. */
  readonly http1?: boolean;
}

export async function startRawApiServer({
  http1 = false,
}: RawApiServerOptions = {}): Promise<RawApiServer> {
  const server = createSecureServer({
    cert: TEST_CERTIFICATE,
    key: TEST_KEY,
    ca: TEST_CERTIFICATE,
    requestCert: true,
    rejectUnauthorized: false,
    allowHTTP1: true,
    ...(http1 && { ALPNProtocols: ['http/1.1'] }),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new RawApiServer(server);
}

/** Answers with a Status object, as the API server does. */
export function refuse(
  response: Http2ServerResponse,
  status: { code: number; reason?: string; message?: string; details?: unknown },
  headers: Record<string, string> = {},
): void {
  response.writeHead(status.code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...status }));
}

export function reply(response: Http2ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** A cable that can go dead without a word: its connections stay open and carry nothing more. */
export class Cable {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #server = createServer((near) => {
    const far = connect(this.#port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    this.#pairs.add([near, far]);
  });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections made from now on work. */
  goDead(): void {
    for (const [near, far] of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
    }
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of [...this.#pairs].flat()) socket.destroy();
    await closed;
  }
}
