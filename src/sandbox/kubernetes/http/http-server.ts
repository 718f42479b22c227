import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { ServerCertificate } from './certificate.ts';
import { HttpExchange } from './http-exchange.ts';
import type { RequestCounts } from '../access/request-counts.ts';

export interface HttpServerOptions {
  readonly certificate: ServerCertificate;
  readonly counts: RequestCounts;
  /** True while no connection is let in. */
  readonly isDown: () => boolean;
  readonly answer: (exchange: HttpExchange) => Promise<void>;
}

/** The server's socket: HTTPS on loopback, HTTP/2 with HTTP/1.1 for those who need it. */
export class HttpServer {
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<Socket>();

  constructor({ certificate, counts, isDown, answer }: HttpServerOptions) {
    this.#server = createSecureServer(
      { key: certificate.privateKey, cert: certificate.certificate, allowHTTP1: true },
      (request, response) => void answer(new HttpExchange(request, response, counts)),
    );
    this.#server.on('secureConnection', () => counts.tlsHandshake());
    this.#server.on('connection', (socket: Socket) => {
      // Sockets that break under a client's feet are everyday business here.
      socket.on('error', () => undefined);
      if (isDown()) {
        counts.connectionRefused();
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('sessionError', () => undefined);
  }

  /** Listens on a port of loopback (0: any free one); resolves with the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Breaks every connection. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.dropConnections();
    });
  }
}
