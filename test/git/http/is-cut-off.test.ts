import { expect } from 'chai';
import { isCutOff } from '../../../src/git/http/is-cut-off.ts';

describe('isCutOff', () => {
  const whole = Buffer.from('0008NAK\n0009\u0001PACK0000', 'latin1');

  it('is false for pkt-lines with a flush at the end, and for more than one part', () => {
    expect(isCutOff(whole)).to.equal(false);
    expect(isCutOff(Buffer.from('000ashallo0000'))).to.equal(false);
    expect(isCutOff(Buffer.concat([Buffer.from('00000001'), whole]))).to.equal(false);
  });

  it('is false where the server says that it gives up', () => {
    expect(isCutOff(Buffer.from('0008NAK\n0011ERR not ours\n'))).to.equal(false);
    expect(isCutOff(Buffer.from('0008NAK\n000a\u0003fatal'))).to.equal(false);
  });

  it('is true wherever it is cut', () => {
    for (let length = 1; length < whole.length; length += 1) {
      expect(isCutOff(whole.subarray(0, length)), String(length)).to.equal(true);
    }
  });

  it('is false for nothing at all, which is how a server refuses what it cannot give', () => {
    expect(isCutOff(new Uint8Array())).to.equal(false);
  });

  it('is false for a pack without lines around it', () => {
    expect(isCutOff(Buffer.from('0008NAK\nPACK and so on'))).to.equal(false);
  });
});
