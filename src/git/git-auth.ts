import { readFile } from 'node:fs/promises';
import { CredentialInvalidError } from '../errors/errors.ts';
import { causeOf } from './git-errors.ts';

/** A credential for a Git server, read from its file at every use, so that it can be rotated. */
export interface GitAuth {
  readonly tokenFile: string;
  /** For servers that care; most take any name beside a token. */
  readonly username?: string | undefined;
}

/** The header that carries the credential (RFC 7617). Throws CredentialInvalidError for a missing or empty file. */
export async function authorization(auth: GitAuth | undefined): Promise<Record<string, string>> {
  if (auth === undefined) return {};
  const { tokenFile, username = 'git' } = auth;
  const text = await readFile(tokenFile, 'utf8').catch((error: unknown) => {
    throw new CredentialInvalidError('cannot read the token file for Git', {
      details: { file: tokenFile, cause: causeOf(error) },
    });
  });
  const token = text.trim();
  if (token === '') throw new CredentialInvalidError('the token file for Git is empty');
  return { Authorization: `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}` };
}
