import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What the server does instead of serving. A redirect replaces the start `from` of the path by `to`. */
export type GitServerFault =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'cut-off' }
  | { readonly kind: 'silence' }
  /** 200 unless said otherwise; the text is in the headers too. */
  | { readonly kind: 'text'; readonly text: string; readonly status?: number }
  /** Bytes that are no HTTP. */
  | { readonly kind: 'garbage'; readonly text: string }
  | { readonly kind: 'redirect'; readonly from: string; readonly to: string }
  /** Redirects to an address as it is. */
  | { readonly kind: 'location'; readonly location: string; readonly status?: number }
  /** Serves, but only the first half of the body; then the answer ends as if all were well, or breaks off. */
  | { readonly kind: 'half'; readonly end: 'well' | 'broken' }
  /** A byte now and then, without end. */
  | { readonly kind: 'drip' }
  /** As much as is taken, without end. */
  | { readonly kind: 'flood' };

/** Git repositories served over HTTP on loopback by `git http-backend`, with counters and faults. */
export interface GitServer {
  readonly url: string;
  /** `METHOD /path?query` of every request, in order. */
  readonly requests: string[];
  readonly counters: { bytesSent: number };
  /** Applies to requests whose URL matches, until taken away. */
  fault: { readonly on: RegExp; readonly fault: GitServerFault } | undefined;
  /** Asked for each request: what it waits for before it is served. */
  gate: (() => Promise<unknown>) | undefined;
  /** `user:password` that is asked for, when set. */
  credential: string | undefined;
  /** The bearer token that is asked for instead, when set. */
  bearer: string | undefined;
  /** The header `Authorization` of every request, in order. */
  readonly credentialsSeen: (string | undefined)[];
  /** Resolves when a request was made whose line matches. */
  asked(pattern: RegExp): Promise<void>;
  stop(): Promise<void>;
}

const EXEC_PATH = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim();

/** Serves the repositories below `root`; over TLS when given a certificate. */
export async function startGitServer(
  root: string,
  tls?: { readonly cert: string; readonly key: string },
): Promise<GitServer> {
  const arrivals = new EventEmitter();
  const self: GitServer = {
    url: '',
    requests: [],
    counters: { bytesSent: 0 },
    fault: undefined,
    gate: undefined,
    credential: undefined,
    bearer: undefined,
    credentialsSeen: [],
    asked: async (pattern) => {
      while (!self.requests.some((line) => pattern.test(line))) await once(arrivals, 'request');
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    self.requests.push(`${method} ${url}`);
    self.credentialsSeen.push(headers.authorization);
    arrivals.emit('request');
    const fault = self.fault?.on.test(url) === true ? self.fault.fault : undefined;
    if (fault !== undefined && fault.kind !== 'half') {
      fail(fault, request, response);
      return;
    }
    const basic = `Basic ${Buffer.from(self.credential ?? '').toString('base64')}`;
    const wanted = self.bearer === undefined ? basic : `Bearer ${self.bearer}`;
    const isOpen = self.credential === undefined && self.bearer === undefined;
    if (!isOpen && headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('secret-looking');
      return;
    }
    void Promise.resolve(self.gate?.()).then(() => {
      runBackend({ root, counters: self.counters, fault }, request, response);
    });
  }

  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const scheme = tls === undefined ? 'http' : 'https';
  return Object.assign(self, { url: `${scheme}://127.0.0.1:${port}` });
}

function fail(
  fault: Exclude<GitServerFault, { kind: 'half' }>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { url = '' } = request;
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status).end('secret-looking body');
      return;
    case 'hang-up':
      request.socket.destroy();
      return;
    case 'cut-off':
      response.writeHead(200, { 'content-length': 1000 });
      response.write('00', () => request.socket.destroy());
      return;
    case 'silence':
      return;
    case 'text':
      response
        .writeHead(fault.status ?? 200, {
          'content-type': 'text/html',
          'x-text': encodeURIComponent(fault.text),
        })
        .end(fault.text);
      return;
    case 'garbage':
      request.socket.end(fault.text);
      return;
    case 'location':
      response.writeHead(fault.status ?? 302, { location: fault.location }).end();
      return;
    case 'drip': {
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
      const drip = setInterval(() => response.write('0'), 10);
      response.on('close', () => clearInterval(drip));
      return;
    }
    case 'flood':
      response.writeHead(200);
      void pipeline(Readable.from(flood()), response).catch(() => undefined);
      return;
    case 'redirect':
      response.writeHead(301, { location: fault.to + url.slice(fault.from.length) }).end();
      return;
  }
}

function* flood(): Generator<Uint8Array> {
  for (;;) yield new Uint8Array(65_536);
}

interface Backend {
  readonly root: string;
  readonly counters: { bytesSent: number };
  readonly fault: { readonly end: 'well' | 'broken' } | undefined;
}

/** One request as a CGI call (RFC 3875). */
function runBackend(
  { root, counters, fault }: Backend,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn(join(EXEC_PATH, 'git-http-backend'), {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    const body = output.subarray(end + 4);
    let status = 200;
    for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
      const [name = '', value = ''] = line.split(/: (.*)/s);
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    counters.bytesSent += body.length;
    response.writeHead(status);
    if (fault === undefined) response.end(body);
    else {
      response.write(body.subarray(0, body.length / 2), () => {
        if (fault.end === 'well') response.end();
        else response.destroy();
      });
    }
  });
}
