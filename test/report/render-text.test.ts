import { expect } from 'chai';
import fc from 'fast-check';
import { renderText } from '../../src/report/render-text.ts';
import type { ReconcileReport } from '../../src/model/generated/report.ts';
import { buildReport } from '../../src/reconcile/build-report.ts';
import { aDesiredState, aFullReport, aProblem, aReportInput } from '../reconcile/reports.ts';
import { evilText, expectSteersNothing, poison } from './evil-text.ts';

const plain = { color: false, installation: 'main', version: '1.0.0' } as const;

describe('renderText', () => {
  it('tells what is wrong, what is refused, what changes, and what to do next', () => {
    expect(renderText(aFullReport(), plain)).to.equal(
      `shortcuts/rome-milan.yaml:6:20: error unknown-leaf: no LeafCluster is named "milano"
shortcuts/link.yaml:6:20: warning symlink-ignored: no LeafCluster is named "milano"

refused deletion-guard: 7 of 9 resources would be deleted
    held: Shortcut/liqo-shortcuts/delete

✕ Shortcut/ns/b: Connecting: not yet
? Shortcut/ns/c: LeafUnreachable: ?

+ Shortcut/liqo-shortcuts/create (milan – rome)  is new
~ Shortcut/liqo-shortcuts/update (milan – rome)  is new
    blocked      leaf "rome" does not allow it
    downtime     re-created: GatewayServer on "rome" goes.
    server       "milan" listens: spec.server says so.
    objects      create GatewayServer/liqo-tenant-rome/rome on "milan": It is missing.
    addresses    "milan" will most likely see of "rome" pod 10.200.0.0/16 as 10.71.0.0/16 (10.200.0.0/16 is its own pod CIDR)
    not allowed  "rome": get secrets in namespace liqo-tenant-milan
    note         something was assumed
- Shortcut/liqo-shortcuts/delete (milan – rome)  is new
    downtime     ends: The connection is taken away.
! Shortcut/liqo-shortcuts/blocked (milan – rome)  is new

✓ Shortcut/ns/a: Connected: up

This deletes 1 of 14 connections and makes 1 anew.
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

  it('says how pending changes are carried out', () => {
    for (const exitCode of [0, 4] as const) {
      expect(renderText({ ...aFullReport(), exitCode }, plain)).to.match(/^Next: merge it/m);
    }
  });

  it('says nothing of next steps when all is done', () => {
    expect(renderText({ ...aFullReport({ mode: 'apply' }), exitCode: 0 }, plain)).not.to.include(
      'Next',
    );
  });

  it('colours only where it is asked to', () => {
    const escape = /\u001b\[/;

    expect(renderText(aFullReport(), { ...plain, color: true })).to.match(escape);
    expect(renderText(aFullReport(), plain)).not.to.match(escape);
  });

  it('shows a control character for what it is', () => {
    const desired = aDesiredState([aProblem({ file: 'a\u001b[2J.yaml', message: 'x\ny\u061cz' })]);

    const text = renderText(buildReport(aReportInput({ desired })), plain);

    expect(text).to.include('a\\u{1b}[2J.yaml').and.include('x\\u{a}y\\u{61c}z');
  });

  it('lets no text from a repository or a cluster steer a terminal or a CI runner, or add a line', () => {
    const lines = renderText(aFullReport(), plain).split('\n').length;

    fc.assert(
      fc.property(evilText, (text) => {
        const rendered = renderText(poison(aFullReport(), text), plain);

        expectSteersNothing(rendered);
        expect(rendered.split('\n')).to.have.lengthOf(lines);
      }),
    );
  });
});
