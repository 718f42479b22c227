import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { ApiStatusError, type Status } from '../api-status-error.ts';
import type { RequestBody } from './request-body.ts';
import type { RequestCounts } from '../access/request-counts.ts';

/** A request of HTTP/1.1 or HTTP/2. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** Its answer. */
export type HttpResponse = ServerResponse | Http2ServerResponse;

/** The real API server takes 3 MiB. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;

/** One request and its answer, with what all routes need of them. */
export class HttpExchange {
  readonly method: string;
  readonly url: URL;
  readonly query: URLSearchParams;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  readonly warnings: string[] = [];
  /** For those who pass on bytes that they do not read. */
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly #counts: RequestCounts;

  constructor(request: HttpRequest, response: HttpResponse, counts: RequestCounts) {
    this.method = request.method ?? 'GET';
    this.url = new URL(request.url ?? '/', 'https://localhost');
    this.query = this.url.searchParams;
    this.request = request;
    this.response = response;
    this.#counts = counts;
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    this.signal = gone.signal;
  }

  header(name: string): string {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : '';
  }

  /** Media type of the body, without parameters. */
  get contentType(): string {
    return (this.header('content-type').split(';')[0] ?? '').trim();
  }

  /** A query parameter that is a flag: there, and not `false` or `0`. */
  flag(name: string): boolean {
    const value = this.query.get(name);
    return value !== null && value !== 'false' && value !== '0';
  }

  /** The body as it came. Throws 413. */
  async body(): Promise<RequestBody> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_LIMIT_BYTES) {
        const message = `limit is ${BODY_LIMIT_BYTES}`;
        throw new ApiStatusError(413, 'RequestEntityTooLarge', message);
      }
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks), type: this.contentType };
  }

  /** Answers with JSON, or with a plain text as it is. */
  send(code: number, body: unknown, type = 'application/json'): void {
    const isText = typeof body === 'string';
    const text = Buffer.from(isText ? body : `${JSON.stringify(body)}\n`);
    this.#head(code, body === '' ? undefined : isText ? 'text/plain; charset=utf-8' : type);
    this.response.setHeader('content-length', text.length);
    this.#counts.sent(text.length);
    (this.response as ServerResponse).end(text);
  }

  /** Refuses, with a `Status`. */
  refuse(status: Status): void {
    const { retryAfterSeconds } = status.details ?? {};
    if (retryAfterSeconds !== undefined) {
      this.response.setHeader('retry-after', String(retryAfterSeconds));
    }
    this.send(status.code, status);
  }

  /** Begins an answer of many lines. */
  openStream(): void {
    this.#head(200, 'application/json');
    (this.response as ServerResponse).flushHeaders();
  }

  sendLine(value: unknown): void {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    this.#counts.sent(line.length);
    (this.response as ServerResponse).write(line);
  }

  closeStream(): void {
    (this.response as ServerResponse).end();
  }

  /** Breaks the connection, or the stream of HTTP/2 within it: with an error, for NO_ERROR looks like a clean end. */
  break(): void {
    if ('stream' in this.response) this.response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else this.response.destroy();
  }

  get hasBegun(): boolean {
    return this.response.headersSent;
  }

  #head(code: number, contentType: string | undefined): void {
    this.response.statusCode = code;
    if (contentType !== undefined) this.response.setHeader('content-type', contentType);
    this.response.setHeader('cache-control', 'no-cache, private');
    const warnings = this.warnings.map((text) => `299 - ${JSON.stringify(text)}`);
    if (warnings.length > 0) this.response.setHeader('warning', warnings);
  }
}
