import { expect } from 'chai';
import fc from 'fast-check';
import { renderJson, renderText } from '../../src/cli/render-report.ts';
import type { ReconcileReport } from '../../src/model/generated/report.ts';
import { buildReport } from '../../src/reconcile/build-report.ts';
import { aDesiredState, aFullReport, aProblem, aReportInput } from '../reconcile/reports.ts';

const plain = { color: false } as const;

describe('renderText', () => {
  it('tells what is wrong, what is refused, what changes, and what to do next', () => {
    expect(renderText(aFullReport(), plain)).to.equal(
      `shortcuts/rome-milan.yaml:6:20: error unknown-leaf: no LeafCluster is named "milano"
shortcuts/link.yaml:6:20: warning symlink-ignored: no LeafCluster is named "milano"

refused deletion-guard: 7 of 9 resources would be deleted
    held: Shortcut/liqo-shortcuts/delete

+ Shortcut/liqo-shortcuts/create (milan – rome)  is new
~ Shortcut/liqo-shortcuts/update (milan – rome)  is new
- Shortcut/liqo-shortcuts/delete (milan – rome)  is new
! Shortcut/liqo-shortcuts/blocked (milan – rome)  is new

  apply LeafCluster/liqo-tenant-milan/milan on rome: has a field too many
  delete Namespace/liqo-tenant-rome on milan: is not needed any more

✓ Shortcut/ns/a: Connected: up
✕ Shortcut/ns/b: Connecting: not yet
? Shortcut/ns/c: LeafUnreachable: ?

main@sha1:0123 (dry-run): 3 files, 2 valid, 1 invalid, 1 to create, 1 to update, 1 to delete, 1 unchanged, 1 not compared, 1 blocked
Next: correct the files above; nothing is deleted from the clusters while one is wrong.
`,
    );
  });

  it('is one line when there is nothing to say', () => {
    expect(renderText(buildReport(aReportInput()), plain)).to.equal(
      'main@sha1:0123 (dry-run): 3 files, 3 valid, 0 invalid, 0 to create, 0 to update, 0 to delete, 0 unchanged\n',
    );
  });

  it('says that nobody was asked when it was offline, and how to learn more', () => {
    const text = renderText(buildReport(aReportInput({ mode: 'offline' })), plain);

    expect(text)
      .to.include('offline, no cluster was asked')
      .and.include('--base')
      .and.include('--kubeconfig');
  });

  it('does not tell to compare what was compared', () => {
    const { source } = aReportInput();
    const report = buildReport(
      aReportInput({ mode: 'offline', source: { ...source, base: 'main' } }),
    );

    expect(renderText(report, plain)).not.to.include('Next');
  });

  const nexts: readonly { exitCode: ReconcileReport['exitCode']; want: string }[] = [
    { exitCode: 1, want: 'correct the files' },
    { exitCode: 2, want: 'running again is safe' },
    { exitCode: 3, want: 'what is held' },
  ];

  for (const { exitCode, want } of nexts) {
    it(`says what to do next after exit code ${exitCode}`, () => {
      expect(renderText({ ...aFullReport(), exitCode }, plain)).to.match(
        new RegExp(`^Next: .*${want}`, 'm'),
      );
    });
  }

  it('says nothing of next steps when changes are pending', () => {
    expect(renderText({ ...aFullReport(), exitCode: 4 }, plain)).not.to.include('Next');
  });

  it('colours only where it is asked to', () => {
    const escape = /\u001b\[/;

    expect(renderText(aFullReport(), { color: true })).to.match(escape);
    expect(renderText(aFullReport(), plain)).not.to.match(escape);
  });

  it('shows a control character for what it is', () => {
    const desired = aDesiredState([aProblem({ file: 'a\u001b[2J.yaml', message: 'x\ny\u061cz' })]);

    const text = renderText(buildReport(aReportInput({ desired })), plain);

    expect(text).to.include('a\\u{1b}[2J.yaml').and.include('x\\u{a}y\\u{61c}z');
  });

  it('lets no text from a repository or a cluster steer a terminal, or add a line', () => {
    const evil = fc.string({
      unit: fc.constantFrom(
        'a',
        '\u001b',
        '\n',
        '\r',
        '\u0085',
        '\u009b',
        '\u202e',
        '\u2066',
        '\u061c',
        '\u200f',
      ),
    });
    fc.assert(
      fc.property(evil, (text) => {
        const report = poison(aFullReport(), text);
        const rendered = renderText(report, plain);

        expect(rendered).not.to.match(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
        expect(rendered.split('\n')).to.have.lengthOf(
          renderText(aFullReport(), plain).split('\n').length,
        );
      }),
    );
  });
});

describe('renderJson', () => {
  it('is the report, and ends with a line break', () => {
    const report = aFullReport();
    const text = renderJson(report);

    expect(JSON.parse(text)).to.deep.equal(report);
    expect(text).to.match(/\}\n$/);
  });
});

/** Every text of the report that a repository or a cluster has a say in. */
const FREE_TEXTS = new Set([
  ...['message', 'file', 'resource', 'reason', 'revision', 'name', 'namespace', 'cluster'],
]);

/** The report with the text put into each of them. */
function poison(report: ReconcileReport, text: string): ReconcileReport {
  return JSON.parse(JSON.stringify(report), (key, value: unknown) =>
    typeof value === 'string' && FREE_TEXTS.has(key) ? `x${text}` : value,
  ) as ReconcileReport;
}
