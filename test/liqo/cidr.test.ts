import { expect } from 'chai';
import fc from 'fast-check';
import { canBeRemapped, isIPv4, overlap, parseCIDR } from '../../src/liqo/cidr.ts';

describe('parseCIDR', () => {
  for (const text of ['10.0.0.0/8', '10.200.0.0/16', '0.0.0.0/0', '192.0.2.1/32']) {
    it(`takes ${text}`, () => {
      const cidr = parseCIDR(text);

      expect(`${String(cidr?.network)}/${cidr?.length ?? ''}`).to.equal(text);
    });
  }

  for (const text of [
    '10.200.0.1/16',
    '10.200.0.0',
    '300.1.0.0/16',
    '10.200.0.0/33',
    '10.1/16',
    'fd00::/48',
    '',
    '10.0.0.0/8 ',
  ]) {
    it(`refuses "${text}"`, () => {
      expect(parseCIDR(text)).to.be.undefined;
    });
  }
});

describe('isIPv4', () => {
  for (const [text, want] of [
    ['10.0.0.1', true],
    ['10.0.1', false],
    ['010.0.0.1', false],
    ['::1', false],
    ['rome.example', false],
  ] as const) {
    it(`says ${String(want)} of "${text}"`, () => {
      expect(isIPv4(text)).to.equal(want);
    });
  }
});

const cidrs = fc
  .tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => {
    const size = 2 ** (32 - length);
    const first = Math.floor(address / size) * size;
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
    return { first, last: first + size - 1, text: `${octets.join('.')}/${length}` };
  });

describe('overlap', () => {
  it('is what the ranges of addresses say', () => {
    fc.assert(
      fc.property(cidrs, cidrs, (a, b) => {
        const want = a.first <= b.last && b.first <= a.last;

        expect(overlap(parseCIDR(a.text)!, parseCIDR(b.text)!)).to.equal(want);
      }),
    );
  });
});

describe('canBeRemapped', () => {
  for (const [text, version, want] of [
    ['10.200.0.0/16', 'v1.1.2', true],
    ['172.16.0.0/12', 'v1.1.2', true],
    ['192.168.3.0/24', 'v1.1.2', true],
    ['172.0.0.0/9', 'v1.1.2', false],
    ['100.64.0.0/10', 'v1.1.2', false],
    ['100.64.0.0/10', 'v1.2.0', true],
    ['10.0.0.0/8', 'v1.2.0', false],
    ['nonsense', 'v1.2.0', false],
  ] as const) {
    it(`says ${String(want)} of ${text} for ${version}`, () => {
      expect(canBeRemapped(text, version)).to.equal(want);
    });
  }
});
