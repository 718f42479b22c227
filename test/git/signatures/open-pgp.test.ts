import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import { readKeyring } from '../../../src/git/signatures/open-pgp.ts';
import { Refusal } from '../../../src/git/signatures/refusal.ts';
import { recordedFile } from '../../support/recorded-signatures.ts';
import { rejection } from '../read-source.ts';

const KEYS = readFileSync(recordedFile('keyring.asc'), 'utf8');
const GONE = readFileSync(recordedFile('gone.asc'), 'utf8');
const REVOKED = readFileSync(recordedFile('revoked.asc'), 'utf8');

describe('a keyring', () => {
  it('may have words around its blocks', async () => {
    await readKeyring(`The keys of the team\n\n${KEYS}\nand of her who left:\n${GONE}`);
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ['a key and the same key revoked', GONE + REVOKED, 'more than once'],
    ['a private key', KEYS.replaceAll('PUBLIC KEY', 'PRIVATE KEY'), 'something else'],
    ['a signature', KEYS.replaceAll('PUBLIC KEY BLOCK', 'SIGNATURE'), 'something else'],
    ['a block that does not end', `${KEYS}${GONE.replace(/-----END[^]*/, '')}`, 'does not end'],
    ['a block that is cut', KEYS.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n'), 'cannot be read'],
    ['no key', 'nothing', 'no public key'],
  ];
  for (const [name, text, why] of refused) {
    it(`is refused as a whole where it holds ${name}`, async () => {
      const error = await rejection(readKeyring(text));

      expect(error).to.be.instanceOf(Refusal);
      expect((error as Error).message).to.include(why);
    });
  }
});
