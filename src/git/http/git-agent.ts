import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { ProxyConfig } from '../../config/proxy-config.ts';
import { parseProxy } from '../../config/proxy-url.ts';
import { ConfigError, CredentialInvalidError } from '../../errors/errors.ts';
import { causeOf } from '../git-errors.ts';
import { GIT_LIMITS, type GitLimits } from '../git-limits.ts';
import { isLoopback } from './loopback.ts';
import { createTunnelClient } from './tunnel-client.ts';

/** How servers are reached. */
export interface GitNetwork {
  /** PEM; replaces the machine's own authorities, as in Git. */
  readonly caFile?: string | undefined;
  readonly proxy?: ProxyConfig | undefined;
  readonly limits?: GitLimits | undefined;
}

/**
 * Connections to the server of `url`, through the proxy where there is one; the caller destroys them. Files are read
 * anew, so that they can be changed. Throws ConfigError (CA file) and CredentialInvalidError (file of the proxy).
 */
export async function createGitAgent(
  { caFile, proxy, limits = GIT_LIMITS }: GitNetwork,
  url: URL,
): Promise<Dispatcher> {
  const ca = await readAuthority(caFile);
  const timeout = limits.connectMs;
  const connect = ca === undefined ? { timeout } : { timeout, ca };
  const silence = { headersTimeout: limits.silenceMs, bodyTimeout: limits.silenceMs };
  const via = await proxyFor(url, proxy);
  if (via === undefined) return new Agent({ ...silence, connect });
  return new EnvHttpProxyAgent({
    ...silence,
    connect,
    httpProxy: via,
    httpsProxy: via,
    noProxy: proxy?.noProxy ?? '',
    requestTls: connect,
    // The authority of a company's Git server is often that of its proxy as well.
    proxyTls: ca === undefined ? connect : { timeout, ca: [...getCACertificates('default'), ca] },
    clientFactory: (origin, options) => createTunnelClient(origin, { ...options, ...silence }),
  });
}

async function readAuthority(caFile: string | undefined): Promise<string | undefined> {
  if (caFile === undefined) return undefined;
  return readFile(caFile, 'utf8').catch((error: unknown) => {
    throw new ConfigError('cannot read the CA file for Git', {
      details: { file: caFile, cause: causeOf(error) },
    });
  });
}

/** The URL of the proxy, a secret; undefined where there is none. Loopback is never asked of another machine. */
async function proxyFor(url: URL, proxy: ProxyConfig | undefined): Promise<string | undefined> {
  if (proxy === undefined || isLoopback(url)) return undefined;
  const { file } = proxy;
  if (file === undefined) return url.protocol === 'https:' ? proxy.https : proxy.http;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CredentialInvalidError('cannot read the file of the proxy (--git-proxy-file)', {
      details: { file, cause: causeOf(error) },
    });
  });
  const via = parseProxy(text.trim());
  if (via !== undefined) return via.href;
  throw new CredentialInvalidError(
    'the file of the proxy (--git-proxy-file) holds no http or https URL',
    { details: { file } },
  );
}
