import { createHash } from 'node:crypto';
import { Refusal } from './refusal.ts';
import type { SshKey } from './ssh-key.ts';
import { strictBase64 } from './strict-base64.ts';
import { createWireReader, wireString } from './wire-reader.ts';

/** A signature of `ssh-keygen -Y sign` (PROTOCOL.sshsig). */
export interface SshSignature {
  /** The public key that it says it was made with. */
  readonly keyBlob: Buffer;
  /** Whether it is a signature over these bytes with the key. Throws Refusal for one that never could be. */
  readonly verifies: (key: SshKey, payload: Buffer) => boolean;
}

const MAGIC = Buffer.from('SSHSIG');
const VERSION = 1;

/** Git signs for this purpose alone: a signature for another one proves nothing about a commit. */
export const GIT_NAMESPACE = 'git';

const HASHES: ReadonlySet<string> = new Set(['sha256', 'sha512']);

/** Lines of base64 and nothing else, so that one text alone stands for a signature. */
const ARMOR =
  /^-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]+\n)+)-----END SSH SIGNATURE-----\n?$/;

/** Reads an armored signature. Throws Refusal for anything that is none, and for one that is not made for Git. */
export function parseSshSignature(armored: string): SshSignature {
  const [, body] = ARMOR.exec(armored) ?? [];
  if (body === undefined) throw new Refusal('is malformed');
  const reader = createWireReader(strictBase64(body.replaceAll('\n', '')));
  if (!reader.take(MAGIC.length).equals(MAGIC)) throw new Refusal('is malformed');
  if (reader.uint32() !== VERSION) throw new Refusal('is of a version that is not supported');
  const keyBlob = reader.string();
  if (reader.text() !== GIT_NAMESPACE) throw new Refusal('was not made for Git');
  // What may once stand here is not signed.
  if (reader.string().length > 0) throw new Refusal('holds more than it should');
  const hash = reader.text();
  if (!HASHES.has(hash)) throw new Refusal('is made over a weak or unknown hash');
  const signature = reader.string();
  reader.end();
  return {
    keyBlob,
    verifies: (key, payload) => {
      const digest = createHash(hash).update(payload).digest();
      const parts = [GIT_NAMESPACE, '', hash, digest].map(wireString);
      return key.verifies(signature, Buffer.concat([MAGIC, ...parts]));
    },
  };
}
