import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { Ajv2020 } from 'ajv/dist/2020.js';

export interface FakeStatus {
  readonly id: number;
  readonly commit: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly targetUrl: string | undefined;
}

export interface FakeComment {
  readonly id: number;
  readonly pull: number;
  readonly author: string;
  body: string;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One documented operation. */
export interface FakeRoute {
  readonly method: string;
  /** The whole path; named groups are the parameters. */
  readonly path: RegExp;
  /** JSON schema of the body, as the forge documents it. */
  readonly body?: object;
  /** Parameters of the query that are documented. */
  readonly query?: readonly string[];
  readonly handle: (call: FakeCall) => FakeAnswer;
}

export interface FakeCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, string>>;
  readonly forge: FakeForge;
}

export interface FakeForgeOptions {
  readonly kind: 'github' | 'gitlab' | 'gitea';
  /** Path of the API at the server. */
  readonly base: string;
  readonly routes: readonly FakeRoute[];
  /** What a request lacks that the forge asks of every one. */
  readonly missing: (request: FakeRequest) => string | undefined;
  readonly authorization: (token: string) => string;
}

/** A host of Git repositories that holds requests to its documentation, in memory. */
export class FakeForge {
  readonly kind: FakeForgeOptions['kind'];
  readonly requests: FakeRequest[] = [];
  /** What a real one would have complained about. */
  readonly violations: string[] = [];
  readonly statuses: FakeStatus[] = [];
  readonly comments: FakeComment[] = [];
  /** Pull request by the commit that it brought. */
  readonly merged = new Map<string, number>();
  mergedBy: (commit: string) => number | undefined = (commit) => this.merged.get(commit);
  readonly repository = 'fleet/shortcuts';
  token = 'forge-token-1';
  /** Whose the token is. */
  self = 'shortcuts-bot';
  /** What happens instead of the operation. */
  fault: ((request: FakeRequest) => FakeAnswer | 'hang-up' | 'lost-answer' | undefined) | undefined;
  readonly #options: FakeForgeOptions;
  readonly #server;
  readonly #ajv = new Ajv2020();
  #lastId = 0;
  #port = 0;

  constructor(options: FakeForgeOptions) {
    this.#options = options;
    this.kind = options.kind;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get apiUrl(): string {
    return this.origin + this.#options.base;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  addComment(pull: number, author: string, body: string): FakeComment {
    const comment = { id: this.nextId(), pull, author, body };
    this.comments.push(comment);
    return comment;
  }

  /** `METHOD /path` of all requests so far that change something. */
  writes(): readonly string[] {
    return this.requests
      .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/graphql'))
      .map(({ method, path }) => `${method} ${path}`);
  }

  statusesOf(commit: string): readonly string[] {
    return this.statuses.filter((status) => status.commit === commit).map(({ state }) => state);
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(message.url ?? '/', this.origin);
    const content = await text(message);
    const body: unknown = content === '' ? undefined : JSON.parse(content);
    const request = { method: message.method ?? '', path, query, headers: message.headers, body };
    this.requests.push(request);
    const fault = this.fault?.(request);
    if (fault === 'hang-up') return void response.destroy();
    const answer = fault === undefined || fault === 'lost-answer' ? this.#answer(request) : fault;
    if (fault === 'lost-answer') return void response.destroy();
    this.#send(request, answer, response);
  }

  /** With an ETag, and 304 to whoever has it already. */
  #send(request: FakeRequest, answer: FakeAnswer, response: ServerResponse): void {
    const content = answer.body === undefined ? '' : JSON.stringify(answer.body);
    const etag = `W/"${createHash('sha256').update(content).digest('hex')}"`;
    const isKnown = answer.status === 200 && request.headers['if-none-match'] === etag;
    const status = isKnown ? 304 : answer.status;
    response.writeHead(status, { 'content-type': 'application/json', etag, ...answer.headers });
    response.end(isKnown ? '' : content);
  }

  #answer(request: FakeRequest): FakeAnswer {
    const { routes, missing, authorization } = this.#options;
    if (request.headers.authorization !== authorization(this.token)) {
      return { status: 401, body: { message: 'Bad credentials' } };
    }
    const { path } = request;
    for (const route of routes) {
      const match = route.method === request.method ? route.path.exec(path) : null;
      if (match === null) continue;
      const complaint = missing(request) ?? this.#complaint(route, request);
      if (complaint !== undefined) return this.#refuse(`${request.method} ${path}: ${complaint}`);
      const params = Object.fromEntries(Object.entries(match.groups ?? {}));
      const body = (request.body ?? {}) as Readonly<Record<string, string>>;
      return route.handle({ params, body, query: request.query, forge: this });
    }
    return this.#refuse(`${request.method} ${request.path}: no such operation`);
  }

  #complaint(route: FakeRoute, { query, body }: FakeRequest): string | undefined {
    const unknown = [...query.keys()].filter((name) => route.query?.includes(name) !== true);
    if (unknown.length > 0) return `query ${unknown.join(', ')}`;
    if (route.body === undefined) return body === undefined ? undefined : 'a body';
    const validate = this.#ajv.compile(route.body);
    return validate(body) ? undefined : this.#ajv.errorsText(validate.errors);
  }

  #refuse(complaint: string): FakeAnswer {
    this.violations.push(complaint);
    return { status: 422, body: { message: 'Validation Failed' } };
  }
}

/** One page of a list. */
export function page<T>(items: readonly T[], query: URLSearchParams, size = 'per_page'): T[] {
  const length = Number(query.get(size) ?? 30);
  const start = (Number(query.get('page') ?? 1) - 1) * length;
  return items.slice(start, start + length);
}

export const COMMENT_BODY = {
  type: 'object',
  required: ['body'],
  additionalProperties: false,
  properties: { body: { type: 'string', minLength: 1, maxLength: 65_536 } },
};
