import { createHash } from 'node:crypto';

/** Length of a WireGuard key. A shorter one makes Liqo's reconcile panic (NETWORK.md 3.1). */
const KEY_BYTES = 32;

/** True for the base64 of a whole WireGuard key. */
export function isPublicKey(base64: string): boolean {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === KEY_BYTES && bytes.toString('base64') === base64;
}

/** A short name for a public key that people can compare: `SHA256:` and the base64 of the hash, as OpenSSH does. */
export function keyFingerprint(base64: string): string {
  const hash = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64');
  return `SHA256:${hash.replace(/=+$/, '')}`;
}
