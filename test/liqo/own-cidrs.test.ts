import { expect } from 'chai';
import { announceTo, findCIDRProblem, readOwnCIDRs } from '../../src/liqo/own-cidrs.ts';
import { anOwnNetwork, ownNetworks } from '../support/builders/a-known-side.ts';

describe('readOwnCIDRs', () => {
  it('takes the status, in the order of the names', () => {
    const networks = [
      anOwnNetwork({ name: 'pod-cidr-b', cidr: '10.2.0.0/16' }),
      anOwnNetwork({ type: 'external-cidr', cidr: '10.70.0.0/16' }),
      anOwnNetwork({ name: 'pod-cidr-a', cidr: '10.3.0.0/16' }),
      anOwnNetwork({ type: 'service-cidr', cidr: '10.70.0.0/16' }),
    ];

    expect(readOwnCIDRs(networks)).to.deep.equal({
      kind: 'known',
      cidrs: { pod: ['10.3.0.0/16', '10.2.0.0/16'], external: ['10.70.0.0/16'] },
    });
  });

  const external = anOwnNetwork({ type: 'external-cidr', cidr: '10.70.0.0/16' });
  const remapped = { ...external, spec: { cidr: '10.1.0.0/16' } };
  for (const [name, networks, want] of [
    ['no Network at all', [], 'no Network of type pod-cidr'],
    ['no external Network', [anOwnNetwork()], 'no Network of type external-cidr'],
    [
      'a Network without status, whatever its spec says',
      [anOwnNetwork({ name: 'p', cidr: undefined }), external],
      'status.cidr of Network p',
    ],
    [
      'a Network with an empty status',
      [anOwnNetwork({ name: 'p', cidr: '' }), external],
      'status.cidr of Network p',
    ],
  ] as const) {
    it(`waits for ${name}`, () => {
      expect(readOwnCIDRs(networks)).to.deep.equal({ kind: 'pending', message: want });
    });
  }

  it('does not look at the spec', () => {
    expect(readOwnCIDRs([anOwnNetwork(), remapped])).to.have.nested.property(
      'cidrs.external[0]',
      '10.70.0.0/16',
    );
  });

  for (const [name, options, want] of [
    ['host bits', { pod: ['10.200.0.1/16'] }, /"10\.200\.0\.1\/16" is not an IPv4 prefix/],
    ['IPv6', { pod: ['fd00::/48'] }, /"fd00::\/48" is IPv6, and Liqo connects IPv4 only$/],
    ['duplicates', { pod: ['10.1.0.0/16', '10.1.0.0/16'] }, /overlap/],
    ['prefixes in each other', { pod: ['10.1.0.0/16', '10.1.2.0/24'] }, /overlap/],
    ['an external prefix in a pod prefix', { external: ['10.200.1.0/24'] }, /overlap/],
  ] as const) {
    it(`refuses ${name}`, () => {
      const cidrs = readOwnCIDRs(ownNetworks(options));

      expect(cidrs.kind).to.equal('invalid');
      expect(cidrs).to.have.property('message').that.matches(want);
    });
  }
});

describe('findCIDRProblem', () => {
  it('refuses an empty list, which breaks old versions', () => {
    expect(findCIDRProblem([])).to.equal('the list is empty');
  });

  it('finds nothing wrong with good ones', () => {
    expect(findCIDRProblem(['10.1.0.0/16', '10.2.0.0/16'])).to.be.undefined;
  });
});

describe('announceTo', () => {
  const cidrs = { pod: ['10.1.0.0/16', '10.2.0.0/16'], external: ['10.70.0.0/16'] };

  it('tells all from v1.2 on', () => {
    expect(announceTo('v1.2.0', cidrs)).to.deep.equal(cidrs);
  });

  it('tells the first of each before', () => {
    expect(announceTo('v1.1.2', cidrs)).to.deep.equal({ ...cidrs, pod: ['10.1.0.0/16'] });
  });
});
