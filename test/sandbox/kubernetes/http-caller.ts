import { parse } from 'yaml';
import { Agent, fetch } from 'undici';
import type { ApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';

/** An answer of the API server. */
export interface Answer {
  readonly code: number;
  readonly body: any;
  readonly headers: Headers;
}

export interface CallBody {
  readonly body?: unknown;
  /** Default: application/json. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Talks HTTPS to a server as one user. */
export class HttpCaller {
  readonly #server: ApiServer;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(server: ApiServer, user = 'admin') {
    const config = parse(server.kubeconfig(user));
    const ca = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64');
    this.#server = server;
    this.#token = config.users[0].user.token;
    this.#agent = new Agent({ connect: { ca: ca.toString() }, allowH2: true });
  }

  async call(method: string, path: string, options: CallBody = {}): Promise<Answer> {
    const response = await this.open(method, path, options);
    const text = await response.text();
    return {
      code: response.status,
      body: text === '' ? undefined : JSON.parse(text),
      headers: response.headers as unknown as Headers,
    };
  }

  /** The answer with its body unread, for watches. */
  open(method: string, path: string, { body, type, headers }: CallBody = {}, signal?: AbortSignal) {
    return fetch(`${this.#server.url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && {
        body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      }),
      ...(signal !== undefined && { signal }),
    });
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** Reads lines of JSON as they come. */
export async function* lines(response: { body: unknown }): AsyncGenerator<any> {
  let rest = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    const parts = (rest + Buffer.from(chunk).toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) yield JSON.parse(line);
  }
}
