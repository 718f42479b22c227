import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError, UnverifiedCommitError } from '../../errors/errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import { causeOf } from '../git-errors.ts';
import { objection, parseAllowedSigners } from './allowed-signers.ts';
import type { Evidence, TagEvidence, Verify } from './evidence.ts';
import { readKeyring } from './open-pgp.ts';
import { Refusal } from './refusal.ts';
import {
  readSignedCommit,
  readSignedTag,
  type SignedObject,
  type SignedTag,
} from './signed-object.ts';
import { parseSshSignature } from './ssh-signature.ts';

/** Who may sign; at least one of the files. Each is read at each use, so that it can be changed. */
export interface VerifyOptions {
  /** As OpenSSH has it (ALLOWED SIGNERS in ssh-keygen(1)). */
  readonly allowedSignersFile?: string | undefined;
  /** Armored OpenPGP public keys. */
  readonly gpgKeyringFile?: string | undefined;
  readonly clock: Clock;
}

/** No commit that a person makes comes near; one that large only costs time. */
const MAX_OBJECT_BYTES = 1024 * 1024;

/**
 * Verification of what a ref names. An annotated tag with a signature stands for its commit; else the commit has to be
 * signed itself. A key has to be valid both at the time that the signed object gives and now: whoever signs sets the former
 * himself, so that alone it would not end a key that was stolen.
 */
export function createVerify(options: VerifyOptions): Verify {
  return async (evidence) => {
    const { commit, tag } = evidence;
    try {
      const signedTag = tag && readTag(tag, commit);
      if (signedTag?.signature !== undefined) return await signerOf(signedTag, options);
      return await signerOf(readCommit(evidence), options);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const message = `commit "${commit.slice(0, 12)}" is not taken: ${error.message}`;
      throw new UnverifiedCommitError(message, { details: { commit } });
    }
  };
}

function readTag({ id, name, object }: TagEvidence, commit: string): SignedTag {
  const tag = about('the tag', () => readSignedTag(checked('tag', id, object)));
  // Else a tag that somebody signed for another purpose could be put in its place.
  if (tag.name !== name) throw new Refusal('the tag that its ref names has another name');
  if (tag.commit !== commit) throw new Refusal('the tag is that of another commit');
  return tag;
}

function readCommit({ commit, object }: Evidence): SignedObject {
  return about('it', () => readSignedCommit(checked('commit', commit, object)));
}

/** The object, whose id is its hash. */
function checked(type: 'commit' | 'tag', id: string, object: Uint8Array): Uint8Array {
  if (object.length > MAX_OBJECT_BYTES) throw new Refusal('is too large');
  const hash = createHash('sha1').update(`${type} ${object.length}\0`).update(object).digest('hex');
  if (hash !== id) throw new Refusal('is damaged');
  return object;
}

function about<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`${what} ${error.message}`);
  }
}

async function signerOf(signed: SignedObject, options: VerifyOptions): Promise<string> {
  const { signature } = signed;
  if (signature === undefined) throw new Refusal('it is not signed');
  const verify = signature.startsWith('-----BEGIN SSH ')
    ? verifySsh
    : signature.startsWith('-----BEGIN PGP SIGNATURE')
      ? verifyOpenPgp
      : undefined;
  if (verify === undefined) throw new Refusal('its signature is neither one of SSH nor of OpenPGP');
  try {
    return await verify({ ...signed, signature }, options);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`its signature ${error.message}`);
  }
}

type Signed = SignedObject & { readonly signature: string };

async function verifySsh(
  { signature: armored, payload, email, at }: Signed,
  { allowedSignersFile: file, clock }: VerifyOptions,
): Promise<string> {
  if (file === undefined) {
    throw new Refusal('is one of SSH, and no --allowed-signers-file says who may sign so');
  }
  const signers = await readSigners(file, 'allowed signers', parseAllowedSigners);
  const signature = parseSshSignature(armored);
  const lines = signers.filter(({ keyBlob }) => keyBlob.equals(signature.keyBlob));
  const [line] = lines;
  if (line === undefined) {
    throw new Refusal('was made with a key that is not among the allowed signers');
  }
  if (!signature.verifies(line.key, payload)) throw new Refusal('does not fit what was signed');
  const objections = lines.map((each) => objection(each, email, [at, clock.now()]));
  if (!objections.includes(undefined)) {
    throw new Refusal(`was made with a key that ${objections.join(', and ')}`);
  }
  return `SSH ${line.key.fingerprint}`;
}

async function verifyOpenPgp(
  { signature, payload }: Signed,
  { gpgKeyringFile: file, clock }: VerifyOptions,
): Promise<string> {
  if (file === undefined) {
    throw new Refusal('is one of OpenPGP, and no --gpg-keyring-file says who may sign so');
  }
  const keyring = await readSigners(file, 'OpenPGP keys', readKeyring);
  return `OpenPGP ${await keyring.signerOf(signature, payload, clock.now())}`;
}

/** A file that says who may sign. Nobody may where it cannot be gone by: throws ConfigError. */
async function readSigners<T>(
  file: string,
  what: string,
  parse: (text: string) => T | Promise<T>,
): Promise<T> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`the file of ${what} cannot be read`, {
      details: { file, cause: causeOf(error) },
    });
  });
  try {
    return await parse(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new ConfigError(`the file of ${what} is not valid: ${error.message}`, {
      details: { file },
    });
  }
}
