import { type Dispatcher, request } from 'undici';
import { isAbort } from '../errors/classify.ts';
import { ForgeRefusedError, ForgeThrottledError, ForgeUnreachableError } from '../errors/errors.ts';
import { OperatorError } from '../errors/operator-error.ts';
import type { TokenSource } from '../git/auth/token-source.ts';
import type { ForgeOperation } from '../model/forge.ts';
import type { Clock } from '../runtime/clock.ts';
import { createAnswerCache } from './answer-cache.ts';
import type { ForgeCall } from './forge.ts';
import { failureOf, usedUpUntil } from './judge-answer.ts';

const MAX_REDIRECTS = 3;
/** A page of a hundred comments, each as long as GitHub takes. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface ForgeRequest {
  readonly operation: ForgeOperation;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** Below the base of the API, with its query. */
  readonly path: string;
  /** Another base at the same host. */
  readonly base?: string;
  readonly body?: object;
  /** Statuses beside 2xx that mean something to the caller; all others are thrown. */
  readonly expected?: readonly number[];
}

export interface ForgeAnswer {
  readonly status: number;
  /** JSON that nobody has checked; undefined for an answer without a body. */
  readonly body: unknown;
}

export interface ForgeClient {
  /** Send one request after the other: GitHub asks for that. Throws what `Forge` says. */
  send(request: ForgeRequest, call: ForgeCall): Promise<ForgeAnswer>;
  close(): Promise<void>;
}

export interface ForgeClientOptions {
  readonly apiUrl: string;
  readonly tokens: TokenSource;
  /** How this forge takes its token, and what else it wants to be told. */
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  /** Belongs to the client from now on. */
  readonly dispatcher: Dispatcher;
  readonly userAgent: string;
  readonly clock: Clock;
  /** Told of each request that was made; `code` as in ForgeRequestCount. */
  readonly onRequest: (operation: ForgeOperation, code: string) => void;
}

interface RawAnswer {
  readonly statusCode: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
}

/** JSON over HTTP with a token, which goes to one origin and nowhere else. Sends nothing while a limit is used up. */
export function createForgeClient(options: ForgeClientOptions): ForgeClient {
  const { apiUrl, tokens, dispatcher, clock, onRequest } = options;
  const { origin, host } = new URL(apiUrl);
  const cache = createAnswerCache();
  let pausedUntil = 0;

  async function exchange(url: string, given: ForgeRequest, token: string, call: ForgeCall) {
    const { method, operation } = given;
    try {
      const { statusCode, headers, body } = await request(url, {
        method,
        headers: {
          accept: 'application/json',
          'user-agent': options.userAgent,
          ...(method === 'GET' ? cache.conditionOf(url) : { 'content-type': 'application/json' }),
          ...options.headers(token),
        },
        body: given.body === undefined ? null : JSON.stringify(given.body),
        dispatcher,
        signal: call.signal,
      });
      const text = await readText(body, host);
      onRequest(operation, String(statusCode));
      pausedUntil = usedUpUntil(headers, clock.now()) ?? 0;
      const answer = { statusCode, headers, text };
      return method === 'GET' ? cache.complete(url, answer) : answer;
    } catch (error) {
      if (isAbort(error) || error instanceof OperatorError) throw error;
      onRequest(operation, 'none');
      const message = `the API of "${host}" cannot be reached`;
      throw new ForgeUnreachableError(message, { details: { host }, cause: error });
    }
  }

  /** Follows a repository that was renamed, but to no other origin, and with nothing but what was asked. */
  async function follow(given: ForgeRequest, token: string, call: ForgeCall): Promise<RawAnswer> {
    let url = (given.base ?? apiUrl) + given.path;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const answer = await exchange(url, given, token, call);
      const location = [answer.headers['location']].flat()[0];
      if (!isRedirect(answer.statusCode) || location === undefined) return answer;
      const next = URL.parse(location, url);
      if (next?.origin !== origin || !isRepeatable(given, answer.statusCode)) {
        throw new ForgeRefusedError(
          `the API of "${host}" redirects elsewhere: give --report-url and --report-repository as they are now`,
          { details: { host, status: answer.statusCode } },
        );
      }
      url = next.href;
    }
    throw new ForgeRefusedError(`the API of "${host}" redirects in circles`, { details: { host } });
  }

  function judge(given: ForgeRequest, { statusCode, headers, text }: RawAnswer): ForgeAnswer {
    const isExpected = given.expected?.includes(statusCode) === true;
    if (isExpected) return { status: statusCode, body: undefined };
    if (statusCode < 200 || statusCode > 299) {
      const { operation } = given;
      throw failureOf({ statusCode, headers }, { host, operation, now: clock.now() });
    }
    return { status: statusCode, body: parseJson(text, host) };
  }

  return {
    send: async (given, call) => {
      const now = clock.now();
      if (now < pausedUntil) {
        const retryAfterSeconds = Math.ceil((pausedUntil - now) / 1000);
        throw new ForgeThrottledError(`the limit of "${host}" is used up`, {
          details: { host, retryAfterSeconds },
        });
      }
      const token = await tokens.token(call);
      const answer = await follow(given, token, call);
      const other = answer.statusCode === 401 ? await tokens.another(token, call) : undefined;
      return judge(given, other === undefined ? answer : await follow(given, other, call));
    },
    close: () => dispatcher.destroy(),
  };
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** 307 and 308 say to send the same again, whatever it was. */
function isRepeatable({ method }: ForgeRequest, status: number): boolean {
  return method === 'GET' || status === 307 || status === 308;
}

async function readText(body: AsyncIterable<Uint8Array>, host: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      throw new ForgeUnreachableError(`the API of "${host}" sends more than we are ready to hold`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The text is not shown: it may be anything. */
function parseJson(text: string, host: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ForgeUnreachableError(
      `"${host}" does not answer in JSON: is --report-url the address of its API?`,
      { details: { host } },
    );
  }
}
