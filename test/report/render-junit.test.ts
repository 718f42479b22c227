import { expect } from 'chai';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { buildReport } from '../../src/reconcile/build-report.ts';
import { renderJunit } from '../../src/report/render-junit.ts';
import { showPlainly } from '../../src/report/show-plainly.ts';
import { aDesiredState, aFullReport, aProblem, aReportInput } from '../reconcile/reports.ts';
import { evilText, expectSteersNothing, poison } from './evil-text.ts';

const options = { color: false, installation: 'main', version: '1.0.0' };

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
  readonly children: Node[];
}

/** With a strict parser: it throws on what is not well-formed, and on every character that XML 1.0 cannot hold. */
function parse(xml: string): Node {
  const root: Node = { name: '', attributes: {}, text: '', children: [] };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const node: Node = { name, attributes, text: '', children: [] };
    open.at(-1)!.children.push(node);
    open.push(node);
  });
  parser.on('text', (text) => {
    open.at(-1)!.text += text;
  });
  parser.on('closetag', () => void open.pop());
  for (const event of ['comment', 'cdata', 'processinginstruction', 'doctype'] as const) {
    parser.on(event, () => expect.fail(`there is a ${event}`));
  }
  parser.write(xml).close();
  return root.children[0]!;
}

function casesOf(root: Node): readonly Node[] {
  return root.children.flatMap(({ children }) => children);
}

/** Names and numbers of what there is, without the texts. */
function shapeOf({ name, attributes, children }: Node): unknown {
  return { name, attributes: Object.keys(attributes), children: children.map(shapeOf) };
}

describe('renderJunit', () => {
  it('is a test case for every problem, guard, change and result', () => {
    expect(renderJunit({ ...aFullReport(), exitCode: 2 }, options)).to.equal(
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="liqo-shortcuts" tests="12" failures="2" errors="2" skipped="2">
  <testsuite name="desired state" tests="2" failures="1" errors="0" skipped="0">
    <testcase name="unknown-leaf Shortcut/liqo-shortcuts/rome-milan/spec/clusters/1" classname="shortcuts/rome-milan.yaml" file="shortcuts/rome-milan.yaml">
      <failure type="unknown-leaf" message="shortcuts/rome-milan.yaml:6:20: no LeafCluster is named &quot;milano&quot;">shortcuts/rome-milan.yaml:6:20: no LeafCluster is named "milano"</failure>
    </testcase>
    <testcase name="symlink-ignored Shortcut/liqo-shortcuts/rome-milan/spec/clusters/1" classname="shortcuts/link.yaml" file="shortcuts/link.yaml">
      <system-out>shortcuts/link.yaml:6:20: no LeafCluster is named "milano"</system-out>
    </testcase>
  </testsuite>
  <testsuite name="guards" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="deletion-guard" classname="guard">
      <failure type="deletion-guard" message="7 of 9 resources would be deleted; held: Shortcut/liqo-shortcuts/delete">7 of 9 resources would be deleted; held: Shortcut/liqo-shortcuts/delete</failure>
    </testcase>
  </testsuite>
  <testsuite name="changes" tests="6" failures="0" errors="0" skipped="2">
    <testcase name="create Shortcut/liqo-shortcuts/create" classname="change" file="shortcuts/rome-milan.yaml"/>
    <testcase name="update Shortcut/liqo-shortcuts/update" classname="change" file="shortcuts/rome-milan.yaml">
      <system-out>blocked: leaf "rome" does not allow it; downtime: re-created: GatewayServer on "rome" goes.; server: "milan" listens: spec.server says so.; objects: create GatewayServer/liqo-tenant-rome/rome on "milan": It is missing.; addresses: "milan" will most likely see of "rome" pod 10.200.0.0/16 as 10.71.0.0/16 (10.200.0.0/16 is its own pod CIDR); not allowed: "rome": get secrets in namespace liqo-tenant-milan; note: something was assumed</system-out>
    </testcase>
    <testcase name="delete Shortcut/liqo-shortcuts/delete" classname="change" file="shortcuts/rome-milan.yaml">
      <system-out>downtime: ends: The connection is taken away.</system-out>
    </testcase>
    <testcase name="keep Shortcut/liqo-shortcuts/keep" classname="change" file="shortcuts/rome-milan.yaml"/>
    <testcase name="unknown Shortcut/liqo-shortcuts/unknown" classname="change" file="shortcuts/rome-milan.yaml">
      <skipped type="unknown" message="is new">is new</skipped>
    </testcase>
    <testcase name="blocked Shortcut/liqo-shortcuts/blocked" classname="change" file="shortcuts/rome-milan.yaml">
      <skipped type="blocked" message="is new">is new</skipped>
    </testcase>
  </testsuite>
  <testsuite name="results" tests="3" failures="0" errors="2" skipped="0">
    <testcase name="Shortcut/ns/a" classname="result"/>
    <testcase name="Shortcut/ns/b" classname="result">
      <error type="Connecting" message="not yet">not yet</error>
    </testcase>
    <testcase name="Shortcut/ns/c" classname="result">
      <error type="LeafUnreachable" message="?">?</error>
    </testcase>
  </testsuite>
</testsuites>
`,
    );
  });

  it('skips what is merely not ready yet', () => {
    const root = parse(renderJunit({ ...aFullReport(), exitCode: 0 }, options));

    expect(root.attributes).to.include({ errors: '0', skipped: '4' });
  });

  it('has a test also when there is nothing to say, and one for each file that is fine', () => {
    const nothing = casesOf(parse(renderJunit(buildReport(aReportInput()), options)));
    const { changes } = aFullReport();
    const fine = casesOf(
      parse(renderJunit({ ...buildReport(aReportInput()), changes: changes.slice(0, 1) }, options)),
    );

    expect(nothing.map(({ attributes }) => attributes['name'])).to.deep.equal(['main@sha1:0123']);
    expect(fine.map(({ attributes }) => attributes['name'])).to.deep.equal([
      'shortcuts/rome-milan.yaml',
      'create Shortcut/liqo-shortcuts/create',
    ]);
  });

  it('keeps the names of tests when lines move', () => {
    const namesAt = (line: number) => {
      const desired = aDesiredState([aProblem({ line }), aProblem({ line, resource: '' })]);
      const cases = casesOf(parse(renderJunit(buildReport(aReportInput({ desired })), options)));
      return cases.map(({ attributes }) => attributes['name']);
    };

    expect(namesAt(80)).to.deep.equal(namesAt(8));
  });

  it('is well-formed and holds every text as text, whatever is in it', () => {
    const want = shapeOf(parse(renderJunit(poison(aFullReport(), 'x'), options)));

    fc.assert(
      fc.property(evilText, (text) => {
        const rendered = renderJunit(poison(aFullReport(), text), options);
        const root = parse(rendered);
        const guard = casesOf(root).find(({ attributes }) => attributes['classname'] === 'guard');

        expect(shapeOf(root)).to.deep.equal(want);
        expect(guard?.children[0]?.text).to.equal(showPlainly(`${text}; held: ${text}`));
        expectSteersNothing(rendered);
      }),
    );
  });
});
