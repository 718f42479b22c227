import { expect } from 'chai';
import type { LeafConditionType, Reason } from '../../src/model/condition.ts';
import { computeLeafStatus, type LeafStatusInput } from '../../src/status/compute-leaf-status.ts';
import {
  aKnownSide,
  anOwnNetwork,
  anUnknownSide,
  ownNetworks,
} from '../support/builders/a-known-side.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { without } from './without.ts';

const NOW = '2026-02-03T04:05:06.000Z';
const EARLIER = '2026-01-01T00:00:00.000Z';

function compute(overrides: Partial<LeafStatusInput> = {}) {
  return computeLeafStatus({
    leafCluster: aLeafCluster(),
    side: aKnownSide(),
    permissionsMissing: [],
    shortcuts: 2,
    now: NOW,
    ...overrides,
  });
}

type Summary = Readonly<Partial<Record<LeafConditionType, string>>>;

function summarise(status: ReturnType<typeof compute>): Summary {
  const entries = (status.conditions ?? []).map(({ type, status: value, reason }) => [
    type,
    `${value}/${reason}`,
  ]);
  return Object.fromEntries(entries) as Summary;
}

describe('computeLeafStatus', () => {
  it('says everything about a leaf that can be seen', () => {
    const { conditions, ...rest } = compute();

    expect(rest).to.deep.equal({
      observedGeneration: 1,
      clusterID: 'rome',
      liqoVersion: 'v1.2.0',
      cidrs: { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] },
      shortcuts: 2,
      permissionsMissing: [],
    });
    expect(conditions?.map(({ type, status }) => `${type} ${status}`)).to.deep.equal([
      'Ready True',
      'Reachable True',
      'Authorized True',
      'LiqoReady True',
    ]);
  });

  const cases: readonly {
    readonly name: string;
    readonly input: Partial<LeafStatusInput>;
    readonly want: Summary;
  }[] = [
    {
      name: 'waits for the IPAM',
      input: { side: aKnownSide({ ownNetworks: [anOwnNetwork({ cidr: undefined })] }) },
      want: {
        Ready: 'False/CIDRPending',
        Reachable: 'True/Connected',
        Authorized: 'True/Connected',
        LiqoReady: 'False/CIDRPending',
      },
    },
    {
      name: 'refuses prefixes that Liqo would stumble over later',
      input: { side: aKnownSide({ ownNetworks: ownNetworks({ pod: ['10.70.0.0/17'] }) }) },
      want: {
        Ready: 'False/InvalidSpec',
        Reachable: 'True/Connected',
        Authorized: 'True/Connected',
        LiqoReady: 'False/InvalidSpec',
      },
    },
    {
      name: 'is not authorized while a right is missing, though the leaf can be seen',
      input: { permissionsMissing: ['get secrets'] },
      want: {
        Ready: 'False/LeafForbidden',
        Reachable: 'True/Connected',
        Authorized: 'False/LeafForbidden',
        LiqoReady: 'True/Connected',
      },
    },
    ...(
      [
        // Each reason answers one question with no; what lies beyond it cannot be told.
        ['LeafUnreachable', 'False', 'Unknown', 'Unknown'],
        ['LeafForbidden', 'True', 'False', 'Unknown'],
        ['LiqoMissing', 'True', 'True', 'False'],
        ['ClusterIDMismatch', 'True', 'True', 'False'],
        // A credential that cannot be used says nothing of whether the API server answers.
        ['CredentialInvalid', 'Unknown', 'False', 'Unknown'],
      ] as const satisfies readonly (readonly [Reason, string, string, string])[]
    ).map(([reason, reachable, authorized, liqo]) => ({
      name: `tells how far one got with ${reason}`,
      input: { side: anUnknownSide({ reason }) },
      want: {
        Ready: `False/${reason}`,
        Reachable: `${reachable}/${reachable === 'True' ? 'Connected' : reason}`,
        Authorized: `${authorized}/${authorized === 'True' ? 'Connected' : reason}`,
        LiqoReady: `${liqo}/${reason}`,
      },
    })),
    {
      name: 'knows nothing of a leaf that is being read for the first time',
      input: { side: anUnknownSide({ reason: 'Progressing' }) },
      want: {
        Ready: 'Unknown/Progressing',
        Reachable: 'Unknown/Progressing',
        Authorized: 'Unknown/Progressing',
        LiqoReady: 'Unknown/Progressing',
      },
    },
  ];

  for (const { name, input, want } of cases) {
    it(name, () => {
      expect(summarise(compute(input))).to.deep.equal(want);
    });
  }

  it('names the rights that are missing, and what to do', () => {
    const status = compute({ permissionsMissing: ['get secrets', 'list connections'] });

    expect(status.permissionsMissing).to.deep.equal(['get secrets', 'list connections']);
    expect(status.conditions?.[0]?.message).to.include('get secrets, list connections');
  });

  it('names some rights and counts the rest, since all of them are in the status', () => {
    const permissionsMissing = Array.from({ length: 29 }, (_, index) => `get thing-${index}`);

    const message = compute({ permissionsMissing }).conditions?.[0]?.message;

    expect(message).to.include('get thing-5 and 23 more').and.not.include('thing-6');
  });

  it('is not held up by a right without which only a namespace stays behind', () => {
    const missing = ['delete namespaces'];
    const status = compute({ permissionsMissing: missing, tidyMissing: missing });

    expect(summarise(status)).to.include({ Ready: 'True/Connected', Authorized: 'True/Connected' });
    expect(status.permissionsMissing).to.deep.equal(missing);
    const authorized = status.conditions?.find(({ type }) => type === 'Authorized');
    expect(authorized?.message).to.include('without delete namespaces an empty tenant namespace');
  });

  it('says what it cannot see with rights in tenant namespaces alone', () => {
    const messageOf = (seesEverywhere: boolean) =>
      compute({ seesEverywhere }).conditions?.find(({ type }) => type === 'Authorized')?.message;

    expect(messageOf(false)).to.include('in other namespaces cannot be seen');
    expect(messageOf(true)).not.to.include('cannot be seen');
  });

  describe('of a leaf that was seen before', () => {
    const learnt = {
      clusterID: 'rome-id',
      liqoVersion: 'v1.1.0',
      cidrs: { pod: ['10.9.0.0/16'], external: ['10.8.0.0/16'] },
    };

    it('keeps what was learnt when it cannot be seen', () => {
      const leafCluster = aLeafCluster({ status: learnt });

      expect(compute({ leafCluster, side: anUnknownSide() })).to.deep.include(learnt);
    });

    it('keeps version and prefixes while they cannot be read', () => {
      const side = without(aKnownSide({ ownNetworks: [] }), 'liqoVersion');

      const status = compute({ leafCluster: aLeafCluster({ status: learnt }), side });

      expect(status).to.deep.include({ ...learnt, clusterID: 'rome' });
    });

    it('takes over what it says now', () => {
      const status = compute({ leafCluster: aLeafCluster({ status: learnt }) });

      expect(status).to.include({ clusterID: 'rome', liqoVersion: 'v1.2.0' });
    });

    it('moves the time of a transition with the status only', () => {
      const conditions = (['Ready', 'Reachable'] as const).map((type) => ({
        type,
        status: type === 'Ready' ? ('False' as const) : ('True' as const),
        reason: 'Connected',
        message: 'other words',
        lastTransitionTime: EARLIER,
      }));

      const status = compute({ leafCluster: aLeafCluster({ status: { conditions } }) });

      expect(status.conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).to.deep.equal([
        NOW,
        EARLIER,
        NOW,
        NOW,
      ]);
    });
  });

  it('invents nothing about a leaf that was never seen', () => {
    const leafCluster = aLeafCluster();
    const metadata = without(leafCluster.metadata, 'generation');

    const status = compute({ leafCluster: { ...leafCluster, metadata }, side: anUnknownSide() });

    expect(status).to.have.all.keys('conditions', 'shortcuts', 'permissionsMissing');
    expect(status.conditions?.[0]).not.to.have.property('observedGeneration');
  });

  describe('when a credential ends', () => {
    const expiresAt = Date.parse('2026-02-10T00:00:00Z');
    const expiry = {
      kind: 'Token',
      expiresAt,
      warnFrom: Date.parse('2026-02-01T00:00:00Z'),
    } as const;

    function expiring(now: string, overrides: Partial<LeafStatusInput> = {}) {
      const status = compute({ expiry, now, ...overrides });
      return status.conditions?.find(({ type }) => type === 'CredentialExpiring');
    }

    it('says when, and nothing more while there is time', () => {
      const status = compute({ expiry, now: '2026-01-31T23:59:59Z' });

      expect(status.credential).to.deep.equal({ kind: 'Token', expiresAt: '2026-02-10T00:00:00Z' });
      expect(summarise(status)).not.to.have.property('CredentialExpiring');
    });

    it('says so before the fact, while all is well', () => {
      const status = compute({ expiry, now: '2026-02-01T00:00:00Z' });

      expect(summarise(status)).to.include({
        Ready: 'True/Connected',
        CredentialExpiring: 'True/CredentialExpiring',
      });
      expect(expiring('2026-02-01T00:00:00Z')?.message).to.equal(
        'the token of leaf "rome" expires at 2026-02-10T00:00:00Z: put a new kubeconfig into Secret "liqo-shortcuts/rome-kubeconfig"',
      );
    });

    it('says the same every day, so that nothing is written', () => {
      const first = compute({ expiry, now: '2026-02-02T00:00:00Z' });
      const leafCluster = aLeafCluster({ status: first });

      expect(compute({ leafCluster, expiry, now: '2026-02-09T00:00:00Z' })).to.deep.equal(first);
    });

    it('says when it is over, beside the refusal too', () => {
      const side = anUnknownSide({ reason: 'CredentialInvalid', message: 'refused' });
      const now = '2026-02-10T00:00:00Z';
      const ready = compute({ expiry, now, side }).conditions?.[0];

      expect(expiring(now)).to.include({ status: 'True', reason: 'CredentialExpired' });
      expect(ready?.message).to.equal(
        'refused; the token of leaf "rome" expired at 2026-02-10T00:00:00Z',
      );
    });

    it('does not blame the clock for a refusal before that, nor for other troubles', () => {
      const now = '2026-02-09T00:00:00Z';
      const refused = anUnknownSide({ reason: 'CredentialInvalid', message: 'refused' });
      const silent = anUnknownSide({ reason: 'LeafUnreachable', message: 'silent' });

      const [early] = compute({ expiry, now, side: refused }).conditions ?? [];
      const [other] =
        compute({ expiry, now: '2026-03-01T00:00:00Z', side: silent }).conditions ?? [];

      expect([early?.message, other?.message]).to.deep.equal(['refused', 'silent']);
    });

    it('says nothing once it was renewed', () => {
      const leafCluster = aLeafCluster({
        status: compute({ expiry, now: '2026-02-02T00:00:00Z' }),
      });
      const later = { ...expiry, expiresAt: expiresAt * 2, warnFrom: expiresAt * 2 };

      const status = compute({ leafCluster, expiry: later, now: '2026-02-03T00:00:00Z' });

      expect(summarise(status)).not.to.have.property('CredentialExpiring');
    });
  });
});
