import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import { GitSourceInvalidError, GitUnreachableError } from '../../errors/errors.ts';
import { createGitAgent, type GitNetwork } from './git-agent.ts';
import { authorization, type GitAuth } from '../auth/git-auth.ts';
import { oneChunk } from '../one-chunk.ts';
import { GIT_LIMITS } from '../git-limits.ts';
import { exchange, type ExchangeAnswer, type ExchangeRequest } from './http-exchange.ts';
import { isCutOff } from './is-cut-off.ts';

const MAX_REDIRECTS = 3;

export interface GitHttp extends HttpClient {
  close(): Promise<void>;
}

export interface GitHttpOptions {
  /** The repository: its scheme, host and port are the only ones that see the credential. */
  readonly url: URL;
  readonly auth?: GitAuth | undefined;
  readonly network: GitNetwork;
  readonly signal: AbortSignal;
}

/**
 * The connection of one operation: every request of it can be called off, an answer is either complete or an error, and
 * a redirect is followed only for look-ups (as Git does, http.followRedirects), on the same host, and to https. A 401 is
 * tried again once, where there is another token.
 *
 * Requests throw like `exchange` and TokenSource, GitSourceInvalidError for an answer that we refuse, and
 * GitUnreachableError for one that ends too early.
 */
export async function createGitHttp(options: GitHttpOptions): Promise<GitHttp> {
  const { url: repository, auth, network, signal } = options;
  const dispatcher = await createGitAgent(network, repository);
  const { maxBytes } = network.limits ?? GIT_LIMITS;
  // Where the first look-up was redirected: what follows goes there at once, as Git does it.
  let moved = { from: '', to: '' };

  function ask(request: ExchangeRequest, value?: string): Promise<ExchangeAnswer> {
    const headers =
      value === undefined ? request.headers : { ...request.headers, authorization: value };
    return exchange({ ...request, headers }, { dispatcher, signal, maxBytes });
  }

  async function askWithCredential(request: ExchangeRequest): Promise<ExchangeAnswer> {
    if (auth === undefined || request.url.origin !== repository.origin) return ask(request);
    const token = await auth.tokens.token({ signal });
    const answer = await ask(request, authorization(auth, token));
    if (answer.statusCode !== 401) return answer;
    const other = await auth.tokens.another(token, { signal });
    return other === undefined ? answer : ask(request, authorization(auth, other));
  }

  async function send({ url, method, headers, body }: GitHttpRequest): Promise<GitHttpResponse> {
    const request = {
      method: method === 'POST' ? 'POST' : 'GET',
      headers: headers ?? {},
      body: body === undefined ? undefined : await joined(body),
    } as const;
    let target = new URL(
      url.startsWith(moved.from) ? moved.to + url.slice(moved.from.length) : url,
    );
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const answer = await askWithCredential({ ...request, url: target });
      const location = answer.headers['location'];
      if (!isRedirect(answer.statusCode) || location === undefined) {
        return toResponse(target, answer);
      }
      target = redirected({ from: target, location, method: request.method });
      moved = { from: baseOf(url), to: baseOf(target.href) };
    }
    throw new GitSourceInvalidError(`"${target.host}" redirects in circles`);
  }

  return { request: send, close: () => dispatcher.destroy() };
}

async function joined(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Throws GitSourceInvalidError for a page where Git's own form was asked for, in which the library would see no ref, and
 * GitUnreachableError for an answer that ends too early, in which it would see no commit.
 */
function toResponse(url: URL, { statusCode, headers, bytes }: ExchangeAnswer): GitHttpResponse {
  const isGit = headers['content-type']?.startsWith('application/x-git-') ?? false;
  if (statusCode === 200 && !isGit) {
    throw new GitSourceInvalidError(
      `"${url.host}" does not answer like a Git server: check the address`,
      { details: { host: url.host } },
    );
  }
  if (isGit && isCutOff(bytes)) {
    const details = { host: url.host, bytes: bytes.length };
    throw new GitUnreachableError(`the answer of "${url.host}" ends too early`, { details });
  }
  return {
    url: url.href,
    statusCode,
    statusMessage: '',
    headers: { ...headers },
    body: oneChunk(bytes),
  };
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

interface Redirect {
  readonly from: URL;
  readonly location: string;
  readonly method: string;
}

/** Where a redirect leads; throws GitSourceInvalidError where we do not follow. */
function redirected({ from, location, method }: Redirect): URL {
  const to = URL.parse(location, from.href);
  const details = { host: from.host, target: to?.host };
  if (to?.username !== '' || to.password !== '') {
    throw new GitSourceInvalidError(`"${from.host}" redirects to what is no address for us`, {
      details,
    });
  }
  const upgrade =
    to.hostname === from.hostname && from.protocol === 'http:' && to.protocol === 'https:';
  if (to.origin !== from.origin && !upgrade) {
    throw new GitSourceInvalidError(
      `"${from.host}" redirects to "${to.protocol}//${to.host}": use that address`,
      { details },
    );
  }
  if (method === 'GET') return to;
  throw new GitSourceInvalidError(
    `"${from.host}" redirects what was sent to it: check the address`,
    {
      details,
    },
  );
}

function baseOf(url: string): string {
  return url.replace(/\/(info\/refs(\?.*)?|git-upload-pack)$/, '');
}
