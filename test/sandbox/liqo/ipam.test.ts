import { expect } from 'chai';
import fc from 'fast-check';
import { addressIn, createIpam, type Ipam } from '../../../src/sandbox/liqo/ipam.ts';

/** The address space of a leaf as every recording begins: its own prefixes are taken. */
function recordedLeaf(podCIDR: string): Ipam {
  const ipam = createIpam();
  for (const own of [podCIDR, '10.112.0.0/16', '10.70.0.0/16', '10.80.0.0/16']) ipam.reserve(own);
  return ipam;
}

describe('IPAM of a simulated leaf', () => {
  it('remaps as recorded in the connection of rome and milan', () => {
    const ipam = recordedLeaf('10.200.0.0/16');

    expect(ipam.acquire('10.200.0.0/16')).to.equal('10.71.0.0/16');
    expect(ipam.acquire('10.70.0.0/16')).to.equal('10.68.0.0/16');
    // rome's second peer, naples: its own pod CIDR is free, its external one is not
    expect(ipam.acquire('10.203.0.0/16')).to.equal('10.203.0.0/16');
    expect(ipam.acquire('10.70.0.0/16')).to.equal('10.69.0.0/16');
  });

  it('remaps as recorded on naples through changes and deletions', () => {
    const ipam = recordedLeaf('10.203.0.0/16');

    expect(ipam.acquire('10.203.0.0/16')).to.equal('10.71.0.0/16');
    expect(ipam.acquire('10.70.0.0/16')).to.equal('10.68.0.0/16');
    ipam.release('10.71.0.0/16');
    expect(ipam.acquire('10.99.0.0/16')).to.equal('10.99.0.0/16');
    expect(ipam.acquire('10.203.0.0/16')).to.equal('10.69.0.0/16');
    ipam.release('10.99.0.0/16');
    expect(ipam.acquire('10.200.0.0/16')).to.equal('10.200.0.0/16');
    expect(ipam.acquire('10.70.0.0/16')).to.equal('10.71.0.0/16');
    expect(ipam.acquire('10.200.0.0/16')).to.equal('10.64.0.0/16');
    expect(ipam.acquire('10.70.0.0/16')).to.equal('10.65.0.0/16');
  });

  it('finds a prefix for one outside all pools, and says that it is outside', () => {
    const ipam = createIpam();

    expect(ipam.inPools('100.64.0.0/16')).to.equal(false);
    expect(ipam.inPools('192.168.1.0/24')).to.equal(true);
    expect(ipam.acquire('100.64.0.0/16')).to.equal('10.0.0.0/16');
  });

  it('has nothing left for a prefix as large as a pool that is in use', () => {
    const ipam = createIpam(['10.0.0.0/8']);
    ipam.reserve('10.1.0.0/16');

    expect(ipam.acquire('10.0.0.0/8')).to.equal(undefined);
  });

  it('does not hand out a part of what is taken whole', () => {
    const ipam = createIpam(['10.0.0.0/8']);
    ipam.reserve('10.0.0.0/8');

    expect(ipam.acquire('10.1.0.0/16')).to.equal(undefined);
    expect(ipam.reserve('10.1.0.0/16')).to.equal(false);
  });

  it('ignores the release of what was never given', () => {
    const ipam = createIpam(['10.0.0.0/8']);
    ipam.release('10.1.0.0/16');
    ipam.release('172.16.0.0/16');

    expect(ipam.acquire('10.0.0.0/8')).to.equal('10.0.0.0/8');
  });

  it('counts addresses in a prefix', () => {
    expect(addressIn('10.80.0.0/16', 1)).to.equal('10.80.0.1');
    expect(addressIn('10.200.0.0/16', 300)).to.equal('10.200.1.44');
  });

  it('never gives an address twice, and is whole again when all is released', () => {
    const prefix = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 9, max: 20 }))
      .map(([byte, length]) => `10.${byte}.0.0/${length}`);
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 30 }), (wanted) => {
        const ipam = createIpam(['10.0.0.0/8']);
        const given = wanted.map((cidr) => ipam.acquire(cidr)).filter((cidr) => cidr !== undefined);

        for (const [index, one] of given.entries()) {
          for (const other of given.slice(index + 1)) {
            expect(overlap(one, other), `${one} and ${other}`).to.equal(false);
          }
        }
        for (const cidr of given) ipam.release(cidr);
        expect(ipam.acquire('10.0.0.0/8')).to.equal('10.0.0.0/8');
      }),
    );
  });
});

function overlap(one: string, other: string): boolean {
  const [first, second] = [range(one), range(other)];
  return first.from < second.to && second.from < first.to;
}

function range(cidr: string): { readonly from: number; readonly to: number } {
  const [address = '', length = ''] = cidr.split('/');
  const from = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return { from, to: from + 2 ** (32 - Number(length)) };
}
