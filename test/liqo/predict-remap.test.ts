import { expect } from 'chai';
import fc from 'fast-check';
import { overlap, parseCIDR } from '../../src/liqo/cidr.ts';
import { predictRemap, type TakenPrefix } from '../../src/liqo/predict-remap.ts';
import { createIpam } from '../../src/sandbox/liqo/ipam.ts';

const OWN: readonly TakenPrefix[] = [
  { cidr: '10.200.0.0/16', what: 'its own pod CIDR' },
  { cidr: '10.112.0.0/16', what: 'its own service CIDR' },
  { cidr: '10.70.0.0/16', what: 'its own external CIDR' },
  { cidr: '10.80.0.0/16', what: 'its own internal CIDR' },
];

/** A prefix within Liqo's pools, or just outside of them. */
const prefixes = fc
  .tuple(
    fc.constantFrom('10.0', '10.64', '10.70', '10.71', '10.200', '192.168', '172.16', '100.64'),
    fc.integer({ min: 12, max: 24 }),
    fc.nat({ max: 255 }),
  )
  .map(([start, length, third]) => {
    const [first = 0, second = 0] = start.split('.').map(Number);
    const number = first * 2 ** 24 + second * 2 ** 16 + third * 2 ** 8;
    const base = number - (number % 2 ** (32 - length));
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
    return `${octets.join('.')}/${length}`;
  });

function seen(pod: readonly string[], external: readonly string[], taken = OWN, version?: string) {
  return predictRemap({ pod, external }, taken, version).map(({ seenAs }) => seenAs);
}

describe('predictRemap', () => {
  it('gives what real leaves gave for the same pod CIDR on both, and says why', () => {
    expect(
      predictRemap({ pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] }, OWN, 'v1.2.0'),
    ).to.deep.equal([
      {
        kind: 'pod',
        cidr: '10.200.0.0/16',
        seenAs: '10.71.0.0/16',
        clash: '10.200.0.0/16 is its own pod CIDR',
      },
      {
        kind: 'external',
        cidr: '10.70.0.0/16',
        seenAs: '10.68.0.0/16',
        clash: '10.70.0.0/16 is its own external CIDR',
      },
    ]);
  });

  it('keeps a prefix that is free', () => {
    expect(predictRemap({ pod: ['10.203.0.0/16'], external: [] }, OWN, undefined)).to.deep.equal([
      { kind: 'pod', cidr: '10.203.0.0/16', seenAs: '10.203.0.0/16', clash: '' },
    ]);
  });

  it('takes a part that is in use for in use', () => {
    expect(predictRemap({ pod: ['10.192.0.0/12'], external: [] }, OWN, undefined)[0]).to.include({
      seenAs: '10.96.0.0/12',
      clash: '10.200.0.0/16 is its own pod CIDR',
    });
    expect(seen(['10.200.4.0/24'], [])).not.to.include('10.200.4.0/24');
  });

  it('never gives one prefix twice', () => {
    expect(seen(['10.200.0.0/16', '10.71.0.0/16'], [])).to.deep.equal([
      '10.71.0.0/16',
      '10.68.0.0/16',
    ]);
  });

  it('has nothing for what is larger than every free part of the pools', () => {
    const all = [{ cidr: '10.0.0.0/9', what: 'its own pod CIDR' }];

    expect(seen(['10.0.0.0/8'], [], all)).to.deep.equal([undefined]);
  });

  it('remaps from outside the pools from v1.2 on, and before never', () => {
    expect(seen(['100.64.0.0/16'], [], [], 'v1.2.0')).to.deep.equal(['10.0.0.0/16']);
    expect(seen(['100.64.0.0/16'], [], [], 'v1.1.2')).to.deep.equal([undefined]);
  });

  it('leaves out what is no IPv4 prefix', () => {
    expect(seen(['fd00::/48'], [], [{ cidr: 'fd00::/48', what: 'its own' }])).to.deep.equal([]);
  });

  it('never gives what overlaps with what the cluster has itself, or with another that it gave', () => {
    fc.assert(
      fc.property(
        fc.array(prefixes, { maxLength: 6 }),
        fc.array(prefixes, { minLength: 1, maxLength: 4 }),
        (own, pod) => {
          const taken = own.map((cidr) => ({ cidr, what: 'its own' }));
          const given = seen(pod, [], taken, 'v1.2.0').filter((cidr) => cidr !== undefined);
          for (const [index, cidr] of given.entries()) {
            const others = [...own, ...given.slice(0, index)];
            for (const other of others) {
              expect(overlap(parseCIDR(cidr)!, parseCIDR(other)!), `${cidr} ${other}`).to.be.false;
            }
          }
        },
      ),
    );
  });

  it('gives what the IPAM of an embedded leaf gives', () => {
    fc.assert(
      fc.property(
        fc.array(prefixes, { maxLength: 6 }),
        fc.array(prefixes, { minLength: 1, maxLength: 4 }),
        (own, pod) => {
          const ipam = createIpam();
          // What the IPAM would not take for its own either is no Network of the leaf.
          const taken = own.filter((cidr) => !ipam.inPools(cidr) || ipam.reserve(cidr));
          const isOutside = taken.some((cidr) => !ipam.inPools(cidr));
          fc.pre(!isOutside);
          expect(
            seen(
              pod,
              [],
              taken.map((cidr) => ({ cidr, what: 'its own' })),
              'v1.2.0',
            ),
          ).to.deep.equal(pod.map((cidr) => ipam.acquire(cidr)));
        },
      ),
    );
  });
});
