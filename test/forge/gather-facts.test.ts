import { expect } from 'chai';

import { gatherFacts, type GatherInput } from '../../src/forge/gather-facts.ts';
import { judgeShortcut } from '../../src/forge/judge-shortcut.ts';
import { ANNOTATION_REVISION, LABEL_SOURCE } from '../../src/model/names.ts';
import { aLeafCluster } from '../support/builders/a-leaf-cluster.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { aMirrored, revisionOf } from './reporter-world.ts';

const A = revisionOf('a');
const B = revisionOf('b');
const GOING = { deletionTimestamp: '2026-01-01T00:00:00Z', labels: { [LABEL_SOURCE]: 'git' } };

function gather(overrides: Partial<GatherInput> = {}) {
  return gatherFacts({
    pass: {
      report: { revision: B, plan: { held: [], guards: [] } },
      source: { revisionAttempted: B, revisionApplied: B },
    },
    picture: { shortcuts: [], leafClusters: [] },
    removed: new Map(),
    followed: [],
    ...overrides,
  });
}

describe('gatherFacts', () => {
  it('tells of the shortcuts that the commit changed, or whose leaf it changed', () => {
    const changed = { name: 'naples', annotations: { [ANNOTATION_REVISION]: B } };
    const other = aMirrored('a', 'rome-naples');
    const [facts, ...none] = gather({
      picture: {
        shortcuts: [
          aMirrored('b', 'rome-milan'),
          aMirrored('a', 'rome-turin'),
          { ...other, spec: { clusters: ['rome', 'naples'] } },
          aShortcut({ metadata: { name: 'by-hand' } }),
        ],
        leafClusters: [aLeafCluster({ metadata: changed }), aLeafCluster()],
      },
    });

    expect(none).to.deep.equal([]);
    expect(facts?.shortcuts.map(({ name }) => name)).to.deep.equal(['rome-milan', 'rome-naples']);
    expect(facts?.leaves).to.deep.equal(['naples']);
  });

  it('counts what is going for the commit that removed it, else for the one that counts', () => {
    const shortcuts = ['one', 'two', 'three'].map((name) => {
      return aShortcut({ metadata: { ...GOING, name } });
    });
    const byHand = aShortcut({ metadata: { ...GOING, name: 'by-hand', labels: {} } });
    const facts = gather({
      picture: { shortcuts: [...shortcuts, byHand], leafClusters: [] },
      removed: new Map([
        [A, new Set(['Shortcut/liqo-shortcuts/one', 'Shortcut/liqo-shortcuts/gone'])],
        [B, new Set(['Shortcut/liqo-shortcuts/two'])],
      ]),
      followed: [A],
    });

    const told = facts.map((one) => [
      one.revision,
      one.shortcuts.map(({ name }) => name).join(' '),
    ]);
    expect(told).to.deep.equal([
      [B, 'three two'],
      [A, 'one'],
    ]);
    expect(facts[1]?.removed).to.deep.equal(['Shortcut/liqo-shortcuts/gone']);
  });

  it('holds a source that cannot be read against no commit but the one that was not read', () => {
    const error = { code: 'GIT_UNREACHABLE', message: 'away' };
    const report = { revision: A, error, plan: { held: [], guards: [] } };
    const at = (revisionAttempted: string) =>
      gather({
        pass: { report, source: { revisionAttempted, revisionApplied: A, error } },
      }).map((one) => [one.revision, one.error?.code, one.isApplied]);

    expect(at(A)).to.deep.equal([[A, undefined, true]]);
    expect(at(B)).to.deep.equal([
      [B, 'GIT_UNREACHABLE', false],
      [A, undefined, true],
    ]);
  });

  it('tells what the main cluster did not take, and whose fault an unread commit is', () => {
    const error = { code: 'CLUSTER_FORBIDDEN', message: 'no' };
    const plan = { held: [], guards: [] };
    const [unwritten] = gather({
      pass: {
        report: { revision: B, plan },
        source: { revisionAttempted: B, revisionApplied: A, error },
      },
    });
    expect(unwritten?.error).to.deep.equal({ ...error, isAuthors: false });

    const unsigned = { code: 'GIT_UNVERIFIED', message: 'no' };
    const [unverified] = gather({
      pass: { report: { error: unsigned, plan }, source: { revisionAttempted: B } },
    });
    expect(unverified?.error).to.deep.equal({ ...unsigned, isAuthors: true });
  });
});

describe('judgeShortcut', () => {
  const ready = aMirrored('a', 'x');
  for (const { name, shortcut, state } of [
    { name: 'ready', shortcut: ready, state: 'ready' },
    { name: 'not looked at', shortcut: aShortcut(), state: 'progressing' },
    {
      name: 'judged by a former spec',
      shortcut: { ...ready, metadata: { ...ready.metadata, generation: 2 } },
      state: 'progressing',
    },
    {
      name: 'suspended',
      shortcut: { ...ready, spec: { ...ready.spec, suspend: true } },
      state: 'suspended',
    },
    { name: 'waiting', shortcut: aMirrored('a', 'x', 'KeysPending'), state: 'progressing' },
    { name: 'wrong', shortcut: aMirrored('a', 'x', 'DuplicatePair'), state: 'refused' },
    { name: 'lost', shortcut: aMirrored('a', 'x', 'ConnectionLost'), state: 'troubled' },
    { name: 'of a reason to come', shortcut: aMirrored('a', 'x', 'New'), state: 'troubled' },
    {
      name: 'going',
      shortcut: { ...ready, metadata: { ...ready.metadata, ...GOING } },
      state: 'removing',
    },
    {
      name: 'not let go',
      shortcut: aShortcut({
        ...aMirrored('a', 'x', 'DeletionBlocked'),
        metadata: { ...ready.metadata, ...GOING },
      }),
      state: 'troubled',
    },
  ] as const) {
    it(`takes one that is ${name} for ${state}`, () => {
      expect(judgeShortcut(shortcut).state).to.equal(state);
    });
  }
});
