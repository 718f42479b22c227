import { expect } from 'chai';
import fc from 'fast-check';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { readSeenAs, translateAddress } from '../../src/liqo/remap.ts';

interface Cidrs {
  readonly pod: readonly string[];
  readonly external: readonly string[];
}

const REMOTE: Cidrs = { pod: ['10.244.0.0/16'], external: ['10.70.0.0/16'] };
const SEEN: Cidrs = { pod: ['10.71.0.0/16'], external: ['10.68.0.0/16'] };

function aConfiguration({
  remote = REMOTE,
  seen = SEEN,
  generation = 2,
  conditions,
}: {
  readonly remote?: Cidrs;
  readonly seen?: unknown;
  readonly generation?: number;
  readonly conditions?: readonly unknown[];
} = {}): KubeObject {
  return {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind: 'Configuration',
    metadata: { name: 'milan', generation },
    spec: { remote: { cidr: remote } },
    status: { remote: { cidr: seen }, ...(conditions !== undefined && { conditions }) },
  };
}

function condition(observedGeneration: number, status = 'True'): unknown {
  return { type: 'NetworkCIDRsConfigured', status, observedGeneration };
}

describe('readSeenAs', () => {
  for (const [name, configuration, want] of [
    [
      'the condition is true for this generation',
      aConfiguration({ conditions: [condition(2)] }),
      SEEN,
    ],
    [
      'the condition is older than the spec',
      aConfiguration({ conditions: [condition(1)] }),
      undefined,
    ],
    ['the condition is false', aConfiguration({ conditions: [condition(2, 'False')] }), undefined],
    ['there are other conditions only', aConfiguration({ conditions: [{ type: 'X' }] }), undefined],
    ['there are no conditions, as up to v1.1', aConfiguration(), SEEN],
    ['the status is shorter', aConfiguration({ seen: { ...SEEN, pod: [] } }), undefined],
    ['the status has gaps', aConfiguration({ seen: { ...SEEN, external: [''] } }), undefined],
    ['the status has something odd', aConfiguration({ seen: { ...SEEN, pod: [7] } }), undefined],
    ['the status is missing', { ...aConfiguration(), status: undefined }, undefined],
    ['nothing was asked', aConfiguration({ remote: { pod: [], external: [] } }), undefined],
  ] as const) {
    it(`says ${want === undefined ? 'nothing' : 'the remap'} where ${name}`, () => {
      expect(readSeenAs(configuration)).to.deep.equal(want);
    });
  }
});

describe('translateAddress', () => {
  const configuration = aConfiguration({
    remote: { pod: ['10.1.0.0/16', '10.2.3.0/25'], external: ['10.70.0.0/16'] },
    seen: { pod: ['10.90.0.0/16', '192.168.7.128/25'], external: ['10.68.0.0/16'] },
  });
  for (const [address, want] of [
    ['10.1.3.7', { kind: 'translated', address: '10.90.3.7', type: 'pod' }],
    ['10.2.3.100', { kind: 'translated', address: '192.168.7.228', type: 'pod' }],
    ['10.2.3.200', { kind: 'outside' }],
    ['10.70.0.9', { kind: 'translated', address: '10.68.0.9', type: 'external' }],
    ['fd00::1', { kind: 'outside' }],
    ['nonsense', { kind: 'outside' }],
  ] as const) {
    it(`takes ${address} to ${JSON.stringify(want)}`, () => {
      expect(translateAddress(configuration, address)).to.deep.equal(want);
    });
  }

  it('says nothing before the present spec is configured', () => {
    const stale = aConfiguration({ conditions: [condition(1)] });

    expect(translateAddress(stale, '10.244.3.7')).to.deep.equal({ kind: 'pending' });
  });

  it('skips what is no prefix', () => {
    const odd = aConfiguration({
      remote: { pod: ['fd00::/48'], external: ['10.70.0.0/16'] },
      seen: { pod: ['fd01::/48'], external: ['10.68.0.0/16'] },
    });

    expect(translateAddress(odd, '10.70.1.1')).to.have.property('address', '10.68.1.1');
  });

  it('can be turned round by swapping spec and status', () => {
    const there = aConfiguration();
    const back = aConfiguration({ remote: SEEN, seen: REMOTE });
    fc.assert(
      fc.property(fc.nat({ max: 255 }), fc.nat({ max: 255 }), (high, low) => {
        const address = `10.244.${high}.${low}`;
        const seen = translateAddress(there, address);
        if (seen.kind !== 'translated') throw new Error('not translated');

        expect(translateAddress(back, seen.address)).to.have.property('address', address);
      }),
    );
  });
});
