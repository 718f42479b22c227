import { CredentialInvalidError } from '../../errors/errors.ts';
import type { TokenSource } from './token-source.ts';

/** A credential for a Git server. */
export interface GitAuth {
  readonly tokens: TokenSource;
  /** `basic` (RFC 7617) unless said otherwise; `bearer`: RFC 6750. */
  readonly scheme?: 'basic' | 'bearer' | undefined;
  /** For servers that care; most take any name beside a token. */
  readonly username?: string | undefined;
}

/** The value of the header `Authorization`. Throws CredentialInvalidError for a token that fits into no header. */
export function authorization(
  { scheme = 'basic', username = 'git' }: GitAuth,
  token: string,
): string {
  if (scheme === 'basic') return `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`;
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new CredentialInvalidError('a bearer token must be one word of printable ASCII characters');
}
