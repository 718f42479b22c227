import { ConfigError, GitSourceInvalidError } from '../../errors/errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import { signAsApp } from './app-key.ts';
import type { GitNetwork } from '../http/git-agent.ts';
import { appRefusal } from './github-app-refusal.ts';
import type { ExchangeAnswer } from '../http/http-exchange.ts';
import { isLoopback } from '../http/loopback.ts';
import type { SourceOptions } from '../source.ts';
import type { TokenSource } from './token-source.ts';

export interface GitHubAppOptions {
  /** Its number, or its client ID. */
  readonly appId: string;
  /** RSA private key, PEM; read at every use. */
  readonly keyFile: string;
  /** By default the one that has the repository. */
  readonly installationId?: string | undefined;
  readonly apiUrl: URL;
  /** The only repository that the token is for, by its address. */
  readonly repository: URL;
  /** The only permissions that the token has, such as `{ contents: 'read' }`. */
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
  readonly network: GitNetwork;
  readonly clock: Clock;
}

interface Token {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly renewAt: number;
}

/** A token lives for an hour. What begins with one shall also end with it. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Answers are a few kilobytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * Tokens of a GitHub App's installation: for one repository, with the permissions that are asked for and no others, kept
 * until shortly before they expire. Throws ConfigError at once for an address that names no repository or that would send
 * the app's word in plain.
 */
export function createGitHubAppTokenSource(options: GitHubAppOptions): TokenSource {
  const { clock, apiUrl } = options;
  if (apiUrl.protocol !== 'https:' && !isLoopback(apiUrl)) {
    throw new ConfigError("GitHub's API must have an https address (--git-app-api-url)");
  }
  const repository = repositoryOf(options.repository);
  let kept: Token | undefined;
  let found: string | undefined;

  async function renew(call: SourceOptions): Promise<string> {
    const ask = await createApi(options, call);
    try {
      const installation =
        options.installationId ?? found ?? (await findInstallation(ask, repository));
      kept = await makeToken(ask, installation, { ...options, name: repository.name });
      found = installation;
      return kept.token;
    } catch (error) {
      // An app that was installed anew has another installation.
      found = undefined;
      throw error;
    } finally {
      await ask.close();
    }
  }

  return {
    token: async (call) =>
      kept !== undefined && clock.now() < kept.renewAt ? kept.token : renew(call),
    another: async (refused, call) =>
      kept !== undefined && kept.token !== refused ? kept.token : renew(call),
  };
}

interface Repository {
  readonly owner: string;
  readonly name: string;
}

function repositoryOf(url: URL): Repository {
  const [, owner, name] = /^\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(url.pathname) ?? [];
  if (owner !== undefined && name !== undefined) return { owner, name };
  throw new ConfigError(
    'with a GitHub App the source must be the address of a repository, https://host/owner/name',
  );
}

/** Asks the API as the app. Throws what `appRefusal` makes of an answer that is none of these. */
interface Api {
  (path: string, body?: object): Promise<unknown>;
  close(): Promise<void>;
}

async function createApi(options: GitHubAppOptions, { signal }: SourceOptions): Promise<Api> {
  const { apiUrl, clock, network } = options;
  const word = await signAsApp({ ...options, now: clock.now() });
  // Loaded here, so that a check on this machine does without.
  const { createGitAgent } = await import('../http/git-agent.ts');
  const { exchange } = await import('../http/http-exchange.ts');
  const dispatcher = await createGitAgent(network, apiUrl);
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${word}`,
    'x-github-api-version': '2022-11-28',
  };
  const base = apiUrl.href.replace(/\/$/, '');

  async function ask(path: string, body?: object): Promise<unknown> {
    const answer = await exchange(
      {
        url: new URL(base + path),
        method: body === undefined ? 'GET' : 'POST',
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      },
      { dispatcher, signal, maxBytes: MAX_BYTES },
    );
    if (answer.statusCode === 200 || answer.statusCode === 201) return parse(answer);
    throw appRefusal({ answer, host: apiUrl.host, isLookUp: body === undefined, now: clock.now() });
  }

  return Object.assign(ask, { close: () => dispatcher.destroy() });
}

function parse({ bytes }: ExchangeAnswer): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** A field of an answer; undefined where the answer is of another shape. */
function field(answer: unknown, name: string): unknown {
  return typeof answer === 'object' && answer !== null
    ? (answer as Record<string, unknown>)[name]
    : undefined;
}

async function findInstallation(ask: Api, { owner, name }: Repository): Promise<string> {
  const id = field(await ask(`/repos/${owner}/${name}/installation`), 'id');
  if (typeof id === 'number') return String(id);
  throw notGitHub();
}

async function makeToken(
  ask: Api,
  installation: string,
  { name, permissions }: { readonly name: string } & Pick<GitHubAppOptions, 'permissions'>,
): Promise<Token> {
  const answer = await ask(`/app/installations/${installation}/access_tokens`, {
    repositories: [name],
    permissions,
  });
  const [token, expiry] = [field(answer, 'token'), field(answer, 'expires_at')];
  const end = typeof expiry === 'string' ? Date.parse(expiry) : Number.NaN;
  if (typeof token !== 'string' || token === '' || Number.isNaN(end)) throw notGitHub();
  return { token, renewAt: end - RENEW_BEFORE_MS };
}

function notGitHub(): GitSourceInvalidError {
  return new GitSourceInvalidError(
    "what answers is not GitHub's API: check its address (--git-app-api-url)",
  );
}
