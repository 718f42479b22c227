import type { SourceOptions } from '../source.ts';

/**
 * Where the token for a server comes from. Ask at every use: it may be rotated, and it may expire. A token is a secret
 * and belongs to one host: the caller sends it nowhere else.
 *
 * Both methods throw CredentialInvalidError (a file is missing or holds no credential), and, where the token is asked
 * of a server, GitAuthError, GitUnreachableError and GitSourceInvalidError; AbortError when called off.
 */
export interface TokenSource {
  /** The token of now. */
  token(call: SourceOptions): Promise<string>;
  /** After a 401: another token than the refused one, or undefined where there is none. Try it once. */
  another(refused: string, call: SourceOptions): Promise<string | undefined>;
}
