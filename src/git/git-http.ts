import { readFile } from 'node:fs/promises';
import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import { Agent, type Dispatcher, request } from 'undici';
import { isAbort } from '../errors/classify.ts';
import { ConfigError, GitSourceInvalidError, GitUnreachableError } from '../errors/errors.ts';
import { causeOf } from './git-errors.ts';

/** Silence for this long, in milliseconds, ends a request. Git servers send a sign of life every 5 s. */
const SILENCE_MS = 60_000;
const CONNECT_MS = 10_000;
const MAX_REDIRECTS = 3;

/** Answers are held in memory; a repository for shortcuts is nowhere near this. */
const MAX_RESPONSE_BYTES = 256 * 1024 * 1024;

export interface GitHttp extends HttpClient {
  close(): Promise<void>;
}

/** Throws ConfigError when the CA file cannot be read. The file replaces the machine's own CAs, as in Git. */
async function createAgent(caFile: string | undefined): Promise<Agent> {
  const timeouts = { headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS };
  if (caFile === undefined) return new Agent({ ...timeouts, connect: { timeout: CONNECT_MS } });
  const ca = await readFile(caFile, 'utf8').catch((error: unknown) => {
    throw new ConfigError('cannot read the CA file for Git', {
      details: { file: caFile, cause: causeOf(error) },
    });
  });
  return new Agent({ ...timeouts, connect: { timeout: CONNECT_MS, ca } });
}

/**
 * The connection of one operation: every request of it can be called off, an answer is either complete or an error,
 * and a redirect is followed only where credentials may go too (the same host; to https, never away from it).
 * Requests throw GitUnreachableError, and GitSourceInvalidError for an answer that we refuse.
 */
export async function createGitHttp(options: {
  readonly signal: AbortSignal;
  readonly caFile: string | undefined;
}): Promise<GitHttp> {
  const { signal } = options;
  const dispatcher = await createAgent(options.caFile);
  // Where the first look-up was redirected: what follows goes there at once, as Git does it (http.followRedirects).
  let moved = { from: '', to: '' };

  async function send({ url, method, headers, body }: GitHttpRequest): Promise<GitHttpResponse> {
    const bytes = body === undefined ? null : await collect(body, url);
    let target = url.startsWith(moved.from) ? moved.to + url.slice(moved.from.length) : url;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const answer = await exchange(target, {
        method: method === 'POST' ? 'POST' : 'GET',
        headers: { ...headers, 'user-agent': 'git/liqo-shortcuts' },
        body: bytes,
        dispatcher,
        signal,
      });
      const location = answer.headers['location'];
      if (!isRedirect(answer.statusCode) || location === undefined) return answer;
      const next = redirected(new URL(target), location);
      moved = { from: baseOf(url), to: baseOf(next) };
      target = next;
    }
    throw new GitSourceInvalidError(`"${new URL(url).host}" redirects in circles`);
  }

  return { request: send, close: () => dispatcher.destroy() };
}

interface Answer extends GitHttpResponse {
  readonly headers: Record<string, string>;
}

type RequestOptions = Exclude<Parameters<typeof request>[1], undefined>;

async function exchange(url: string, options: RequestOptions): Promise<Answer> {
  try {
    const { statusCode, headers, body } = await request(url, options);
    const bytes = await collect(body, url);
    return { url, statusCode, statusMessage: '', headers: plain(headers), body: once(bytes) };
  } catch (error) {
    if (error instanceof GitSourceInvalidError || isAbort(error)) throw error;
    const { host } = new URL(url);
    throw new GitUnreachableError(`"${host}" cannot be reached`, {
      details: { host, cause: causeOf(error) },
      cause: error,
    });
  }
}

/** Throws GitSourceInvalidError for more than we are ready to hold. */
async function collect(body: AsyncIterable<Uint8Array>, url: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_RESPONSE_BYTES) {
      throw new GitSourceInvalidError(
        `"${new URL(url).host}" sends more than we are ready to hold`,
      );
    }
  }
  return Buffer.concat(chunks);
}

// The library asks for an asynchronous iterator, and a generator is the shortest one.
// eslint-disable-next-line @typescript-eslint/require-await
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function plain(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function redirected(from: URL, location: string): string {
  const to = new URL(location, from);
  const sameOrigin = to.origin === from.origin;
  const upgrade = to.hostname === from.hostname && to.protocol === 'https:';
  if (sameOrigin || upgrade) return to.href;
  throw new GitSourceInvalidError(`"${from.host}" redirects to "${to.host}": use that address`, {
    details: { host: from.host, target: to.host },
  });
}

function baseOf(url: string): string {
  return url.replace(/\/(info\/refs(\?.*)?|git-upload-pack)$/, '');
}
