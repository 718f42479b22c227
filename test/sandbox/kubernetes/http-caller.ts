import { parse } from 'yaml';
import type { KubeObject } from '../../../src/model/kube-object.ts';
import type { StatusCause } from '../../../src/sandbox/kubernetes/api-status-error.ts';
import { Agent, fetch } from 'undici';
import type { ApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';

/** What tests look at in an answer; which of it is there depends on the request. */
export interface AnswerBody {
  readonly kind: string;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: { readonly causes?: readonly StatusCause[] };
  readonly metadata: KubeObject['metadata'] & {
    readonly continue: string;
    readonly remainingItemCount: number;
  };
  readonly spec: unknown;
  readonly status: {
    readonly allowed: boolean;
    readonly resourceRules: readonly object[];
    readonly nonResourceRules: readonly object[];
  };
  readonly items: readonly KubeObject[];
  readonly paths: Readonly<Record<string, unknown>>;
  readonly columnDefinitions: readonly { readonly name: string }[] | null;
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object: { readonly kind: string };
  }[];
}

/** One line of a watch. */
export interface WatchLine {
  readonly type: string;
  readonly object: AnswerBody;
}

/** An answer of the API server. */
export interface Answer {
  readonly code: number;
  readonly body: AnswerBody;
  readonly headers: Headers;
}

/** The parts of a kubeconfig that tests look at. */
export interface Kubeconfig {
  readonly 'current-context': string;
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

export interface CallBody {
  readonly body?: unknown;
  /** Default: application/json. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Talks HTTPS to a server as one user. */
export class HttpCaller {
  readonly #server: Pick<ApiServer, 'url' | 'kubeconfig'>;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(server: Pick<ApiServer, 'url' | 'kubeconfig'>, user = 'admin') {
    const config = parse(server.kubeconfig(user)) as Kubeconfig;
    const ca = Buffer.from(config.clusters[0]!.cluster['certificate-authority-data'], 'base64');
    this.#server = server;
    this.#token = config.users[0]!.user.token;
    this.#agent = new Agent({ connect: { ca: ca.toString() }, allowH2: true });
  }

  async call(method: string, path: string, options: CallBody = {}): Promise<Answer> {
    const response = await this.open(method, path, options);
    const text = await response.text();
    return {
      code: response.status,
      // What leads nowhere at all is answered with a plain text.
      body: (text.startsWith('{') ? JSON.parse(text) : {}) as AnswerBody,
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

/** Reads lines of JSON as they come; there is no value after the end. */
export function lines(response: { body: unknown }): { next(): Promise<{ value: WatchLine }> } {
  return readLines(response) as unknown as AsyncGenerator<WatchLine, WatchLine>;
}

async function* readLines(response: { body: unknown }): AsyncGenerator<WatchLine, void> {
  let rest = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    const parts = (rest + Buffer.from(chunk).toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) yield JSON.parse(line) as WatchLine;
  }
}
