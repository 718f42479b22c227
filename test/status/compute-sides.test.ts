import { expect } from 'chai';
import fc from 'fast-check';
import { keyFingerprint } from '../../src/liqo/keys.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { SideStatus } from '../../src/model/shortcut.ts';
import type { KnownSide } from '../../src/plan/observation.ts';
import { computeSides, latencyToWrite, type SidesInput } from '../../src/status/compute-sides.ts';
import { aKnownSide, anUnknownSide, ownNetworks } from '../support/builders/a-known-side.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { aGatewayServer, aPlan, aSideConnection } from './samples.ts';
import { without } from './without.ts';

const NOW = Date.parse('2026-02-03T04:05:06.000Z');
const EARLIER = '2026-01-01T00:00:00.000Z';
const KEY = Buffer.alloc(32, 7).toString('base64');

const wgServer: KubeObject = {
  apiVersion: 'networking.liqo.io/v1beta1',
  kind: 'WgGatewayServer',
  metadata: {
    name: 'milan',
    namespace: 'liqo-tenant-milan',
    ownerReferences: [{ apiVersion: 'v1', kind: 'GatewayServer', name: 'milan', uid: 'gateway-1' }],
  },
  status: { endpoint: { addresses: ['172.18.0.2', '172.18.0.3'], port: 30999, protocol: 'UDP' } },
};

/** What `observer` says of its peer: the peer's own prefixes, and what they were remapped to. */
function aConfiguration(seen: readonly string[] | undefined): KubeObject {
  return {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind: 'Configuration',
    metadata: { name: 'peer', namespace: 'liqo-tenant-peer' },
    spec: { remote: { cidr: { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] } } },
    ...(seen === undefined
      ? {}
      : { status: { remote: { cidr: { pod: [seen[0]], external: [seen[1]] } } } }),
  };
}

function aServerSide(overrides: Partial<KnownSide> = {}): KnownSide {
  return aKnownSide({
    configurations: [aConfiguration(['10.68.0.0/16', '10.69.0.0/16'])],
    gatewayServers: [aGatewayServer()],
    wgGateways: [wgServer],
    ...overrides,
  });
}

function aClientSide(overrides: Partial<KnownSide> = {}): KnownSide {
  return aKnownSide({
    cluster: 'milan',
    configurations: [aConfiguration(['10.71.0.0/16', '10.72.0.0/16'])],
    gatewayClients: [
      {
        apiVersion: 'networking.liqo.io/v1beta1',
        kind: 'GatewayClient',
        metadata: { name: 'rome', namespace: 'liqo-tenant-rome', uid: 'gateway-2' },
      },
    ],
    publicKeys: [
      {
        apiVersion: 'networking.liqo.io/v1beta1',
        kind: 'PublicKey',
        metadata: { name: 'rome', namespace: 'liqo-tenant-rome' },
        spec: { publicKey: KEY },
      },
    ],
    ...overrides,
  });
}

function anInput(overrides: Partial<SidesInput> = {}): SidesInput {
  return {
    shortcut: aShortcut(),
    sides: [aServerSide(), aClientSide()],
    plan: aPlan(),
    connections: [aSideConnection({ latency: '12ms' }), aSideConnection({ cluster: 'milan' })],
    reported: new Map(),
    now: NOW,
    ...overrides,
  };
}

function sidesOf(overrides: Partial<SidesInput> = {}): readonly [SideStatus, SideStatus] {
  const [first, second] = computeSides(anInput(overrides));
  return [first!, second!];
}

describe('computeSides', () => {
  it('describes the side that listens', () => {
    expect(sidesOf()[0]).to.deep.equal({
      cluster: 'rome',
      clusterID: 'rome',
      role: 'Server',
      liqoVersion: 'v1.2.0',
      cidrs: { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] },
      seenAs: { pod: ['10.71.0.0/16'], external: ['10.72.0.0/16'] },
      gateway: {
        name: 'milan',
        namespace: 'liqo-tenant-milan',
        endpoint: { address: '172.18.0.2', port: 30999, protocol: 'UDP' },
        keyFingerprint: keyFingerprint(KEY),
      },
      connection: { status: 'Connected', latency: '12ms', since: '2026-02-03T04:05:06.000Z' },
      waitingFor: '',
    });
  });

  it('describes the side that dials', () => {
    expect(sidesOf()[1]).to.deep.include({
      cluster: 'milan',
      role: 'Client',
      gateway: { name: 'rome', namespace: 'liqo-tenant-rome' },
    });
  });

  it('says under which prefixes the OTHER side reaches a cluster', () => {
    const [rome, milan] = sidesOf();

    expect(rome.seenAs?.pod).to.deep.equal(['10.71.0.0/16'], 'what milan remapped rome to');
    expect(milan.seenAs?.pod).to.deep.equal(['10.68.0.0/16'], 'what rome remapped milan to');
  });

  it('keeps the order of the CR, whatever the order of the observations', () => {
    const shortcut = aShortcut({ spec: { clusters: ['milan', 'rome'] } });

    const sides = sidesOf({ shortcut });

    expect(sides.map(({ cluster }) => cluster)).to.deep.equal(['milan', 'rome']);
  });

  it('leaves out what is not known yet', () => {
    const bare = { ownNetworks: ownNetworks({ pod: [] }) };
    const unversioned = without(aKnownSide(bare), 'liqoVersion');

    const plan = without(aPlan(), 'server');
    const [rome] = sidesOf({
      sides: [unversioned, aKnownSide({ cluster: 'milan', ...bare })],
      connections: [
        aSideConnection({ status: 'Missing' }),
        aSideConnection({ cluster: 'milan', status: 'Missing' }),
      ],
      plan,
    });

    expect(rome).to.deep.equal({
      cluster: 'rome',
      clusterID: 'rome',
      connection: { status: 'Missing', since: '2026-02-03T04:05:06.000Z' },
      waitingFor: '',
    });
  });

  it('has no prefixes of the other side before Liqo has remapped them', () => {
    const milan = aClientSide({ configurations: [aConfiguration(undefined)] });

    expect(sidesOf({ sides: [aServerSide(), milan] })[0]).not.to.have.property('seenAs');
  });

  it('has no endpoint before Liqo has published one', () => {
    const rome = aServerSide({ wgGateways: [] });

    expect(sidesOf({ sides: [rome, aClientSide()] })[0].gateway).not.to.have.property('endpoint');
  });

  it('addresses a gateway without a namespace all the same', () => {
    const gateway = aGatewayServer({ metadata: { name: 'milan', uid: 'gateway-1' } });
    const rome = aServerSide({ gatewayServers: [gateway] });

    expect(sidesOf({ sides: [rome, aClientSide()] })[0].gateway).to.deep.include({ namespace: '' });
  });

  it('knows no fingerprint of a gateway whose peer cannot be seen', () => {
    const [rome] = sidesOf({ sides: [aServerSide(), anUnknownSide()] });

    expect(rome.gateway).not.to.have.property('keyFingerprint');
  });

  it('says what each side waits for', () => {
    const waits = [{ cluster: 'milan', reason: 'KeysPending', message: 'the key' }] as const;

    const [rome, milan] = sidesOf({ plan: aPlan({ waits }) });

    expect([rome.waitingFor, milan.waitingFor]).to.deep.equal(['', 'the key']);
  });

  describe('of a side that cannot be seen', () => {
    const last: SideStatus = {
      cluster: 'milan',
      clusterID: 'milan-id',
      role: 'Client',
      liqoVersion: 'v1.1.0',
      cidrs: { pod: ['10.201.0.0/16'], external: ['10.70.0.0/16'] },
      seenAs: { pod: ['10.1.0.0/16'], external: ['10.2.0.0/16'] },
      gateway: { name: 'rome', namespace: 'liqo-tenant-rome' },
      connection: { status: 'Connected', latency: '12ms', since: EARLIER },
      waitingFor: 'old news',
    };
    const seenBefore = aShortcut({
      status: { sides: [{ ...last, cluster: 'rome', role: 'Server' }, last] },
    });
    const blind = without(aPlan({ applied: false }), 'server');
    const connections = [
      aSideConnection({ status: 'Unknown', reason: 'LeafUnreachable' }),
      aSideConnection({ cluster: 'milan', status: 'Unknown', reason: 'LeafUnreachable' }),
    ] as const;

    it('keeps everything as it was last seen, but for its connection', () => {
      const sides = [anUnknownSide({ cluster: 'rome' }), anUnknownSide()] as const;

      const [, milan] = sidesOf({ shortcut: seenBefore, sides, plan: blind, connections });

      expect(milan).to.deep.equal({
        ...last,
        connection: { status: 'Unknown', since: '2026-02-03T04:05:06.000Z' },
        waitingFor: '',
      });
    });

    it('still says how the other side, which can be seen, reaches it', () => {
      const sides = [aServerSide(), anUnknownSide()] as const;

      const [, milan] = sidesOf({ shortcut: seenBefore, sides, plan: blind, connections });

      expect(milan.seenAs?.pod).to.deep.equal(['10.68.0.0/16']);
      expect(milan.clusterID).to.equal('milan-id');
    });

    it('keeps the role, and how it was reached, of the side that can be seen', () => {
      const sides = [aServerSide(), anUnknownSide()] as const;

      const [rome] = sidesOf({ shortcut: seenBefore, sides, plan: blind, connections });

      expect(rome).to.deep.include({ role: 'Server', seenAs: last.seenAs });
    });

    it('says nothing of what was never seen', () => {
      const sides = [anUnknownSide({ cluster: 'rome' }), anUnknownSide()] as const;

      const [rome] = sidesOf({ sides, plan: blind, connections: [connections[1], connections[1]] });

      expect(rome).to.deep.equal({
        cluster: 'rome',
        connection: { status: 'Unknown', since: '2026-02-03T04:05:06.000Z' },
        waitingFor: '',
      });
    });
  });

  describe('since when', () => {
    const connection = { status: 'Connected', latency: '12ms', since: EARLIER };
    const shortcut = aShortcut({ status: { sides: [{ cluster: 'rome', connection }] } });

    it('stays while the status of the connection stays', () => {
      expect(sidesOf({ shortcut })[0].connection?.since).to.equal(EARLIER);
    });

    it('is now when the status changed', () => {
      const connections = [
        aSideConnection({ status: 'Error' }),
        aSideConnection({ cluster: 'milan' }),
      ] as const;

      expect(sidesOf({ shortcut, connections })[0].connection?.since).to.equal(
        '2026-02-03T04:05:06.000Z',
      );
    });
  });

  it('gives the same sides for its own sides: an unchanged world costs no write', () => {
    const [first, second] = sidesOf();
    const shortcut = aShortcut({ status: { sides: [first, second] } });
    const reported = new Map([['rome', { text: '12ms', at: NOW }]]);
    const connections = [
      aSideConnection({ latency: '16ms' }),
      aSideConnection({ cluster: 'milan' }),
    ] as const;

    expect(sidesOf({ shortcut, reported, connections, now: NOW + 10_000 })).to.deep.equal([
      first,
      second,
    ]);
  });
});

describe('latencyToWrite', () => {
  const MINUTE = 60_000;
  const reportedAt = (minutesAgo: number, text = '20ms') => ({
    text,
    at: NOW - minutesAgo * MINUTE,
  });
  const cases: readonly {
    readonly name: string;
    readonly current: string | undefined;
    readonly reported?: { readonly text: string; readonly at: number };
    readonly isChanged?: boolean;
    readonly want: string | undefined;
  }[] = [
    { name: 'the first one', current: '30ms', want: '30ms' },
    {
      name: 'none where there is none',
      current: undefined,
      reported: reportedAt(9),
      want: undefined,
    },
    {
      name: 'the new one with a change of state',
      current: '21ms',
      reported: reportedAt(0),
      isChanged: true,
      want: '21ms',
    },
    {
      name: 'none with a change to a state without latency',
      current: undefined,
      reported: reportedAt(0),
      isChanged: true,
      want: undefined,
    },
    {
      name: 'none when the first sample is the age of a queued ping',
      current: '6.5s',
      isChanged: true,
      want: undefined,
    },
    {
      name: 'a first sample that is just plausible',
      current: '200ms',
      isChanged: true,
      want: '200ms',
    },
    {
      name: 'the old one within 5 minutes, however far it moved',
      current: '180ms',
      reported: reportedAt(4.9),
      want: '20ms',
    },
    {
      name: 'the new one after 5 minutes, when it moved far',
      current: '26ms',
      reported: reportedAt(5),
      want: '26ms',
    },
    {
      name: 'the new one after 5 minutes, when it fell far',
      current: '14ms',
      reported: reportedAt(5),
      want: '14ms',
    },
    {
      name: 'the old one after 5 minutes, when it moved far for its size, but by 5 ms only',
      current: '10ms',
      reported: reportedAt(60, '5ms'),
      want: '5ms',
    },
    {
      name: 'the old one after 5 minutes, when it moved by 5 ms only',
      current: '15ms',
      reported: reportedAt(60),
      want: '20ms',
    },
    {
      name: 'the old one after 5 minutes, when it moved by a quarter only',
      current: '125ms',
      reported: reportedAt(60, '100ms'),
      want: '100ms',
    },
    {
      name: 'the new one when it moved by just more than a quarter',
      current: '126ms',
      reported: reportedAt(60, '100ms'),
      want: '126ms',
    },
    {
      name: 'the new one when what was reported cannot be read',
      current: '26ms',
      reported: reportedAt(60, '?'),
      want: '26ms',
    },
  ];

  for (const { name, current, reported, isChanged = false, want } of cases) {
    it(`is ${name}`, () => {
      expect(latencyToWrite(current, reported, { now: NOW, isChanged })).to.equal(want);
    });
  }

  it('never changes the CR twice within 5 minutes while the state stays', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1 }), (samples) => {
        let reported = { text: '20ms', at: NOW };
        let writes = 0;
        for (const [index, ms] of samples.entries()) {
          const now = NOW + index * 10_000;
          const text = latencyToWrite(`${ms}ms`, reported, { now, isChanged: false }) ?? '';
          if (text === reported.text) continue;
          writes += 1;
          reported = { text, at: now };
        }
        expect(writes).to.be.at.most(Math.floor((samples.length * 10_000) / 300_000));
      }),
    );
  });
});
