import { expect } from 'chai';
import fc from 'fast-check';
import type { Condition, ConditionType, Reason } from '../../src/model/condition.ts';
import type { Blocked, Plan } from '../../src/model/plan.ts';
import {
  computeConditions,
  computePhase,
  type ConditionInput,
  type Failure,
} from '../../src/status/compute-conditions.ts';
import type { SideConnection } from '../../src/status/side-connection.ts';
import { aShortcut, type ShortcutOverrides } from '../support/builders/a-shortcut.ts';
import { aPlan, aSideConnection } from './samples.ts';
import { without } from './without.ts';

const NOW = '2026-02-03T04:05:06.000Z';
const EARLIER = '2026-01-01T00:00:00.000Z';

const up = [aSideConnection(), aSideConnection({ cluster: 'milan' })] as const;
const connecting = aSideConnection({
  status: 'Connecting',
  reason: 'Connecting',
  message: 'waiting for Connection/x to become Connected',
});
const stale = aSideConnection({ status: 'Unknown', reason: 'ConnectionStale', message: 'is old' });

function anInput(overrides: Partial<ConditionInput> = {}): ConditionInput {
  return { shortcut: aShortcut(), plan: aPlan(), connections: up, now: NOW, ...overrides };
}

function aBlock(overrides: Partial<Blocked> = {}): Blocked {
  return { reason: 'LeafUnreachable', message: 'no answer', stalled: false, ...overrides };
}

/** `type → status/reason`, which is all that most tests are about. */
function summarise(conditions: readonly Condition[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    conditions.map(({ type, status, reason }) => [type, `${status}/${reason}`]),
  );
}

function compute(overrides: Partial<ConditionInput> = {}): readonly Condition[] {
  return computeConditions(anInput(overrides));
}

function before(...conditions: readonly Partial<Condition>[]): ShortcutOverrides {
  const whole = { reason: 'Connected', message: '', lastTransitionTime: EARLIER };
  return {
    status: {
      conditions: conditions.map((condition) => ({
        type: 'Ready',
        status: 'True',
        ...whole,
        ...condition,
      })),
    },
  };
}

const rejection: Failure = { reason: 'Rejected', message: 'spec.mtu is refused', terminal: true };
const hiccup: Failure = { reason: 'LeafUnreachable', message: 'no answer', terminal: false };
const deleting = { metadata: { deletionTimestamp: EARLIER } };
const suspended = { spec: { suspend: true } };

describe('computeConditions', () => {
  const cases: readonly {
    readonly name: string;
    readonly input: Partial<ConditionInput>;
    readonly want: Readonly<Partial<Record<ConditionType, string>>>;
  }[] = [
    {
      name: 'a right is missing on a leaf and nothing was made yet',
      input: {
        plan: aPlan({
          applied: false,
          blocked: [aBlock({ reason: 'LeafForbidden', stalled: true })],
        }),
        connections: [connecting, connecting],
      },
      want: {
        Ready: 'False/LeafForbidden',
        Stalled: 'True/LeafForbidden',
        Accepted: 'True/Progressing',
        Applied: 'False/LeafForbidden',
        Connected: 'False/Connecting',
      },
    },
    {
      name: 'a right was taken away while the connection is up',
      input: {
        plan: aPlan({
          applied: true,
          blocked: [aBlock({ reason: 'LeafForbidden', stalled: true })],
        }),
      },
      want: {
        Ready: 'False/LeafForbidden',
        Stalled: 'True/LeafForbidden',
        Accepted: 'True/Progressing',
        Applied: 'True/Connected',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'is ready, and nothing else is said, when both sides are connected',
      input: {},
      want: {
        Ready: 'True/Connected',
        Accepted: 'True/Progressing',
        Applied: 'True/Connected',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'is reconciling while objects are being written',
      input: { plan: aPlan({ applied: false }), connections: [connecting, up[1]] },
      want: {
        Ready: 'False/Progressing',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'False/Progressing',
        Connected: 'False/Connecting',
      },
    },
    {
      name: 'says what the next step waits for',
      input: {
        plan: aPlan({
          applied: false,
          waits: [{ cluster: 'rome', reason: 'EndpointPending', message: 'an address' }],
        }),
        connections: [connecting, connecting],
      },
      want: {
        Ready: 'False/EndpointPending',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'False/EndpointPending',
        Connected: 'False/Connecting',
      },
    },
    {
      name: 'is reconciling until the tunnel is up once everything is in place',
      input: { connections: [up[0], connecting] },
      want: {
        Ready: 'False/Connecting',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'True/Connected',
        Connected: 'False/Connecting',
      },
    },
    {
      name: 'is unknown, never an old True, when a side cannot be seen',
      input: {
        shortcut: aShortcut(before({ type: 'Ready' }, { type: 'Connected' })),
        plan: aPlan({ applied: false, blocked: [aBlock()] }),
        connections: [up[0], aSideConnection({ status: 'Unknown', reason: 'LeafUnreachable' })],
      },
      want: {
        Ready: 'Unknown/LeafUnreachable',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'Unknown/LeafUnreachable',
        Connected: 'Unknown/LeafUnreachable',
      },
    },
    {
      name: 'is unknown when a side says Connected and is no longer believed',
      input: { connections: [stale, up[1]] },
      want: {
        Ready: 'Unknown/ConnectionStale',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'True/Connected',
        Connected: 'Unknown/ConnectionStale',
      },
    },
    {
      name: 'is unknown, and still accepted, when another cluster lies behind the address of a leaf',
      input: {
        plan: aPlan({ applied: false, blocked: [aBlock({ reason: 'ClusterIDMismatch' })] }),
        connections: [up[0], aSideConnection({ status: 'Unknown', reason: 'ClusterIDMismatch' })],
      },
      want: {
        Ready: 'Unknown/ClusterIDMismatch',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'Unknown/ClusterIDMismatch',
        Connected: 'Unknown/ClusterIDMismatch',
      },
    },
    {
      name: 'is stalled and not accepted when the wish itself is refused',
      input: {
        plan: aPlan({
          applied: false,
          blocked: [aBlock({ reason: 'DuplicatePair', stalled: true })],
        }),
      },
      want: {
        Ready: 'False/DuplicatePair',
        Stalled: 'True/DuplicatePair',
        Accepted: 'False/DuplicatePair',
        Applied: 'False/DuplicatePair',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'is stalled, though accepted, when the API server refuses an object for good',
      input: {
        plan: aPlan({ applied: false }),
        failure: rejection,
        connections: [connecting, connecting],
      },
      want: {
        Ready: 'False/Rejected',
        Stalled: 'True/Rejected',
        Accepted: 'True/Progressing',
        Applied: 'False/Rejected',
        Connected: 'False/Connecting',
      },
    },
    {
      name: 'goes on reconciling after a failure that another try may mend',
      input: { failure: hiccup },
      want: {
        Ready: 'False/LeafUnreachable',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'False/LeafUnreachable',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'is not ready while the addresses are not known, however well the tunnel runs',
      input: {
        plan: aPlan({
          waits: [{ cluster: 'rome', reason: 'CIDRPending', message: 'the remap of now' }],
        }),
      },
      want: {
        Ready: 'False/CIDRPending',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'True/Connected',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'is ready while the server has no new address, as long as the tunnel runs',
      input: {
        plan: aPlan({
          waits: [{ cluster: 'rome', reason: 'EndpointPending', message: 'an address' }],
        }),
      },
      want: {
        Ready: 'True/Connected',
        Accepted: 'True/Progressing',
        Applied: 'True/Connected',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'shows a suspended connection as it is',
      input: {
        shortcut: aShortcut(suspended),
        plan: aPlan({ blocked: [aBlock({ reason: 'Suspended' })] }),
      },
      want: {
        Ready: 'True/Suspended',
        Accepted: 'True/Progressing',
        Applied: 'True/Connected',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'is not ready while suspended with something not in place, and is not reconciling either',
      input: {
        shortcut: aShortcut(suspended),
        plan: aPlan({ applied: false, blocked: [aBlock({ reason: 'Suspended' })] }),
      },
      want: {
        Ready: 'False/Suspended',
        Accepted: 'True/Progressing',
        Applied: 'False/Suspended',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'is unknown while suspended when a side cannot be seen',
      input: {
        shortcut: aShortcut(suspended),
        plan: aPlan({ applied: false, blocked: [aBlock({ reason: 'Suspended' })] }),
        connections: [stale, up[1]],
      },
      want: {
        Ready: 'Unknown/Suspended',
        Accepted: 'True/Progressing',
        Applied: 'False/Suspended',
        Connected: 'Unknown/ConnectionStale',
      },
    },
    {
      name: 'says that it drains while it is being deleted',
      input: { shortcut: aShortcut(deleting), plan: aPlan({ applied: false }) },
      want: {
        Ready: 'False/Draining',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'False/Progressing',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'says what a deletion waits for',
      input: {
        shortcut: aShortcut(deleting),
        plan: aPlan({
          applied: false,
          waits: [{ cluster: 'rome', reason: 'Draining', message: 'to be gone' }],
        }),
      },
      want: {
        Ready: 'False/Draining',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'False/Draining',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'says why a deletion failed',
      input: { shortcut: aShortcut(deleting), plan: aPlan({ applied: false }), failure: hiccup },
      want: {
        Ready: 'False/LeafUnreachable',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'False/LeafUnreachable',
        Connected: 'True/Connected',
      },
    },
    {
      name: 'says what blocks a deletion',
      input: {
        shortcut: aShortcut(deleting),
        plan: aPlan({ applied: false, blocked: [aBlock({ reason: 'DeletionBlocked' })] }),
      },
      want: {
        Ready: 'False/DeletionBlocked',
        Reconciling: 'True/Progressing',
        Accepted: 'True/Progressing',
        Applied: 'False/DeletionBlocked',
        Connected: 'True/Connected',
      },
    },
  ];

  for (const { name, input, want } of cases) {
    it(name, () => {
      expect(summarise(compute(input))).to.deep.equal(want);
    });
  }

  describe('after the connection was up once', () => {
    const histories: readonly { name: string; previous: Partial<Condition>[]; want: Reason }[] = [
      { name: 'never', previous: [], want: 'Connecting' },
      {
        name: 'never, though tried',
        previous: [{ type: 'Connected', status: 'False', reason: 'Connecting' }],
        want: 'Connecting',
      },
      { name: 'before', previous: [{ type: 'Connected' }], want: 'ConnectionLost' },
      {
        name: 'and still lost',
        previous: [{ type: 'Connected', status: 'False', reason: 'ConnectionLost' }],
        want: 'ConnectionLost',
      },
      {
        name: 'and then silent',
        previous: [{ type: 'Connected', status: 'Unknown', reason: 'ConnectionStale' }],
        want: 'ConnectionLost',
      },
    ];

    for (const { name, previous, want } of histories) {
      it(`a missing one is ${want} (${name})`, () => {
        const shortcut = aShortcut(before(...previous));

        const conditions = compute({ shortcut, connections: [connecting, connecting] });

        expect(find(conditions, 'Connected')?.reason).to.equal(want);
        expect(find(conditions, 'Ready')?.reason).to.equal(want);
      });
    }
  });

  it('keeps the time of the last transition while the status is the same', () => {
    const shortcut = aShortcut(before({ type: 'Ready', reason: 'Suspended', message: 'other' }));

    expect(find(compute({ shortcut }), 'Ready')?.lastTransitionTime).to.equal(EARLIER);
  });

  it('moves the time of the last transition with the status', () => {
    const shortcut = aShortcut(before({ type: 'Ready', status: 'Unknown' }));

    expect(find(compute({ shortcut }), 'Ready')?.lastTransitionTime).to.equal(NOW);
  });

  it('says which generation it is about, when there is one', () => {
    const shortcut = aShortcut({ metadata: { generation: 7 } });
    const metadata = without(shortcut.metadata, 'generation');

    expect(find(compute({ shortcut }), 'Ready')?.observedGeneration).to.equal(7);
    expect(find(compute({ shortcut: { ...shortcut, metadata } }), 'Ready')).not.to.have.property(
      'observedGeneration',
    );
  });

  it('cuts a message that is too long for a condition', () => {
    const message = 'x'.repeat(401);

    const conditions = compute({ plan: aPlan({ blocked: [aBlock({ message })] }) });

    expect(find(conditions, 'Ready')?.message).to.have.lengthOf(400).and.match(/x…$/);
  });

  it('leaves a message as it is that just fits', () => {
    const message = 'x'.repeat(400);

    const conditions = compute({ plan: aPlan({ blocked: [aBlock({ message })] }) });

    expect(find(conditions, 'Ready')?.message).to.equal(message);
  });

  describe('whatever the input', () => {
    it('never says Reconciling and Stalled together, nor either beside a True Ready', () => {
      fc.assert(
        fc.property(arbitraryInput(), (input) => {
          const conditions = computeConditions(input);
          const types = new Set(conditions.map(({ type }) => type));

          expect(types.has('Reconciling') && types.has('Stalled')).to.be.false;
          if (find(conditions, 'Ready')?.status !== 'True') return;
          expect(types.has('Reconciling') || types.has('Stalled')).to.be.false;
        }),
      );
    });

    it('is ready only when accepted, applied and connected', () => {
      fc.assert(
        fc.property(arbitraryInput(), (input) => {
          const conditions = computeConditions(input);
          if (find(conditions, 'Ready')?.status !== 'True') return;

          for (const type of ['Accepted', 'Applied', 'Connected'] as const) {
            expect(find(conditions, type)?.status, type).to.equal('True');
          }
        }),
      );
    });

    it('is never ready with a side that cannot be seen', () => {
      fc.assert(
        fc.property(arbitraryInput(), (input) => {
          fc.pre(input.connections.some(({ status }) => status === 'Unknown'));

          expect(find(computeConditions(input), 'Ready')?.status).not.to.equal('True');
        }),
      );
    });

    it('gives the same conditions for its own conditions, at any later time', () => {
      fc.assert(
        fc.property(arbitraryInput(), (input) => {
          const first = computeConditions(input);
          const shortcut = { ...input.shortcut, status: { conditions: first } };
          const second = computeConditions({ ...input, shortcut, now: '2027-01-01T00:00:00Z' });
          const third = computeConditions({
            ...input,
            shortcut: { ...shortcut, status: { conditions: second } },
            now: '2028-01-01T00:00:00Z',
          });

          expect(third).to.deep.equal(second);
          expect(second.map(({ type, status }) => [type, status])).to.deep.equal(
            first.map(({ type, status }) => [type, status]),
          );
        }),
      );
    });

    it('names each condition once, in a fixed order, Ready first', () => {
      const order = ['Ready', 'Reconciling', 'Stalled', 'Accepted', 'Applied', 'Connected'];
      fc.assert(
        fc.property(arbitraryInput(), (input) => {
          const types = computeConditions(input).map(({ type }) => type);

          expect(types).to.deep.equal(
            order.filter((type) => types.includes(type as ConditionType)),
          );
        }),
      );
    });
  });
});

describe('computePhase', () => {
  const cases: readonly {
    readonly want: string;
    readonly overrides?: ShortcutOverrides;
    readonly conditions: readonly Partial<Condition>[];
    readonly connections?: readonly SideConnection[];
  }[] = [
    { want: 'Ready', conditions: [{ type: 'Ready', status: 'True' }] },
    { want: 'Unknown', conditions: [{ type: 'Ready', status: 'Unknown' }] },
    { want: 'Progressing', conditions: [{ type: 'Ready', status: 'False' }] },
    { want: 'Progressing', conditions: [] },
    {
      want: 'Stalled',
      conditions: [
        { type: 'Ready', status: 'False' },
        { type: 'Stalled', status: 'True' },
      ],
    },
    {
      want: 'Degraded',
      conditions: [
        { type: 'Ready', status: 'False' },
        { type: 'Connected', status: 'False', reason: 'ConnectionLost' },
      ],
      connections: [up[0], connecting],
    },
    {
      want: 'Down',
      conditions: [
        { type: 'Ready', status: 'False' },
        { type: 'Connected', status: 'False', reason: 'ConnectionLost' },
      ],
      connections: [connecting, connecting],
    },
    { want: 'Suspended', overrides: suspended, conditions: [{ type: 'Ready', status: 'True' }] },
    {
      want: 'Deleting',
      overrides: { ...deleting, ...suspended },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  ];

  for (const { want, overrides, conditions, connections = up } of cases) {
    const text = conditions.map(({ type = '', status = '' }) => `${type} ${status}`).join(', ');
    it(`is ${want} for ${text === '' ? 'no condition' : text}`, () => {
      const whole = aShortcut(before(...conditions)).status?.conditions as readonly Condition[];

      expect(computePhase(aShortcut(overrides), whole, connections)).to.equal(want);
    });
  }
});

function find(conditions: readonly Condition[], type: ConditionType): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

const REASONS = [
  'Connected',
  'Progressing',
  'LeafUnreachable',
  'LeafForbidden',
  'InvalidSpec',
  'DuplicatePair',
  'ForeignConnection',
  'OwnershipConflict',
  'Rejected',
  'CIDRPending',
  'Suspended',
  'DeletionBlocked',
] as const satisfies readonly Reason[];

function arbitraryInput(): fc.Arbitrary<ConditionInput> {
  const reason = fc.constantFrom(...REASONS);
  const blocked = fc
    .record({ reason, message: fc.string(), stalled: fc.boolean() })
    .map((block) => (block.reason === 'Suspended' ? { ...block, stalled: false } : block));
  const wait = fc.record({
    cluster: fc.constantFrom('rome', 'milan'),
    reason,
    message: fc.string(),
  });
  const plan: fc.Arbitrary<Plan> = fc
    .record({
      applied: fc.boolean(),
      blocked: fc.array(blocked, { maxLength: 2 }),
      waits: fc.array(wait, { maxLength: 2 }),
    })
    .map(aPlan);
  const status = fc.constantFrom('Connected', 'Connecting', 'Error', 'Missing', 'Unknown' as const);
  const connection = fc.record({ status, reason, message: fc.string() }).map(aSideConnection);
  const failure = fc.record({ reason, message: fc.string(), terminal: fc.boolean() });
  const previous = fc.array(
    fc.record({
      type: fc.constantFrom('Ready', 'Connected', 'Reconciling' as const),
      status: fc.constantFrom('True', 'False', 'Unknown' as const),
      reason,
    }),
    { maxLength: 2 },
  );
  return fc.record(
    {
      shortcut: fc
        .tuple(fc.boolean(), fc.boolean(), previous)
        .map(([isSuspended, isDeleted, conditions]) =>
          aShortcut({
            ...before(...conditions),
            spec: { suspend: isSuspended },
            ...(isDeleted ? deleting : {}),
          }),
        ),
      plan,
      connections: fc.tuple(connection, connection),
      failure,
      now: fc.constant(NOW),
    },
    { requiredKeys: ['shortcut', 'plan', 'connections', 'now'] },
  );
}
