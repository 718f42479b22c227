import { readFile } from 'node:fs/promises';
import { CredentialInvalidError } from '../../errors/errors.ts';
import { causeOf } from '../git-errors.ts';
import type { TokenSource } from './token-source.ts';

export interface FileTokenOptions {
  readonly file: string;
  /** The flag that names the file, for messages. */
  readonly flag: string;
}

/** The token that a file holds, read at every use, so that it can be rotated. */
export function createFileTokenSource({ file, flag }: FileTokenOptions): TokenSource {
  async function read(): Promise<string> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new CredentialInvalidError(`cannot read the token file (${flag})`, {
        details: { file, cause: causeOf(error) },
      });
    });
    const token = text.trim();
    if (token !== '') return token;
    throw new CredentialInvalidError(`the token file (${flag}) is empty`, { details: { file } });
  }

  return {
    token: read,
    another: async (refused) => {
      const token = await read();
      return token === refused ? undefined : token;
    },
  };
}
