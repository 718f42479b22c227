import type { SourceOptions } from './source.ts';
import type { TokenSource } from './token-source.ts';

/** A credential for a Git server. */
export interface GitAuth {
  readonly tokens: TokenSource;
  /** For servers that care; most take any name beside a token. */
  readonly username?: string | undefined;
}

/** The header that carries the credential (RFC 7617). Throws like TokenSource. */
export async function authorization(
  auth: GitAuth | undefined,
  call: SourceOptions,
): Promise<Record<string, string>> {
  if (auth === undefined) return {};
  const { tokens, username = 'git' } = auth;
  const token = await tokens.token(call);
  return { Authorization: `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}` };
}
