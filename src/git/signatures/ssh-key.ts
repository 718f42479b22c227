import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { Refusal } from './refusal.ts';
import { createWireReader, wireString, type WireReader } from './wire-reader.ts';

/** A public key of SSH that we can verify with. */
export interface SshKey {
  /** `SHA256:…`, as ssh-keygen shows it. */
  readonly fingerprint: string;
  /** Whether a signature, in the form of SSH, is one over these bytes. Throws Refusal for one that never could be. */
  verifies(signature: Buffer, data: Buffer): boolean;
}

/** Whether what follows the name of the algorithm is a signature over these bytes. */
type Check = (algorithm: string, signature: WireReader, data: Buffer) => boolean;

/** What RFC 8332 asks for, and what no key of today undercuts. More than the larger number would only cost time. */
const RSA_BITS = { least: 2048, most: 16_384 };
const RSA_HASHES: Readonly<Record<string, string>> = {
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
};

/** In the flags of a security key: somebody touched it (PROTOCOL.u2f). */
const USER_PRESENT = 0x01;

interface Curve {
  readonly name: string;
  readonly jwk: string;
  readonly hash: string;
  /** Bytes of a coordinate. */
  readonly size: number;
}

const P256: Curve = { name: 'nistp256', jwk: 'P-256', hash: 'sha256', size: 32 };
const P384: Curve = { name: 'nistp384', jwk: 'P-384', hash: 'sha384', size: 48 };
const P521: Curve = { name: 'nistp521', jwk: 'P-521', hash: 'sha512', size: 66 };

const TYPES: Readonly<Record<string, (key: WireReader) => Check>> = {
  'ssh-ed25519': (key) => only('ssh-ed25519', ed25519(key)),
  'ecdsa-sha2-nistp256': (key) => only('ecdsa-sha2-nistp256', ecdsa(key, P256)),
  'ecdsa-sha2-nistp384': (key) => only('ecdsa-sha2-nistp384', ecdsa(key, P384)),
  'ecdsa-sha2-nistp521': (key) => only('ecdsa-sha2-nistp521', ecdsa(key, P521)),
  'ssh-rsa': rsa,
  'sk-ssh-ed25519@openssh.com': (key) =>
    only('sk-ssh-ed25519@openssh.com', securityKey(key, ed25519(key))),
  'sk-ecdsa-sha2-nistp256@openssh.com': (key) =>
    only('sk-ecdsa-sha2-nistp256@openssh.com', securityKey(key, ecdsa(key, P256))),
};

/** True for the name of a key type that `parseSshKey` takes. */
export function isSshKeyType(name: string): boolean {
  return Object.hasOwn(TYPES, name);
}

/** A public key from its bytes (RFC 4253 section 6.6). Throws Refusal for a kind that we do not take, and for no key. */
export function parseSshKey(blob: Buffer): SshKey {
  const key = createWireReader(blob);
  const type = key.text();
  const read = isSshKeyType(type) ? TYPES[type] : undefined;
  if (read === undefined) throw new Refusal('is of a kind that is not supported');
  const check = read(key);
  key.end();
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return {
    fingerprint: `SHA256:${digest}`,
    verifies: (bytes, data) => {
      const signature = createWireReader(bytes);
      const isGood = check(signature.text(), signature, data);
      signature.end();
      return isGood;
    },
  };
}

/** All kinds but RSA have one algorithm, called like the kind. */
function only(algorithm: string, check: Check): Check {
  return (given, signature, data) => {
    if (given !== algorithm) throw new Refusal('is of another kind than its key');
    return check(given, signature, data);
  };
}

function ed25519(reader: WireReader): Check {
  const key = publicKey({ kty: 'OKP', crv: 'Ed25519', x: base64url(reader.string()) });
  return (_algorithm, signature, data) => verify(null, data, key, signature.string());
}

function ecdsa(reader: WireReader, { name, jwk, hash, size }: Curve): Check {
  if (reader.text() !== name) throw new Refusal('is of another curve than it says');
  const point = reader.string();
  // Uncompressed (SEC 1 section 2.3.3).
  if (point.length !== 1 + 2 * size || point[0] !== 4) throw new Refusal('holds no point');
  const x = base64url(point.subarray(1, 1 + size));
  const y = base64url(point.subarray(1 + size));
  const key = publicKey({ kty: 'EC', crv: jwk, x, y });
  return (_algorithm, signature, data) => {
    const numbers = createWireReader(signature.string());
    const [r, s] = [padded(numbers.mpint(), size), padded(numbers.mpint(), size)];
    numbers.end();
    return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat([r, s]));
  };
}

function rsa(reader: WireReader): Check {
  const [e, n] = [reader.mpint(), reader.mpint()];
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most) {
    throw new Refusal(`has ${bits} bits: RSA needs ${RSA_BITS.least} to ${RSA_BITS.most}`);
  }
  const key = publicKey({ kty: 'RSA', e: base64url(e), n: base64url(n) });
  return (algorithm, signature, data) => {
    const hash = Object.hasOwn(RSA_HASHES, algorithm) ? RSA_HASHES[algorithm] : undefined;
    if (hash === undefined) throw new Refusal('is made with a weak or unknown algorithm');
    return verify(hash, data, key, signature.string());
  };
}

/**
 * A key that lives in hardware signs more than the data: which application asked, whether somebody touched it, and how
 * often it has signed (PROTOCOL.u2f). A signature that nobody touched the key for does not count, as for sshd.
 */
function securityKey(reader: WireReader, check: Check): Check {
  const application = sha256(reader.string());
  return (algorithm, signature, data) => {
    const inner = signature.string();
    const [flags, counter] = [signature.take(1), signature.take(4)];
    if ((flags.readUInt8() & USER_PRESENT) === 0) {
      throw new Refusal('was made by a security key that nobody touched');
    }
    const signed = Buffer.concat([application, flags, counter, sha256(data)]);
    return check(algorithm, createWireReader(wireString(inner)), signed);
  };
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function publicKey(key: JsonWebKey) {
  try {
    return createPublicKey({ format: 'jwk', key });
  } catch {
    throw new Refusal('holds no valid public key');
  }
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

function padded(number: Buffer, size: number): Buffer {
  if (number.length > size) throw new Refusal('holds a number that is too large');
  return Buffer.concat([Buffer.alloc(size - number.length), number]);
}
