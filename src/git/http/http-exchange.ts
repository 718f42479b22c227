import { type Dispatcher, request } from 'undici';
import { GitAuthError, GitSourceInvalidError, GitUnreachableError } from '../../errors/errors.ts';
import { OperatorError } from '../../errors/operator-error.ts';
import { causeOf } from '../git-errors.ts';

export interface ExchangeRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
}

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  /** Larger answers are refused. */
  readonly maxBytes: number;
}

export interface ExchangeAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

/**
 * One request and its whole answer; redirects are not followed. Throws GitUnreachableError where there is no complete
 * answer, GitSourceInvalidError for one that is too large, GitAuthError for a proxy that wants a credential, and what
 * the signal was aborted with.
 */
export async function exchange(
  { url, method, headers, body }: ExchangeRequest,
  { dispatcher, signal, maxBytes }: ExchangeOptions,
): Promise<ExchangeAnswer> {
  // The library would first wait for a connection.
  signal.throwIfAborted();
  try {
    const asked = request(url, {
      method,
      headers: { ...headers, 'user-agent': 'git/liqo-shortcuts' },
      body: body ?? null,
      dispatcher,
      signal,
    });
    const answer = await unlessAborted(asked, signal);
    const bytes = await collect(answer.body, { url, maxBytes });
    return { statusCode: answer.statusCode, headers: plain(answer.headers), bytes };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof OperatorError ? error : unreachable(error, url);
  }
}

/** The library looks at the signal only when it has a connection, which a proxy may put off for a minute. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason as Error);
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Throws GitSourceInvalidError for more than we are ready to hold. */
async function collect(
  body: AsyncIterable<Uint8Array>,
  { url, maxBytes }: { readonly url: URL; readonly maxBytes: number },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) {
      throw new GitSourceInvalidError(`"${url.host}" sends more than we are ready to hold`, {
        details: { host: url.host, maxBytes },
      });
    }
  }
  return Buffer.concat(chunks);
}

function plain(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
}

/** What the codes of Node and of the HTTP library mean, most special first. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^UND_ERR_CONNECT_TIMEOUT$/, 'takes no connection in time'],
  [/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/, 'has fallen silent'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'shows the certificate of another host: check the address of the source',
  ],
  [
    /CERT|SELF_SIGNED/,
    'shows a certificate that no authority we trust has signed: name its authority (--git-ca-file)',
  ],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'has no address that we can find: check its name, and DNS'],
];

function unreachable(error: unknown, { host }: URL): OperatorError {
  const cause = causeOf(error);
  const details = { host, cause };
  // How the library says that a proxy to an http address answers 407.
  if (cause === 'UND_ERR_INVALID_ARG') {
    return new GitAuthError(
      'the proxy refuses our credentials: put its URL with user and password into a file (--git-proxy-file)',
      { details },
    );
  }
  const [, meaning = 'cannot be reached'] = MEANINGS.find(([code]) => code.test(cause)) ?? [];
  return new GitUnreachableError(`"${host}" ${meaning}`, { details });
}
