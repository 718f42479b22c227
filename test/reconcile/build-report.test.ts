import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import fc from 'fast-check';
import type { MirrorPlan } from '../../src/mirror/mirror-plan.ts';
import { buildReport, type ReportInput } from '../../src/reconcile/build-report.ts';
import { aDesiredState, aFullReport, aMirrorAction, aProblem, aReportInput } from './reports.ts';

const SCHEMA = join(import.meta.dirname, '../../schemas/report.schema.json');

const invalid = aDesiredState([aProblem()]);
const warned = aDesiredState([aProblem({ severity: 'warning' })]);
const guarded: MirrorPlan = {
  actions: [aMirrorAction('create')],
  held: [],
  guards: [{ code: 'ownership', message: 'was made by hand', held: ['Shortcut/ns/x'] }],
};

function planWith(...actions: readonly Parameters<typeof aMirrorAction>[0][]): MirrorPlan {
  return { actions: actions.map((action) => aMirrorAction(action)), held: [], guards: [] };
}

const leafWrite = aFullReport().objects;

describe('buildReport', () => {
  let validate: ValidateFunction;

  before(async () => {
    const schema = JSON.parse(await readFile(SCHEMA, 'utf8')) as object;
    validate = new Ajv2020({ allErrors: true, formats: { 'date-time': true } }).compile(schema);
  });

  it('is what the schema says, empty or full', () => {
    for (const report of [buildReport(aReportInput()), aFullReport()]) {
      expect(validate(report), JSON.stringify(validate.errors)).to.be.true;
    }
  });

  describe('exit code', () => {
    const cases: readonly { name: string; input: Partial<ReportInput>; want: number }[] = [
      { name: 'valid and nothing to do', input: {}, want: 0 },
      { name: 'changes, which are no failure', input: { mirrorPlan: planWith('create') }, want: 0 },
      { name: 'a warning', input: { desired: warned }, want: 0 },
      { name: 'an invalid file', input: { desired: invalid }, want: 1 },
      { name: 'a broken environment', input: { isEnvironmentBroken: true }, want: 2 },
      { name: 'a guard', input: { mirrorPlan: guarded }, want: 3 },
      {
        name: 'pending changes, when asked for them',
        input: { mirrorPlan: planWith('create'), detailedExitCode: true },
        want: 4,
      },
      {
        name: 'a pending update',
        input: { mirrorPlan: planWith('keep', 'update'), detailedExitCode: true },
        want: 4,
      },
      {
        name: 'a pending deletion',
        input: { mirrorPlan: planWith('delete'), detailedExitCode: true },
        want: 4,
      },
      {
        name: 'nothing pending, though asked for it',
        input: { mirrorPlan: planWith('keep', 'unknown'), detailedExitCode: true },
        want: 0,
      },
      {
        name: 'changes that were carried out',
        input: { mirrorPlan: planWith('create'), detailedExitCode: true, mode: 'apply' },
        want: 0,
      },
      {
        name: 'invalid before all else',
        input: {
          desired: invalid,
          mirrorPlan: guarded,
          isEnvironmentBroken: true,
          detailedExitCode: true,
        },
        want: 1,
      },
      {
        name: 'a guard before the environment',
        input: { mirrorPlan: guarded, isEnvironmentBroken: true, detailedExitCode: true },
        want: 3,
      },
      {
        name: 'the environment before changes',
        input: {
          mirrorPlan: planWith('create'),
          isEnvironmentBroken: true,
          detailedExitCode: true,
        },
        want: 2,
      },
    ];

    for (const { name, input, want } of cases) {
      it(`is ${want} for ${name}`, () => {
        expect(buildReport(aReportInput(input)).exitCode).to.equal(want);
      });
    }

    it('is 4 for writes on a leaf that are still to come', () => {
      const report = aFullReport({
        desired: aDesiredState(),
        mirrorPlan: planWith('keep'),
        detailedExitCode: true,
      });

      expect(report.objects).to.deep.equal(leafWrite);
      expect(report.exitCode).to.equal(4);
    });
  });

  it('counts what happens', () => {
    expect(aFullReport().summary).to.deep.equal({
      ...{ files: 3, valid: 2, invalid: 1, create: 1, update: 1, delete: 1 },
      ...{ unchanged: 1, unknown: 1, blocked: 1 },
      connections: { existing: 14, deleted: 1, recreated: 1 },
    });
  });

  it('counts a file with several errors once, and one with a warning as valid', () => {
    const problems = [
      aProblem(),
      aProblem({ line: 9 }),
      aProblem({ file: 'b.yaml', severity: 'warning' }),
    ];

    const { summary } = buildReport(aReportInput({ desired: aDesiredState(problems, 2) }));

    expect(summary).to.include({ files: 2, valid: 1, invalid: 1 });
  });

  it('never counts less than no valid file: the folder itself may be the problem', () => {
    const desired = aDesiredState([aProblem({ code: 'path-not-found', file: 'nowhere' })], 0);

    expect(buildReport(aReportInput({ desired })).summary).to.include({
      files: 0,
      valid: 0,
      invalid: 1,
    });
  });

  it('says of every change what it is about, and nothing of the objects themselves', () => {
    expect(aFullReport().changes[0]).to.deep.equal({
      action: 'create',
      resource: 'Shortcut/liqo-shortcuts/create',
      clusters: ['milan', 'rome'],
      reason: 'is new',
      file: 'shortcuts/rome-milan.yaml',
    });
  });

  it('lists writes on leaves by cluster, kind and name; a patch is an apply to a reader', () => {
    expect(aFullReport().objects).to.deep.equal([
      {
        ...{ action: 'apply', cluster: 'rome', kind: 'LeafCluster' },
        ...{ namespace: 'liqo-tenant-milan', name: 'milan', reason: 'has a field too many' },
      },
      {
        ...{ action: 'delete', cluster: 'milan', kind: 'Namespace' },
        ...{ namespace: '', name: 'liqo-tenant-rome', reason: 'is not needed any more' },
      },
    ]);
  });

  it('gives the same bytes whatever the order of plans and results', () => {
    const results = ['a', 'b', 'c', 'c'].map((name) => ({
      resource: `Shortcut/ns/${name}`,
      ready: 'True' as const,
      reason: 'Connected',
      message: '',
    }));
    const expected = JSON.stringify(buildReport(aReportInput({ results })));
    fc.assert(
      fc.property(fc.shuffledSubarray(results, { minLength: results.length }), (shuffled) => {
        expect(JSON.stringify(buildReport(aReportInput({ results: shuffled })))).to.equal(expected);
      }),
    );
  });
});
