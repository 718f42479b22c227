import { expect } from 'chai';
import {
  ClusterUnreachableError,
  RejectedByApiError,
  WriteConflictError,
} from '../../src/errors/errors.ts';
import { CONFIGURATION } from '../../src/liqo/kinds.ts';
import type { ManagedFieldsEntry } from '../../src/model/kube-object.ts';
import type { Action, ActionResult } from '../../src/model/plan.ts';
import type { SideObservation } from '../../src/plan/observation.ts';
import { judgeResults } from '../../src/reconcile/judge-results.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createShortcutMemory, type ShortcutMemory } from '../../src/status/shortcut-memory.ts';
import { aKnownSide, anUnknownSide } from '../support/builders/a-known-side.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const ref = { kind: CONFIGURATION, namespace: 'liqo-tenant-milan', name: 'milan' };
const object = {
  apiVersion: CONFIGURATION.apiVersion,
  kind: 'Configuration',
  metadata: { name: 'milan', namespace: 'liqo-tenant-milan', uid: 'u-1' },
};

type ApplyAction = Extract<Action, { kind: 'apply' }>;

function anApply(overrides: Partial<ApplyAction> = {}): ApplyAction {
  const whole = { kind: 'apply', cluster: 'rome', ref, object, create: true } as const;
  return { ...whole, reason: 'is missing', drift: false, ...overrides };
}

const correction = anApply({ create: false, uid: 'u-1', drift: true, reason: 'was changed' });
const deletion: Action = {
  kind: 'delete',
  cluster: 'rome',
  ref,
  uid: 'u-1',
  optional: true,
  reason: 'x',
};
const done: ActionResult = { kind: 'done', object };

function failed(error: Error): ActionResult {
  return { kind: 'failed', error };
}

describe('judgeResults', () => {
  let memory: ShortcutMemory;
  let drifts: string[];
  let log: { readonly level: string; readonly msg: string; readonly changedBy?: string }[];

  beforeEach(() => {
    memory = createShortcutMemory();
    log = [];
    drifts = [];
  });

  function judge(
    pairs: readonly (readonly [Action, ActionResult | undefined])[],
    sides: readonly SideObservation[] = [],
  ) {
    const results = pairs.flatMap(([, result]) => (result === undefined ? [] : [result]));
    return judgeResults(
      pairs.map(([action]) => action),
      results,
      {
        memory,
        now: NOW,
        logger: createLogger({
          level: 'debug',
          destination: { write: (line) => void log.push(JSON.parse(line) as (typeof log)[number]) },
        }),
        sides,
        onDrift: (message) => drifts.push(message),
      },
    );
  }

  it('has nothing to say of success', () => {
    expect(
      judge([
        [anApply(), done],
        [deletion, { kind: 'unchanged' }],
      ]),
    ).to.deep.equal({ isRetried: false });
    expect(log.map(({ level, msg }) => `${level} ${msg}`)).to.deep.equal([
      'info Writing on leaf',
      'info Writing on leaf',
    ]);
  });

  it('remembers a deletion, so that it is not repeated', () => {
    judge([[deletion, done]]);

    expect(memory.select([deletion], NOW).due).to.be.empty;
  });

  it('tells the first failure, in the order of the plan', () => {
    const { failure } = judge([
      [anApply(), done],
      [anApply(), failed(new WriteConflictError('conflict'))],
      [anApply(), failed(new ClusterUnreachableError('no answer'))],
    ]);

    expect(failure).to.deep.equal({ reason: 'Progressing', message: 'conflict', terminal: false });
  });

  it('wants another try when one may help, also beside a refusal for good', () => {
    const refusal = failed(new RejectedByApiError('spec.mtu'));
    const hiccup = failed(new ClusterUnreachableError('no answer'));

    expect(judge([[anApply(), refusal]]).isRetried).to.be.false;
    expect(
      judge([
        [anApply(), refusal],
        [anApply(), hiccup],
      ]).isRetried,
    ).to.be.true;
    expect(
      judge([
        [anApply(), hiccup],
        [anApply(), refusal],
      ]).isRetried,
    ).to.be.true;
  });

  it('remembers what was refused for good, so that it is not repeated', () => {
    const { failure } = judge([[anApply(), failed(new RejectedByApiError('spec.mtu'))]]);

    expect(failure).to.deep.equal({ reason: 'Rejected', message: 'spec.mtu', terminal: true });
    expect(memory.select([anApply()], NOW).due).to.be.empty;
    expect(memory.rejectionAmong([anApply()])).to.equal(failure);
  });

  it('does not hold a failure against an action that another try may carry through', () => {
    judge([[anApply(), failed(new ClusterUnreachableError('no answer'))]]);

    expect(memory.select([anApply()], NOW).due).to.have.lengthOf(1);
  });

  it('warns of failures, but is quiet about conflicts, which are looked at again', () => {
    judge([
      [anApply(), failed(new ClusterUnreachableError('no answer'))],
      [anApply(), failed(new WriteConflictError('conflict'))],
    ]);

    expect(log.map(({ level }) => level)).to.deep.equal(['warn', 'debug']);
  });

  it('takes an error that nobody mapped for a bug', () => {
    const { failure } = judge([[anApply(), failed(new RangeError('?'))]]);

    expect(failure).to.include({ reason: 'InternalError', terminal: false });
  });

  it('remembers what a leaf did not let us delete', () => {
    expect(judge([[deletion, { kind: 'skipped', reason: 'forbidden' }]])).not.to.have.property(
      'failure',
    );
    expect([...memory.leftBehind]).to.deep.equal(['rome/Configuration/liqo-tenant-milan/milan']);
  });

  it('judges no action without a result', () => {
    expect(judge([[anApply(), undefined]])).not.to.have.property('failure');
    expect(log).to.be.empty;
  });

  describe('of a correction', () => {
    function sideWith(managedFields?: readonly ManagedFieldsEntry[]): SideObservation {
      const metadata = { ...object.metadata, ...(managedFields && { managedFields }) };
      return aKnownSide({ configurations: [{ ...object, metadata }] });
    }

    const ours = { manager: 'liqo-shortcuts', time: '2026-01-03T00:00:00Z' };
    const liqos = { manager: 'liqo-controller-manager', time: '2026-01-04T00:00:00Z' };
    const cases: readonly { name: string; sides: readonly SideObservation[]; want: string }[] = [
      {
        name: 'the latest of those who are neither we nor Liqo',
        sides: [
          anUnknownSide(),
          sideWith([
            ours,
            { manager: 'helm', time: '2026-01-01T00:00:00Z' },
            { manager: 'kubectl-edit', time: '2026-01-02T00:00:00Z' },
            { manager: 'undated' },
            liqos,
            { time: '2026-01-01T12:00:00Z' },
          ]),
        ],
        want: '"kubectl-edit"',
      },
      { name: 'nobody in particular', sides: [sideWith([ours, liqos])], want: 'somebody' },
      { name: 'nobody who left a name', sides: [sideWith()], want: 'somebody' },
      { name: 'nobody, where the object is not seen', sides: [], want: 'somebody' },
    ];

    for (const { name, sides, want } of cases) {
      it(`names who made it necessary: ${name}`, () => {
        judge([[correction, done]], sides);

        expect(log).to.have.lengthOf(1);
        expect(log[0]).to.include({ level: 'warn', msg: 'Putting back drift', changedBy: want });
        expect(memory.history).to.have.lengthOf(1);
        expect(memory.history[0]).to.include({ reason: 'Drift', at: '2026-01-01T00:00:00.000Z' });
        expect(drifts).to.deep.equal([memory.history[0]?.message]);
        expect(memory.history[0]?.message).to.include(want);
      });
    }

    it('counts it, so that a fight slows down', () => {
      for (let time = 0; time < 3; time += 1) judge([[correction, done]]);

      expect(memory.select([correction], NOW)).to.deep.equal({ due: [], heldMs: 5_000 });
    });
  });
});
