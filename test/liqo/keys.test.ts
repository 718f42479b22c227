import { expect } from 'chai';
import { isPublicKey, keyFingerprint } from '../../src/liqo/keys.ts';

const KEY = 'GWzDZ/vBe/3aqLLSHApiQDta6qIuJWFIY6f6Ql6EA04=';

describe('isPublicKey', () => {
  for (const [name, text, want] of [
    ['a whole key', KEY, true],
    ['three bytes, which make Liqo panic', 'AAAA', false],
    ['33 bytes', Buffer.alloc(33).toString('base64'), false],
    ['nothing', '', false],
    ['no base64', '***', false],
    ['the URL form of base64', KEY.replace('/', '_'), false],
    ['a key with something after it', `${KEY}\n`, false],
  ] as const) {
    it(`says ${String(want)} of ${name}`, () => {
      expect(isPublicKey(text)).to.equal(want);
    });
  }
});

describe('keyFingerprint', () => {
  it('is the SHA-256 of the raw bytes, as OpenSSH writes it', () => {
    expect(keyFingerprint(Buffer.alloc(32).toString('base64'))).to.equal(
      'SHA256:Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU',
    );
  });

  it('does not show the key', () => {
    expect(keyFingerprint(KEY)).not.to.include(KEY.slice(0, 8));
  });
});
