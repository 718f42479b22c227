import { expect } from 'chai';
import fc from 'fast-check';
import {
  type CidrBlock,
  contains,
  formatBlock,
  hasRoom,
  isCidr,
  overlap,
  parseBlock,
} from '../../src/manifests/cidr-block.ts';

const anyAddress = fc.ipV4();
const anyBlock = fc
  .tuple(anyAddress, fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => parseBlock(`${address}/${length}`));

function addressesOf({ start, length }: CidrBlock): readonly number[] {
  return Array.from({ length: 2 ** (32 - length) }, (_, index) => start + index);
}

describe('CidrBlock', () => {
  for (const { text, want } of [
    { text: '10.0.0.0/8', want: true },
    { text: '0.0.0.0/0', want: true },
    { text: '1.2.3.4/32', want: true },
    { text: 'fd00::/48', want: true },
    { text: '10.0.0.0', want: false },
    { text: '10.0.0.0/33', want: false },
    { text: '10.0.0/8', want: false },
    { text: '010.0.0.0/8', want: false },
    { text: '0x0a.0.0.0/8', want: false },
    { text: '256.0.0.0/8', want: false },
    { text: '', want: false },
  ]) {
    it(`${want ? 'takes' : 'refuses'} "${text}" as a CIDR`, () => {
      expect(isCidr(text)).to.equal(want);
    });
  }

  it('is the same after formatting and parsing', () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        expect(parseBlock(formatBlock(block))).to.deep.equal(block);
      }),
    );
  });

  it('overlaps and contains as its addresses do', () => {
    const small = fc
      .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 26, max: 32 }))
      .map(([last, length]) => parseBlock(`10.0.0.${last}/${length}`));

    fc.assert(
      fc.property(small, small, (a, b) => {
        const inB = new Set(addressesOf(b));
        const shared = addressesOf(a).filter((address) => inB.has(address));

        expect(overlap(a, b)).to.equal(shared.length > 0);
        expect(contains(a, b)).to.equal(shared.length === inB.size);
      }),
    );
  });

  it('has room exactly when one of its parts is free', () => {
    const pool = parseBlock('10.0.0.0/26');
    const part = fc
      .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 26, max: 32 }))
      .map(([last, length]) => parseBlock(`10.0.0.${last}/${length}`));

    fc.assert(
      fc.property(
        fc.integer({ min: 24, max: 32 }),
        fc.array(part, { maxLength: 6 }),
        (length, taken) => {
          const starts = Array.from({ length: 64 }, (_, last) => `10.0.0.${last}/${length}`);
          const parts = starts.map(parseBlock).filter((block) => contains(pool, block));
          const free = parts.filter((block) => !taken.some((other) => overlap(block, other)));

          expect(hasRoom(pool, length, taken)).to.equal(free.length > 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
