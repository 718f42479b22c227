import { readFile } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import { CredentialInvalidError } from '../../errors/errors.ts';
import { causeOf } from '../git-errors.ts';

/** Files that SSH needs, each read at every use, so that it can be rotated. */
export interface SshFiles {
  /** Private key, PEM or OpenSSH's own form. Whoever may read it: Secret volumes are readable by a group. */
  readonly keyFile: string;
  readonly passphraseFile?: string | undefined;
  /** OpenSSH's known_hosts: the only hosts that we talk to. */
  readonly knownHostsFile: string;
}

/** A private key that signs. */
export interface SshKey {
  read(): Promise<ParsedKey>;
}

/**
 * The key of two files. What it was decrypted to is remembered while they stay the same: a passphrase takes a third of
 * a second of computing, each time. `read` throws CredentialInvalidError.
 */
export function createSshKey({ keyFile, passphraseFile }: SshFiles): SshKey {
  let last: { readonly from: string; readonly key: ParsedKey } | undefined;
  return {
    read: async () => {
      const text = await readSshFile(keyFile, 'the SSH key file');
      const passphrase =
        passphraseFile === undefined
          ? undefined
          : (await readSshFile(passphraseFile, 'the passphrase file')).replace(/\r?\n$/, '');
      const from = JSON.stringify([text, passphrase]);
      if (last?.from !== from) last = { from, key: await parse(text, passphrase) };
      return last.key;
    },
  };
}

/** The text of a file. Throws CredentialInvalidError where it cannot be read. */
export async function readSshFile(file: string, what: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new CredentialInvalidError(`cannot read ${what}`, {
      details: { file, cause: causeOf(error) },
    });
  });
}

async function parse(text: string, passphrase: string | undefined): Promise<ParsedKey> {
  const isLocked = isEncrypted(text);
  if (isLocked && passphrase === undefined) {
    throw new CredentialInvalidError(
      'the SSH key has a passphrase: give it in a file (--git-ssh-passphrase-file), or make a key without one (ssh-keygen -p)',
    );
  }
  const { utils } = (await import('ssh2')).default;
  const key = utils.parseKey(text, isLocked ? passphrase : undefined);
  if (!(key instanceof Error) && key.isPrivateKey()) return withoutSha1(key);
  throw new CredentialInvalidError(whatIsWrong(key, isLocked));
}

/** The library signs with SHA-1 where a server does not say that it can do better; such a server refuses us then. */
function withoutSha1(key: ParsedKey): ParsedKey {
  const sign = key.sign.bind(key);
  return Object.assign(key, {
    sign: (data: Buffer | string, hash?: string): Buffer | Error =>
      hash === 'sha1' ? new Error('SHA-1') : sign(data, hash),
  });
}

function whatIsWrong(key: ParsedKey | Error, isLocked: boolean): string {
  if (!(key instanceof Error)) {
    return 'the SSH key file holds the public half of a key: give the private one';
  }
  if (isLocked) return 'the passphrase does not open the SSH key';
  return 'the SSH key file holds no private key of OpenSSH: make one with ssh-keygen -t ed25519';
}

/** True for a key that opens with a passphrase only (PROTOCOL.key of OpenSSH; RFC 1421 for the older form). */
function isEncrypted(text: string): boolean {
  const [, base64 = ''] = /-{5}BEGIN OPENSSH PRIVATE KEY-{5}([^-]*)/.exec(text) ?? [];
  if (base64 === '') return /^(Proc-Type: 4,ENCRYPTED|-{5}BEGIN ENCRYPTED )/m.test(text);
  const start = 'openssh-key-v1\0'.length;
  const cipher = Buffer.from(base64, 'base64').subarray(start + 4, start + 8);
  return cipher.toString('latin1') !== 'none';
}
