import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';

import { findGithubProblems } from '../support/github-parser.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

const FILES = [
  ...filesBelow('.github/workflows').map((path) => ({ path, kind: 'workflow' as const })),
  ...filesBelow('.github/actions', 'action.yml').map((path) => ({ path, kind: 'action' as const })),
];

function filesBelow(folder: string, end = '.yaml'): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(end))
    .map((entry) => relative('.', join(entry.parentPath, entry.name)));
}

function stepsOf(content: string): readonly Step[] {
  const { runs, jobs } = parse(content) as {
    readonly runs?: { readonly steps: readonly Step[] };
    readonly jobs?: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
  };
  return [...(runs?.steps ?? []), ...Object.values(jobs ?? {}).flatMap(({ steps }) => steps)];
}

describe('workflows and actions', () => {
  it('are looked at', () => {
    expect(FILES.map(({ path }) => path)).to.include.members([
      '.github/workflows/ci.yaml',
      '.github/actions/check/action.yml',
    ]);
  });

  for (const { path, kind } of FILES) {
    const content = readFileSync(path, 'utf8');

    it(`${path} is of the kind "${kind}" by GitHub's schema, with expressions that GitHub knows`, () => {
      expect(findGithubProblems(kind, { name: path, content })).to.deep.equal([]);
    });

    it(`${path} puts no text into a script`, () => {
      for (const { run = '' } of stepsOf(content)) expect(run).to.not.include('${{');
    });

    it(`${path} runs what others wrote by its commit, and nothing of anybody with secrets`, () => {
      for (const { uses } of stepsOf(content)) {
        if (uses === undefined || uses.startsWith('./')) continue;
        expect(uses).to.match(/@[0-9a-f]{40}$/);
      }
      expect(content.replaceAll(/#.*/g, '')).to.not.include('pull_request_target');
    });
  }

  it('are not by the schema where a key or an expression is wrong', () => {
    const action = readFileSync('.github/actions/check/action.yml', 'utf8');

    const unknownKey = action.replace('using: composite', 'using: composite\n  unknown: key');
    const unknownContext = action.replace('inputs.path', 'secrets.path');

    for (const content of [unknownKey, unknownContext]) {
      expect(findGithubProblems('action', { name: 'action.yml', content })).to.not.be.empty;
    }
  });
});
