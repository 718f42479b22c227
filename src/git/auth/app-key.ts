import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CredentialInvalidError } from '../../errors/errors.ts';
import { causeOf } from '../git-errors.ts';

/** GitHub takes ten minutes at most, and asks for a minute's grace towards the past. */
const LIFETIME_S = 9 * 60;
const GRACE_S = 60;

export interface AppKeyOptions {
  readonly appId: string;
  readonly keyFile: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The word of a GitHub App that it is itself: a JSON Web Token (RFC 7519, RS256) that is good for some minutes. The key is
 * read at every use. Throws CredentialInvalidError for a file without an RSA private key.
 */
export async function signAsApp({ appId, keyFile, now }: AppKeyOptions): Promise<string> {
  const key = await readKey(keyFile);
  const seconds = Math.floor(now / 1000);
  const claims = { iat: seconds - GRACE_S, exp: seconds + LIFETIME_S, iss: appId };
  const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

async function readKey(file: string): Promise<KeyObject> {
  const pem = await readFile(file).catch((error: unknown) => {
    throw new CredentialInvalidError('cannot read the key of the GitHub App (--git-app-key-file)', {
      details: { file, cause: causeOf(error) },
    });
  });
  const key = toKey(pem);
  if (key?.asymmetricKeyType === 'rsa') return key;
  throw new CredentialInvalidError(
    'the key file of the GitHub App (--git-app-key-file) holds no RSA private key in PEM without a passphrase: take the file that GitHub gave when the key was made',
    { details: { file } },
  );
}

/** Undefined for what is no key. What the library says of it may quote it. */
function toKey(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
