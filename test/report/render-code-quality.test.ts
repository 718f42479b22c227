import { expect } from 'chai';
import fc from 'fast-check';
import { buildReport } from '../../src/reconcile/build-report.ts';
import { renderCodeQuality } from '../../src/report/render-code-quality.ts';
import { aDesiredState, aFullReport, aProblem, aReportInput } from '../reconcile/reports.ts';
import { evilText, expectSteersNothing, poison } from './evil-text.ts';

const options = { color: false, installation: 'main', version: '1.0.0' };

interface Issue {
  readonly fingerprint: string;
  readonly [key: string]: unknown;
}

function issuesOf(...problems: readonly Parameters<typeof aProblem>[0][]): readonly Issue[] {
  const desired = aDesiredState(problems.map((problem) => aProblem(problem)));
  return JSON.parse(
    renderCodeQuality(buildReport(aReportInput({ desired })), options),
  ) as readonly Issue[];
}

describe('renderCodeQuality', () => {
  it('is an issue for each problem, with the fields that GitLab asks for', () => {
    const place = { code: 'unknown-leaf', file: 'shortcuts/a.yaml', line: 7 } as const;

    const [error, warning] = issuesOf(
      { ...place, severity: 'error', message: 'no such leaf' },
      { ...place, severity: 'warning', message: 'cannot be checked' },
    );

    expect(error).to.include({ check_name: 'unknown-leaf', severity: 'blocker' });
    expect(error?.['description']).to.equal('no such leaf');
    expect(error?.['location']).to.deep.equal({ path: 'shortcuts/a.yaml', lines: { begin: 7 } });
    expect(warning).to.include({ severity: 'minor' });
  });

  it('knows a problem again when its line moves, and tells two of a kind apart', () => {
    const problem = { resource: 'Shortcut/ns/a', pointer: '/spec/clusters/0' };

    const [first, second] = issuesOf({ ...problem, line: 4 }, { ...problem, line: 9 });
    const [moved] = issuesOf({ ...problem, line: 40 });

    expect(moved?.fingerprint).to.equal(first?.fingerprint);
    expect(second?.fingerprint).to.not.equal(first?.fingerprint);
  });

  it('is an empty list where nothing is wrong', () => {
    expect(issuesOf()).to.deep.equal([]);
  });

  it('holds any text and steers nothing that prints it', () => {
    fc.assert(
      fc.property(evilText, (text) => {
        const rendered = renderCodeQuality(poison(aFullReport(), text), options);

        expect(JSON.parse(rendered)).to.be.an('array');
        expectSteersNothing(rendered);
      }),
    );
  });
});
