import { expect } from 'chai';
import { generateKeys, publicKeyOf } from '../../../src/sandbox/liqo/wireguard-keys.ts';

describe('WireGuard keys', () => {
  it('are 32 raw bytes each, and belong together', () => {
    const { privateKey, publicKey } = generateKeys();

    expect(Buffer.from(privateKey, 'base64')).to.have.length(32);
    expect(Buffer.from(publicKey, 'base64')).to.have.length(32);
    expect(publicKeyOf(privateKey)).to.equal(publicKey);
  });

  it('are X25519: the test vector of RFC 7748 section 6.1', () => {
    const alice = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';

    const publicKey = publicKeyOf(Buffer.from(alice, 'hex').toString('base64'));

    expect(Buffer.from(publicKey, 'base64').toString('hex')).to.equal(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    );
  });

  it('refuses a private key of another length', () => {
    expect(() => publicKeyOf('AAAA')).to.throw(TypeError);
  });
});
