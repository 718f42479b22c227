import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';
import fc from 'fast-check';

import { UnverifiedCommitError } from '../../../src/errors/errors.ts';
import { createVerify } from '../../../src/git/signatures/create-verify.ts';
import type { Verify } from '../../../src/git/signatures/evidence.ts';
import { Refusal } from '../../../src/git/signatures/refusal.ts';
import { parseSshKey } from '../../../src/git/signatures/ssh-key.ts';
import { parseSshSignature } from '../../../src/git/signatures/ssh-signature.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { evidenceOf } from '../../support/recorded-signatures.ts';
import {
  createSshSigner,
  type SignatureForm,
  signedCommit,
  type SignerType,
} from '../../support/ssh-signer.ts';
import { makeTempDir } from '../../support/temp-git.ts';
import { rejection } from '../read-source.ts';

const UNSIGNED = Buffer.from(`tree ${'0123456789'.repeat(4)}
author Ada <ada@example.com> 1780000000 +0000
committer Ada <ada@example.com> 1780000000 +0000

Connect rome and milan
`);
const TYPES: readonly SignerType[] = ['ed25519', 'ecdsa', 'rsa', 'sk-ed25519', 'sk-ecdsa'];
const signers = new Map(TYPES.map((type) => [type, createSshSigner(type)]));

function signerOf(type: SignerType) {
  return signers.get(type)!;
}

describe('signatures of SSH', () => {
  let dir: string;
  let verify: Verify;

  before(async () => {
    dir = await makeTempDir();
    const allowedSignersFile = join(dir, 'allowed_signers');
    const lines = [...signers.values()].map(({ publicKey }) => `*@example.com ${publicKey}`);
    await writeFile(allowedSignersFile, lines.join('\n'));
    verify = createVerify({ allowedSignersFile, clock: new FakeClock(1_780_000_000_000) });
  });
  after(() => rm(dir, { recursive: true }));

  async function refusal(object: Buffer): Promise<string> {
    const error = await rejection(verify(evidenceOf(object)));
    expect(error).to.be.instanceOf(UnverifiedCommitError);
    return (error as Error).message;
  }

  for (const type of TYPES) {
    it(`count, of ${type}, over any content`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array(),
          fc.constantFrom('sha256', 'sha512'),
          async (end, hash) => {
            const object = signedCommit(Buffer.concat([UNSIGNED, end]), signerOf(type), { hash });

            expect(await verify(evidenceOf(object))).to.match(/^SSH SHA256:/);
          },
        ),
        { numRuns: 20 },
      );
    });

    it(`do not count, of ${type}, with any bit of the commit or the signature flipped`, async () => {
      const object = signedCommit(UNSIGNED, signerOf(type));
      await fc.assert(
        fc.asyncProperty(fc.nat(object.length * 8 - 1), async (bit) => {
          const forged = Buffer.from(object);
          forged[bit >> 3]! ^= 1 << (bit & 7);

          await refusal(forged);
        }),
        { numRuns: 300 },
      );
    });

    it(`do not count, of ${type}, when anything is cut out of them`, () => {
      const whole = Buffer.from(bodyOf(signerOf(type).sign(UNSIGNED)), 'base64');
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 80 }), (from, length) => {
          const cut = Buffer.concat([whole.subarray(0, from), whole.subarray(from + length)]);

          expect(holds(armored(cut), type)).to.equal(false);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('that are random never count, and are refused in words', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, begins) => {
        const start = begins ? Buffer.from('SSHSIG\0\0\0\x01', 'latin1') : Buffer.alloc(0);

        expect(() => parseSshSignature(armored(Buffer.concat([start, bytes])))).to.throw(Refusal);
      }),
    );
  });

  it('of keys that are random are refused in words', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...signers.values()),
        fc.nat(400),
        fc.uint8Array({ maxLength: 40 }),
        ({ publicKey }, at, bytes) => {
          const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
          const broken = Buffer.concat([blob.subarray(0, at), bytes]);
          try {
            parseSshKey(broken);
          } catch (error) {
            expect(error).to.be.instanceOf(Refusal);
          }
        },
      ),
    );
  });

  const refused: readonly (readonly [string, SignerType, SignatureForm, RegExp])[] = [
    ['for another purpose', 'ed25519', { namespace: 'file' }, /not made for Git/],
    ['over SHA-1', 'ed25519', { hash: 'sha1' }, /weak or unknown hash/],
    ['of RSA with SHA-1', 'rsa', { algorithm: 'ssh-rsa' }, /weak or unknown algorithm/],
    ['of another kind than the key', 'ed25519', { algorithm: 'rsa-sha2-512' }, /another kind/],
    [
      'with something that is not signed by all',
      'ed25519',
      { reserved: 'x' },
      /more than it should/,
    ],
    ['of a security key that nobody touched', 'sk-ed25519', { flags: 0 }, /nobody touched/],
    ['of a security key that nobody touched (ECDSA)', 'sk-ecdsa', { flags: 4 }, /nobody touched/],
  ];
  for (const [name, type, form, why] of refused) {
    it(`do not count ${name}`, async () => {
      expect(await refusal(signedCommit(UNSIGNED, signerOf(type), form))).to.match(why);
    });
  }

  it('count of RSA with SHA-256 too', async () => {
    const object = signedCommit(UNSIGNED, signerOf('rsa'), { algorithm: 'rsa-sha2-256' });

    expect(await verify(evidenceOf(object))).to.match(/^SSH /);
  });

  it('do not count of a key that is not listed', async () => {
    const object = signedCommit(UNSIGNED, createSshSigner());

    expect(await refusal(object)).to.include('not among the allowed signers');
  });

  it('need a key of RSA that is large enough', () => {
    const { publicKey } = createSshSigner('rsa-small');

    expect(() => parseSshKey(Buffer.from(publicKey.split(' ')[1] ?? '', 'base64'))).to.throw(
      Refusal,
      '1024 bits',
    );
  });
});

/** Whether it counts as one of that key over the commit. */
function holds(signature: string, type: SignerType): boolean {
  const blob = Buffer.from(signerOf(type).publicKey.split(' ')[1] ?? '', 'base64');
  try {
    const { keyBlob, verifies } = parseSshSignature(signature);
    return keyBlob.equals(blob) && verifies(parseSshKey(blob), UNSIGNED);
  } catch (error) {
    expect(error).to.be.instanceOf(Refusal);
    return false;
  }
}

function bodyOf(signature: string): string {
  return signature.replaceAll(/^-----.*$/gm, '').replaceAll('\n', '');
}

function armored(bytes: Buffer): string {
  return `-----BEGIN SSH SIGNATURE-----\n${bytes.toString('base64')}\n-----END SSH SIGNATURE-----`;
}
