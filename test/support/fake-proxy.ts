import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as forward,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** An HTTP proxy on loopback that knows one server, whatever name it is asked for. */
export interface FakeProxy {
  readonly url: string;
  /** The first line of each request, without the protocol. */
  readonly requests: string[];
  /** The header `Proxy-Authorization` of each request, in order. */
  readonly credentialsSeen: (string | undefined)[];
  /** What it answers in place of the way to the server; `silence` for nothing at all. */
  refusal: number | 'silence' | undefined;
  /** More than once does no harm. */
  stop(): Promise<void>;
}

/** Leads to a port of this machine; over TLS when given a certificate. */
export async function startFakeProxy(
  port: number,
  tls?: { readonly cert: string; readonly key: string },
): Promise<FakeProxy> {
  const sockets = new Set<Socket>();
  const self: FakeProxy = {
    url: '',
    requests: [],
    credentialsSeen: [],
    refusal: undefined,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function note({ method = '', url = '', headers }: IncomingMessage): void {
    self.requests.push(`${method} ${url}`);
    self.credentialsSeen.push(headers['proxy-authorization']);
  }

  function relay(request: IncomingMessage, response: ServerResponse): void {
    note(request);
    if (self.refusal === 'silence') return;
    if (self.refusal !== undefined) {
      response.writeHead(self.refusal).end('secret-looking');
      return;
    }
    const { method, headers, url = '' } = request;
    const { pathname, search } = new URL(url);
    const options = { port, method, headers, path: pathname + search };
    const onward = forward({ ...options, host: '127.0.0.1' }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  }

  const server = tls === undefined ? createServer(relay) : createTlsServer(tls, relay);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request);
    if (self.refusal === 'silence') return;
    if (self.refusal !== undefined) {
      socket.end(`HTTP/1.1 ${self.refusal} No\r\ncontent-length: 14\r\n\r\nsecret-looking`);
      return;
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  const scheme = tls === undefined ? 'http' : 'https';
  return Object.assign(self, { url: `${scheme}://127.0.0.1:${own}` });
}
