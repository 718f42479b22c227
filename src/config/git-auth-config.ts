import { ConfigError } from '../errors/errors.ts';
import { type ConfigFiles, parseReadable } from './config-files.ts';
import type { FlagName } from './flags.ts';
import type { FlagReader } from './flag-reader.ts';
import { oneOf, parseText } from './flag-values.ts';

const SCHEMES = ['basic', 'bearer'] as const;

/** How the Git server knows us. Files are read at every use, so that they can be rotated. */
export type GitAuthConfig =
  | {
      readonly kind: 'token';
      readonly tokenFile: string;
      readonly scheme: 'basic' | 'bearer';
      readonly username: string | undefined;
    }
  | {
      readonly kind: 'github-app';
      readonly appId: string;
      readonly keyFile: string;
      readonly installationId: string | undefined;
      /** By default the one that goes with the source's host. */
      readonly apiUrl: URL | undefined;
    };

/** Reads the flags of the credential for the Git server; undefined where there is none. */
export function readGitAuth(reader: FlagReader, files: ConfigFiles): GitAuthConfig | undefined {
  const token = readToken(reader, files);
  const app = readApp(reader, files);
  if (token !== undefined && app !== undefined) {
    reader.refuse('git-app-id', 'contradicts --git-token-file; give one of them');
  }
  return token ?? app;
}

function readToken(reader: FlagReader, files: ConfigFiles): GitAuthConfig | undefined {
  const tokenFile = reader.optional('git-token-file', parseReadable(files));
  const username = reader.optional('git-username', parseText);
  const scheme = reader.required('git-auth', oneOf(SCHEMES));
  if (tokenFile === undefined) {
    const useless: readonly (readonly [FlagName, boolean])[] = [
      ['git-username', username !== undefined],
      ['git-auth', scheme === 'bearer'],
    ];
    for (const [name, isGiven] of useless) {
      if (isGiven) reader.refuse(name, 'is of no use without --git-token-file');
    }
    return undefined;
  }
  if (scheme === 'bearer' && username !== undefined) {
    reader.refuse('git-username', 'is of no use beside --git-auth bearer');
  }
  return { kind: 'token', tokenFile, scheme, username };
}

function readApp(reader: FlagReader, files: ConfigFiles): GitAuthConfig | undefined {
  const appId = reader.optional('git-app-id', parseAppId);
  const keyFile = reader.optional('git-app-key-file', parseReadable(files));
  const installationId = reader.optional('git-app-installation-id', parseNumber);
  const apiUrl = reader.optional('git-app-api-url', parseApiUrl);
  if (appId !== undefined && keyFile !== undefined) {
    return { kind: 'github-app', appId, keyFile, installationId, apiUrl };
  }
  const given: readonly (readonly [FlagName, unknown])[] = [
    ['git-app-id', appId],
    ['git-app-key-file', keyFile],
    ['git-app-installation-id', installationId],
    ['git-app-api-url', apiUrl],
  ];
  for (const [name, value] of given) {
    if (value !== undefined) reader.refuse(name, 'needs --git-app-id and --git-app-key-file');
  }
  return undefined;
}

function parseNumber(text: string): string {
  if (/^\d{1,18}$/.test(text)) return text;
  throw new ConfigError('is not a number');
}

/** The number of the app, or its client ID, which GitHub takes as well. */
function parseAppId(text: string): string {
  if (/^(\d{1,18}|Iv[A-Za-z0-9.]{1,60})$/.test(text)) return text;
  throw new ConfigError("is not a GitHub App's number or client ID");
}

function parseApiUrl(text: string): URL {
  const url = URL.parse(text);
  const isPlain =
    url !== null && [url.username, url.password, url.search, url.hash].every((part) => part === '');
  if (isPlain && ['https:', 'http:'].includes(url.protocol)) return url;
  throw new ConfigError(
    'is no URL of an API without credential, query or fragment; write it like https://github.example/api/v3',
  );
}
