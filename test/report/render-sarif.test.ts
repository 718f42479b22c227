import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Log, Result, Run } from 'sarif';
import type { ReconcileReport } from '../../src/model/generated/report.ts';
import { PROBLEM_CODES } from '../../src/model/problem.ts';
import { buildReport } from '../../src/reconcile/build-report.ts';
import { renderSarif } from '../../src/report/render-sarif.ts';
import { aDesiredState, aFullReport, aProblem, aReportInput } from '../reconcile/reports.ts';
import { evilText, expectSteersNothing, poison } from './evil-text.ts';

const options = { color: false, installation: 'main', version: '1.0.0' };

/** The official schema is of draft 4: but for its own name, everything in it means the same today. */
function compileSchema() {
  const text = readFileSync('test/fixtures/sarif/sarif-schema-2.1.0.json', 'utf8');
  const schema = JSON.parse(text) as Record<string, unknown>;
  delete schema['id'];
  delete schema['$schema'];
  const ajv = new Ajv({ strict: false, unicodeRegExp: false });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

function runOf(report: ReconcileReport): Run {
  return (JSON.parse(renderSarif(report, options)) as Log).runs[0]!;
}

function resultsOf(...problems: readonly Parameters<typeof aProblem>[0][]): readonly Result[] {
  const desired = aDesiredState(problems.map((problem) => aProblem(problem)));
  return runOf(buildReport(aReportInput({ desired }))).results!;
}

function fingerprintsOf(...problems: readonly Parameters<typeof aProblem>[0][]): readonly string[] {
  return resultsOf(...problems).map(
    (result) => result.partialFingerprints!['primaryLocationLineHash']!,
  );
}

describe('renderSarif', () => {
  const validate = compileSchema();

  it('is SARIF 2.1.0 by the official schema, whatever is in it', () => {
    fc.assert(
      fc.property(evilText, (text) => {
        const rendered = renderSarif(poison(aFullReport(), text), options);

        expect(validate(JSON.parse(rendered)), JSON.stringify(validate.errors)).to.equal(true);
        expectSteersNothing(rendered);
      }),
    );
  });

  it('is one result for each problem, at its place from the root of the repository', () => {
    const { results } = runOf(aFullReport());

    expect(results).to.have.lengthOf(2);
    expect(results?.[0]).to.deep.include({
      ruleId: 'unknown-leaf',
      level: 'error',
      message: { text: 'no LeafCluster is named "milano"' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'shortcuts/rome-milan.yaml', uriBaseId: '%SRCROOT%' },
            region: { startLine: 6, startColumn: 20 },
          },
          logicalLocations: [
            { fullyQualifiedName: 'Shortcut/liqo-shortcuts/rome-milan', kind: 'resource' },
          ],
        },
      ],
    });
    expect(results?.[1]?.level).to.equal('warning');
  });

  it('has a rule with help for every code, and results that point at theirs', () => {
    const run = runOf(aFullReport());
    const rules = run.tool.driver.rules!;

    expect(rules.map(({ id }) => id)).to.deep.equal([...PROBLEM_CODES]);
    for (const { help, shortDescription } of rules) {
      expect(shortDescription?.text).to.match(/^[A-Z].*[^.]$/);
      expect(help?.text).to.match(/\. See docs\/reference\/problems\.md#[a-z0-9-]+\.$/);
    }
    for (const { ruleId, ruleIndex } of run.results!)
      expect(rules[ruleIndex!]?.id).to.equal(ruleId);
  });

  it('tells what a guard refused, and how the run ended', () => {
    const [invocation] = runOf({ ...aFullReport(), exitCode: 3 }).invocations!;

    expect(invocation).to.deep.equal({
      executionSuccessful: true,
      exitCode: 3,
      toolExecutionNotifications: [
        {
          level: 'error',
          message: {
            text: '7 of 9 resources would be deleted\nheld: Shortcut/liqo-shortcuts/delete',
          },
          descriptor: { id: 'deletion-guard' },
        },
      ],
    });
    expect(runOf({ ...aFullReport(), exitCode: 2 }).invocations?.[0]?.executionSuccessful).to.equal(
      false,
    );
  });

  describe('fingerprints', () => {
    it('stay when lines move, texts change and a file is renamed', () => {
      expect(
        fingerprintsOf({ line: 60, column: 2, message: 'other', file: 'b.yaml' }),
      ).to.deep.equal(fingerprintsOf({}));
    });

    const others = [
      { name: 'code', other: { code: 'self-link' } },
      { name: 'resource', other: { resource: 'Shortcut/ns/other' } },
      { name: 'pointer', other: { pointer: '/spec/clusters/0' } },
    ] as const;
    for (const { name, other } of others) {
      it(`differ by ${name}`, () => {
        expect(fingerprintsOf(other)).not.to.deep.equal(fingerprintsOf({}));
      });
    }

    it('differ by file where no resource is known', () => {
      const inB = fingerprintsOf({ resource: '', file: 'b.yaml' });

      expect(inB).not.to.deep.equal(fingerprintsOf({ resource: '' }));
    });

    it('differ between two of a kind', () => {
      const [a, b] = fingerprintsOf({ line: 1 }, { line: 2 });

      expect(a).not.to.equal(b);
    });
  });

  it('writes a file name as a URI', () => {
    const [result] = resultsOf({ file: 'a b/c#d%?é.yaml' });

    const { uri } = result?.locations?.[0]?.physicalLocation?.artifactLocation ?? {};
    expect(uri).to.equal('a%20b/c%23d%25%3F%C3%A9.yaml');
  });

  it('shows what would steer whoever prints a message', () => {
    const [result] = resultsOf({ message: 'a\u001b[2J' });

    expect(result?.message.text).to.equal(String.raw`a\\u{{1b}}\[2J`);
  });

  it('takes links and placeholders of a message for what they are: text', () => {
    const [result] = resultsOf({ message: String.raw`[x](https://evil.example) \[y](1) {0}` });

    expect(result?.message.text).to.equal(String.raw`\[x\](https://evil.example) \\\[y\](1) {{0}}`);
  });
});
