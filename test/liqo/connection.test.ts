import { expect } from 'chai';
import { gatewayUIDOf, parseLatency, readConnection } from '../../src/liqo/connection.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';

function aConnection(status?: unknown): KubeObject {
  return {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind: 'Connection',
    metadata: { name: 'gw-milan', namespace: 'liqo-tenant-milan' },
    spec: { type: 'Client', gatewayRef: { uid: 'b47fa2e9' } },
    ...(status !== undefined && { status }),
  };
}

describe('parseLatency', () => {
  for (const [text, want] of [
    ['12ms', 12],
    ['830\u00b5s', 0.83],
    ['990\u03bcs', 0.99],
    ['5us', 0.005],
    ['1m2.5s', 62_500],
    ['1h', 3_600_000],
    ['250ns', 0.00025],
    ['81982ms', 81_982],
    ['N/A', undefined],
    ['', undefined],
    ['12', undefined],
    ['12ms!', undefined],
    ['-3ms', undefined],
  ] as const) {
    it(`reads "${text}"`, () => {
      const ms = parseLatency(text);

      if (want === undefined) expect(ms).to.be.undefined;
      else expect(ms).to.be.closeTo(want, 1e-9);
    });
  }
});

describe('readConnection', () => {
  it('reads value and latency', () => {
    const latency = { value: '3ms', timestamp: '2026-11-22T15:18:41Z' };

    expect(readConnection(aConnection({ value: 'Connected', latency }))).to.deep.equal({
      value: 'Connected',
      latency: '3ms',
      latencyMs: 3,
    });
  });

  for (const [name, status, value] of [
    [
      'an error, whose time is null',
      { value: 'Error', latency: { value: 'N/A', timestamp: null } },
      'Error',
    ],
    ['one that is connecting', { value: 'Connecting', latency: {} }, 'Connecting'],
    ['one without status', undefined, 'None'],
    ['a value that Liqo does not document', { value: 'Soon' }, 'None'],
  ] as const) {
    it(`reads ${name}`, () => {
      expect(readConnection(aConnection(status))).to.deep.equal({ value });
    });
  }
});

describe('gatewayUIDOf', () => {
  it('reads whose Connection it is', () => {
    expect(gatewayUIDOf(aConnection())).to.equal('b47fa2e9');
    expect(gatewayUIDOf({ ...aConnection(), spec: {} })).to.be.undefined;
  });
});
