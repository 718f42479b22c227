import type { PartialConfig, PublicKey, Signature } from 'openpgp';
import { Refusal } from './refusal.ts';

/** Keys whose signatures count. */
export interface Keyring {
  /**
   * The fingerprint of the key that made the signature over the payload, in capital letters. Throws Refusal for a signature
   * that does not count. `now` in milliseconds since the epoch.
   */
  signerOf(armored: string, payload: Uint8Array, now: number): Promise<string>;
}

const SIGNATURE =
  /^-----BEGIN PGP SIGNATURE-----\n(?:(?!-----)[^\n]*\n)*-----END PGP SIGNATURE-----\s*$/;
const BLOCK = /^-----BEGIN PGP ([A-Z ]+)-----[^]*?^-----END PGP \1-----[^\S\n]*$/gm;

/** A clock of somebody who commits may go before ours by this much. */
const SKEW_MS = 10 * 60_000;

/**
 * The library's own limits hold (no MD5, RIPEMD or SHA-1 under a message, RSA from 2047 bits on, no DSA). A key that was
 * prolonged has only a self-signature that is newer than what it signed before: that is no objection, since the key must be
 * valid now in any case.
 */
const CONFIG: PartialConfig = { allowInsecureVerificationWithReformattedKeys: true };

/**
 * Reads armored OpenPGP public keys: one block or several, a key or several in each. The library is loaded here and not
 * before: it takes 45 ms and 20 MiB.
 *
 * @throws Refusal for anything in it that is no public key; for a file without one too.
 */
export async function readKeyring(text: string): Promise<Keyring> {
  const blocks = [...text.matchAll(BLOCK)];
  const rest = blocks.reduce((left, [block]) => left.replace(block, ''), text);
  if (rest.includes('-----')) throw new Refusal('it holds a block that does not end');
  if (blocks.some(([, type]) => type !== 'PUBLIC KEY BLOCK')) {
    throw new Refusal('it holds something else than public keys');
  }
  if (blocks.length === 0) throw new Refusal('there is no public key in it');
  const { readKeys } = await import('openpgp');
  const keys: PublicKey[] = [];
  for (const [block] of blocks) {
    const found = await readKeys({ armoredKeys: block, config: CONFIG }).catch(() => {
      throw new Refusal('it holds a block that cannot be read');
    });
    keys.push(...found.map((key) => key.toPublic()));
  }
  // A copy from before a key was revoked would take the place of the later one.
  const fingerprints = new Set(keys.map((key) => key.getFingerprint()));
  if (fingerprints.size < keys.length) throw new Refusal('it holds a key more than once');
  return { signerOf: (armored, payload, now) => signerOf(keys, { armored, payload, now }) };
}

interface Question {
  readonly armored: string;
  readonly payload: Uint8Array;
  readonly now: number;
}

async function signerOf(
  keys: readonly PublicKey[],
  { armored, payload, now }: Question,
): Promise<string> {
  const { createMessage, verify } = await import('openpgp');
  const signature = await readOne(armored);
  const [keyID] = signature.getSigningKeyIDs();
  const key = keys.find((candidate) => candidate.getKeys(keyID).length > 0);
  if (key === undefined || keyID === undefined) {
    throw new Refusal('was made with a key that is not in the keyring');
  }
  const given = { message: await createMessage({ binary: payload }), signature };
  const date = new Date(now + SKEW_MS);
  const results = await verify({ ...given, verificationKeys: key, date, config: CONFIG });
  const isGood = await results.signatures[0]?.verified.catch(() => false);
  if (isGood !== true) throw new Refusal(await whyNot(key, now));
  await key.getSigningKey(keyID, new Date(now)).catch(async () => {
    throw new Refusal(await whyNot(key, now));
  });
  return key.getFingerprint().toUpperCase();
}

async function readOne(armored: string): Promise<Signature> {
  if (!SIGNATURE.test(armored)) throw new Refusal('is malformed');
  const { enums, readSignature } = await import('openpgp');
  const signature = await readSignature({ armoredSignature: armored, config: CONFIG }).catch(() => {
    throw new Refusal('is malformed');
  });
  const [only, second] = signature.packets;
  if (only === undefined || second !== undefined) throw new Refusal('is not exactly one');
  // Git has bytes signed, not a text whose line ends may differ.
  if (only.signatureType !== enums.signature.binary) throw new Refusal('is of the wrong kind');
  return signature;
}

/** The library's own words may quote; what can be said of the key is asked for again. */
async function whyNot(key: PublicKey, now: number): Promise<string> {
  if (await key.isRevoked(undefined, undefined, new Date(now))) {
    return 'was made with a key that is revoked';
  }
  const end = await key.getExpirationTime();
  if (end !== null && Number(end) <= now) return 'was made with a key that has expired';
  return 'does not fit what was signed, or is made with an algorithm or a key that does not count';
}
