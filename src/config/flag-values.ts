import { ConfigError } from '../errors/errors.ts';
import { OUTPUT_FORMATS, type OutputFile } from '../model/output-format.ts';
import { isLoopback } from './derive-target.ts';
import type { Parse } from './flag-reader.ts';
import { isSsh, parseSshAddress } from './ssh-address.ts';

/** Any text but none. Does not quote it: paths and names may be anything, a misplaced secret too. */
export function parseText(text: string): string {
  if (text.trim() === '') throw new ConfigError('is empty');
  return text;
}

/** One of a closed list. */
export function oneOf<Value extends string>(allowed: readonly Value[]): Parse<Value> {
  return (text) => {
    const value = allowed.find((candidate) => candidate === text);
    if (value !== undefined) return value;
    throw new ConfigError(`is not one of ${allowed.join(', ')}`);
  };
}

/** Forms and files, as in `junit=junit.xml,markdown=comment.md`: at least one, each form once. */
export function parseOutputFiles(text: string): readonly OutputFile[] {
  const files = text.split(',').map((pair) => {
    const [name = '', ...rest] = pair.split('=');
    return { format: oneOf(OUTPUT_FORMATS)(name.trim()), file: parseText(rest.join('=')) };
  });
  if (new Set(files.map(({ format }) => format)).size === files.length) return files;
  throw new ConfigError('names a form twice');
}

/** A whole number from 0 to `largest`. */
export function upTo(largest: number): Parse<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value <= largest) return value;
    throw new ConfigError(`is not a whole number between 0 and ${largest}`);
  };
}

function matching(pattern: RegExp, allowed: string): Parse<string> {
  return (text) => {
    if (pattern.test(text)) return text;
    throw new ConfigError(`is not valid; allowed: ${allowed}`);
  };
}

/** A Git ref or commit, as far as its text shows. A leading dash would be an option elsewhere. */
export const parseRef = matching(
  /^(?!-)[^\s~^:?*[\\\p{Cc}]{1,255}$/u,
  'a branch, tag, commit or full ref',
);

/** The name of a Kubernetes namespace. */
export const parseNamespace = matching(
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  'at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit',
);

/** What can be the value of a label. */
export const parseLabelValue = matching(
  /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  'at most 63 letters, digits, dashes, dots and underscores, beginning and ending with a letter or digit',
);

/** A commit, or at least its first 7 digits. */
export const parseCommit = matching(/^[0-9a-f]{7,40}$/i, '7 to 40 hexadecimal digits');

/** A folder below the root of a repository. */
export function parseFolder(text: string): string {
  const isInside = !text.startsWith('/') && !text.split('/').includes('..');
  if (isInside && text.trim() !== '') return text;
  throw new ConfigError('is not a path within the repository');
}

/** A local path, an https or http URL, an address over SSH, or `none`. Never quoted: a URL may hold a credential. */
export function parseLocation(text: string): string {
  if (!isRemote(text)) return parseText(text);
  if (isSsh(text)) {
    parseSshAddress(text);
    return text;
  }
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    throw new ConfigError(
      'is neither a local path nor an https or http URL nor an address over SSH nor none',
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigError(
      'the URL holds a credential, query or fragment; a token belongs in a file (--git-token-file)',
    );
  }
  return text;
}

/** `scheme://…`, or the `user@host:path` of ssh, rather than a local path. */
export function isRemote(location: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(location) || /^[^/@]+@[^/]+:/.test(location);
}

/** Where to listen. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[::1]:port`, or `:port` for every address. */
export function parseHostAndPort(text: string): HostAndPort {
  const [, bracketed, plain = bracketed, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))?:(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (port <= 65_535) return { host: plain ?? '0.0.0.0', port };
  throw new ConfigError('is not host:port; write it like 127.0.0.1:8080, [::1]:8080 or :8080');
}

/** What may be in a file that holds a secret: one word, so that it fits into a header. */
export function parseSecret(content: string): string {
  const secret = content.trim();
  if (/^[\x21-\x7e]+$/.test(secret)) return secret;
  throw new ConfigError('the file must hold one word of printable ASCII characters');
}

/** What may be in a file of secrets that all count while one takes the place of another: a line for each. */
export function parseSecrets(content: string): readonly string[] {
  return content
    .trim()
    .split(/\s*\n\s*/)
    .map(parseSecret);
}

/** The address of an API or a page, without the slashes at its end. A token would go there: https, or this machine. */
export function parseApiUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && !isLoopback(url))) {
    throw new ConfigError('is no https URL');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigError('the URL holds a credential, query or fragment');
  }
  return url.href.replace(/\/+$/, '');
}

/** `owner/name`, with as many groups before the name as there are. */
export const parseRepository = matching(
  /^(?!\.{1,2}\/)[\w.-]+(\/(?!\.{1,2}(\/|$))[\w.-]+)+$/,
  'owner/name of letters, digits, dashes, dots and underscores',
);
