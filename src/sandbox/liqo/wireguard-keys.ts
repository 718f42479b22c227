import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

/** A WireGuard key pair: base64 of the raw 32 bytes each, as in Secrets and PublicKeys (NETWORK.md section 6). */
export interface WireGuardKeys {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** DER prefix of a PKCS#8 X25519 private key (RFC 8410); the 32 raw bytes follow. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

export const KEY_LENGTH = 32;

export function generateKeys(): WireGuardKeys {
  const der = generateKeyPairSync('x25519').privateKey.export({ format: 'der', type: 'pkcs8' });
  const privateKey = der.subarray(-KEY_LENGTH).toString('base64');
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

/** The public key that belongs to a private one; throws a TypeError unless it has 32 bytes. */
export function publicKeyOf(privateKey: string): string {
  const raw = Buffer.from(privateKey, 'base64');
  if (raw.length !== KEY_LENGTH) throw new TypeError('a WireGuard private key has 32 bytes');
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, raw]),
    format: 'der',
    type: 'pkcs8',
  });
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return der.subarray(-KEY_LENGTH).toString('base64');
}
