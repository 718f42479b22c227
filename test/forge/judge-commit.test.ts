import { expect } from 'chai';

import type { CommitFacts, ShortcutFact } from '../../src/forge/commit-facts.ts';
import { judgeCommit } from '../../src/forge/judge-commit.ts';
import type { Problem } from '../../src/model/problem.ts';
import { revisionOf } from './reporter-world.ts';

/** GitHub's limit. */
const LONGEST = 140;

function someFacts(overrides: Partial<CommitFacts> = {}): CommitFacts {
  return {
    revision: revisionOf('a'),
    isApplied: true,
    problems: [],
    refusals: [],
    held: [],
    shortcuts: [],
    leaves: [],
    removed: [],
    ...overrides,
  };
}

function shortcuts(...states: readonly ShortcutFact['state'][]): Pick<CommitFacts, 'shortcuts'> {
  const fact = { namespace: 'n', clusters: ['a', 'b'], reason: 'R', message: 'm' };
  return { shortcuts: states.map((state, index) => ({ ...fact, name: `s${index}`, state })) };
}

function problem(severity: Problem['severity']): Pick<CommitFacts, 'problems'> {
  const place = { file: 'a.yaml', line: 1, column: 1, pointer: '', resource: '' };
  return { problems: [{ code: 'schema-violation', severity, message: 'm', ...place }] };
}

const guard = { refusals: [{ code: 'deletion-guard', message: 'm' }] };
const error = { code: 'GIT_SOURCE_INVALID', message: 'm', isAuthors: false };

const CASES: readonly (readonly [string, Partial<CommitFacts>, string, RegExp])[] = [
  ['what could not be read', { error, isApplied: false }, 'error', /GIT_SOURCE_INVALID/],
  [
    'what its author must mend before it can be read',
    { error: { ...error, code: 'GIT_UNVERIFIED', isAuthors: true } },
    ...(['failure', /GIT_UNVERIFIED/] as const),
  ],
  ['an invalid file', { ...problem('error'), ...shortcuts('ready') }, 'failure', /1 error in/],
  ['a warning', { ...problem('warning'), ...shortcuts('ready') }, 'success', /all is as asked/],
  ['a guard', { ...guard, ...shortcuts('troubled') }, 'failure', /held back/],
  [
    'a name that is taken',
    { refusals: [{ code: 'ownership', message: 'm' }] },
    ...(['failure', /taken/] as const),
  ],
  ['what is not applied yet', { isApplied: false }, 'pending', /not applied yet/],
  ['a shortcut that cannot be', shortcuts('ready', 'troubled', 'refused'), 'failure', /as it is/],
  ['a shortcut in trouble', shortcuts('progressing', 'troubled'), 'error', /not connected/],
  ['a shortcut under way', shortcuts('ready', 'progressing'), 'pending', /waiting/],
  ['a shortcut that is going', shortcuts('removing'), 'pending', /waiting/],
  ['shortcuts that are ready or rest', shortcuts('ready', 'suspended'), 'success', /as asked/],
  ['what is gone', { removed: ['Shortcut/n/a'] }, 'success', /as asked/],
  ['a change of something else', {}, 'success', /changes nothing/],
];

describe('judgeCommit', () => {
  for (const [name, facts, state, description] of CASES) {
    it(`says ${state} for ${name}`, () => {
      const status = judgeCommit(someFacts(facts));

      expect(status.state).to.equal(state);
      expect(status.description).to.match(description);
      expect(status.description.length).to.be.at.most(LONGEST);
    });
  }
});
