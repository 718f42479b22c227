import {
  createHash,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';

/** Somebody who signs as `ssh-keygen -Y sign` does, so that no test needs it. */
export interface SshSigner {
  /** `type base64`, as in a file of public keys. */
  readonly publicKey: string;
  /** Armored (PROTOCOL.sshsig). */
  sign(payload: Uint8Array, form?: SignatureForm): string;
}

export interface SignatureForm {
  readonly namespace?: string;
  readonly hash?: 'sha256' | 'sha512' | 'sha1';
  /** Of a security key: 1 when it was touched. */
  readonly flags?: number;
  readonly reserved?: string;
  /** Takes the place of the key's own algorithm. */
  readonly algorithm?: string;
}

export type SignerType = 'ed25519' | 'rsa' | 'rsa-small' | 'ecdsa' | 'sk-ed25519' | 'sk-ecdsa';

/** A new key. */
export function createSshSigner(type: SignerType = 'ed25519'): SshSigner {
  const { name, keys, blob, algorithm } = KINDS[type]();
  const isSecurityKey = type.startsWith('sk-');

  function signed(data: Buffer, { flags = 1, ...form }: SignatureForm): Buffer {
    const used = form.algorithm ?? algorithm;
    if (!isSecurityKey) return Buffer.concat([wire(used), wire(raw(keys, used, data))]);
    const tail = Buffer.from([flags, 0, 0, 0, 7]);
    const whole = Buffer.concat([
      digest('sha256', Buffer.from(APPLICATION)),
      tail,
      digest('sha256', data),
    ]);
    return Buffer.concat([wire(used), wire(raw(keys, used, whole)), tail]);
  }

  return {
    publicKey: `${name} ${blob.toString('base64')}`,
    sign: (payload, form = {}) => {
      const { namespace = 'git', hash = 'sha512', reserved = '' } = form;
      const data = Buffer.concat([
        MAGIC,
        ...[namespace, reserved, hash, digest(hash, payload)].map(wire),
      ]);
      const version = Buffer.from([0, 0, 0, 1]);
      const parts = [blob, namespace, reserved, hash, signed(data, form)].map(wire);
      const base64 = Buffer.concat([MAGIC, version, ...parts]).toString('base64');
      const lines = base64.match(/.{1,70}/g) ?? [];
      return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n');
    },
  };
}

/** A commit object with a signature over it, as Git puts it in. */
export function signedCommit(
  unsigned: Uint8Array,
  signer: SshSigner,
  form?: SignatureForm,
): Buffer {
  const text = Buffer.from(unsigned).toString('latin1');
  const header = `gpgsig ${signer.sign(unsigned, form).replaceAll('\n', '\n ')}`;
  return Buffer.from(
    text.replace('\n\n', () => `\n${header}\n\n`),
    'latin1',
  );
}

const MAGIC = Buffer.from('SSHSIG');
const APPLICATION = 'ssh:';

interface Kind {
  readonly name: string;
  readonly keys: KeyObject;
  readonly blob: Buffer;
  readonly algorithm: string;
}

const KINDS: Readonly<Record<SignerType, () => Kind>> = {
  ed25519: () => ed25519('ssh-ed25519', []),
  'sk-ed25519': () => ed25519('sk-ssh-ed25519@openssh.com', [APPLICATION]),
  ecdsa: () => ecdsa('ecdsa-sha2-nistp256', []),
  'sk-ecdsa': () => ecdsa('sk-ecdsa-sha2-nistp256@openssh.com', [APPLICATION]),
  rsa: () => rsa(2048),
  'rsa-small': () => rsa(1024),
};

function ed25519(name: string, more: readonly string[]): Kind {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const parts = [name, field(publicKey, 'x'), ...more];
  return { name, keys: privateKey, blob: Buffer.concat(parts.map(wire)), algorithm: name };
}

function ecdsa(name: string, more: readonly string[]): Kind {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const point = Buffer.concat([Buffer.from([4]), field(publicKey, 'x'), field(publicKey, 'y')]);
  const parts = [name, 'nistp256', point, ...more];
  return { name, keys: privateKey, blob: Buffer.concat(parts.map(wire)), algorithm: name };
}

function rsa(modulusLength: number): Kind {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const parts = ['ssh-rsa', field(publicKey, 'e'), mpint(field(publicKey, 'n'))];
  const blob = Buffer.concat(parts.map(wire));
  return { name: 'ssh-rsa', keys: privateKey, blob, algorithm: 'rsa-sha2-512' };
}

function field(key: KeyObject, name: keyof JsonWebKey): Buffer {
  return Buffer.from(String(key.export({ format: 'jwk' })[name]), 'base64url');
}

const RSA_HASHES: Readonly<Record<string, string>> = {
  'ssh-rsa': 'sha1',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
};

function raw(key: KeyObject, algorithm: string, data: Buffer): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return signBytes(null, data, key);
  if (key.asymmetricKeyType === 'rsa') return signBytes(RSA_HASHES[algorithm] ?? null, data, key);
  const both = signBytes('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  return Buffer.concat([both.subarray(0, 32), both.subarray(32)].map((n) => wire(mpint(n))));
}

/** Not negative, and without leading zeros. */
function mpint(number: Buffer): Buffer {
  const start = number.findIndex((byte) => byte !== 0);
  const short = number.subarray(start);
  return (short[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), short]) : short;
}

function wire(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function digest(hash: string, bytes: Uint8Array): Buffer {
  return createHash(hash).update(bytes).digest();
}
