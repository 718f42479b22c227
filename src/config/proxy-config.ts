import { ConfigError } from '../errors/errors.ts';
import { type ConfigFiles, readConfigFile } from './config-files.ts';
import type { Environment, FlagReader } from './flag-reader.ts';
import { parseProxy } from './proxy-url.ts';

/** The proxies to the Git server. Secrets, since URLs of proxies may hold a password. */
export interface ProxyConfig {
  /** For http addresses. */
  readonly http: string | undefined;
  /** For https addresses. */
  readonly https: string | undefined;
  /** Holds the URL for both; read at every use. */
  readonly file: string | undefined;
  /** Hosts that are reached without, as in `NO_PROXY`. */
  readonly noProxy: string;
}

/** Reads the flags of the proxy, else the variables that curl and Git look at; undefined where there is no proxy. */
export function readProxy(
  reader: FlagReader,
  env: Environment,
  files: ConfigFiles,
): ProxyConfig | undefined {
  const url = reader.optional('git-proxy', parsePlainProxy);
  const file = reader.optional('git-proxy-file', (path) => {
    requireProxy(readConfigFile(files, path).trim());
    return path;
  });
  if (url !== undefined && file !== undefined) {
    reader.refuse('git-proxy-file', 'contradicts --git-proxy; give one of them');
  }
  const noProxy = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  if (url !== undefined || file !== undefined) return { http: url, https: url, file, noProxy };
  const http = fromEnvironment(env, ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']);
  const https = fromEnvironment(env, ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']);
  return http === undefined && https === undefined ? undefined : { http, https, file, noProxy };
}

/** Never quoted: it may hold a password. */
function requireProxy(text: string): URL {
  const url = parseProxy(text);
  if (url !== undefined) return url;
  throw new ConfigError('is no proxy; write it like http://proxy.example:3128');
}

function parsePlainProxy(text: string): string {
  const url = requireProxy(text);
  if (url.username === '' && url.password === '') return url.href;
  throw new ConfigError('holds a credential; put the URL into a file (--git-proxy-file)');
}

/** The first variable that is set, be it to nothing, which means none. */
function fromEnvironment(env: Environment, names: readonly string[]): string | undefined {
  const name = names.find((candidate) => env[candidate] !== undefined);
  const text = name === undefined ? '' : (env[name] ?? '');
  if (name === undefined || text === '') return undefined;
  const url = parseProxy(text);
  if (url !== undefined) return url.href;
  throw new ConfigError(`${name} is no proxy that we can use: an http or https URL`, {
    details: { variable: name },
  });
}
