import { expect } from 'chai';
import fc from 'fast-check';
import { lexer, type Token, type Tokens } from 'marked';
import { renderMarkdown } from '../../src/report/render-markdown.ts';
import { buildReport } from '../../src/reconcile/build-report.ts';
import {
  aDesiredState,
  aFullReport,
  aMirrorAction,
  aProblem,
  aReportInput,
} from '../reconcile/reports.ts';
import { evilText, poison } from './evil-text.ts';

const options = { color: false, installation: 'main', version: '1.0.0' };

/** Every piece of a page in its order, with the text of those that a reader sees, apart from code. */
function piecesOf(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) => {
    const children = 'tokens' in token ? (token.tokens ?? []) : [];
    const items = token.type === 'list' ? (token as { items: Token[] }).items : cellsOf(token);
    const isLeaf = children.length === 0 && items.length === 0;
    const text = isLeaf && token.type !== 'codespan' ? token.raw.trim() : '';
    return [`${token.type} ${text}`.trim(), ...piecesOf(children), ...piecesOf(items)];
  });
}

function cellsOf(token: Token): readonly Token[] {
  if (token.type !== 'table') return [];
  const { header, rows } = token as Tokens.Table;
  return [...header, ...rows.flat()].map(({ tokens }) => ({ type: 'cell', raw: '', tokens }));
}

describe('renderMarkdown', () => {
  it('tells what is wrong in the open and what changes in folds', () => {
    expect(renderMarkdown(aFullReport(), options)).to.equal(
      `<!-- liqo-shortcuts report of main -->

### Liqo Shortcuts: 1 error, refused, 5 changes, 1 not compared, 1 blocked

**This deletes 1 of 14 connections and makes 1 anew.**

<details open><summary>2 problems</summary>

- **error** unknown-leaf \`shortcuts/rome-milan.yaml:6:20\` \`no LeafCluster is named "milano"\`
- **warning** symlink-ignored \`shortcuts/link.yaml:6:20\` \`no LeafCluster is named "milano"\`

</details>

<details open><summary>Refused</summary>

- \`deletion-guard\` \`7 of 9 resources would be deleted\`
- held: \`Shortcut/liqo-shortcuts/delete\`

</details>

<details open><summary>2 connections</summary>

| | connection | listens | downtime | objects |
| --- | --- | --- | --- | --- |
| **delete** | \`milan – rome\` | – | **ends** | – |
| **update** | \`milan – rome\` | \`milan\` (not certain) | **re-created** | \`1 to create (1 on "milan")\` |

</details>

<details open><summary>2 not ready</summary>

- \`Shortcut/ns/b\` \`Connecting\` \`not yet\`
- \`Shortcut/ns/c\` \`LeafUnreachable\` \`?\`

</details>

<details><summary>4 resources</summary>

- **create** \`Shortcut/liqo-shortcuts/create\` \`milan – rome\` \`is new\`
- **update** \`Shortcut/liqo-shortcuts/update\` \`milan – rome\` \`is new\`
- **delete** \`Shortcut/liqo-shortcuts/delete\` \`milan – rome\` \`is new\`
- **blocked** \`Shortcut/liqo-shortcuts/blocked\` \`milan – rome\` \`is new\`

</details>

<details><summary>More on 2 connections</summary>

- **delete** \`Shortcut/liqo-shortcuts/delete\` \`is not in the repository any more\`
- downtime: \`ends: The connection is taken away.\`
- **update** \`Shortcut/liqo-shortcuts/update\` \`differs in spec\`
- blocked: \`leaf "rome" does not allow it\`
- downtime: \`re-created: GatewayServer on "rome" goes.\`
- server: \`"milan" listens: spec.server says so.\`
- addresses: \`"milan" will most likely see of "rome" pod 10.200.0.0/16 as 10.71.0.0/16 (10.200.0.0/16 is its own pod CIDR)\`
- not allowed: \`"rome": get secrets in namespace liqo-tenant-milan\`
- note: \`something was assumed\`
- create \`GatewayServer/liqo-tenant-rome/rome\` on \`milan\` \`It is missing.\`

</details>

<details><summary>1 ready</summary>

- \`Shortcut/ns/a\` \`Connected\` \`up\`

</details>

\`main@sha1:0123 (dry-run): 3 files, 2 valid, 1 invalid, 1 to create, 1 to update, 1 to delete, 1 unchanged, 1 not compared, 1 blocked\`

Next: correct the files above; nothing is deleted from the clusters while one is wrong.
`,
    );
  });

  it('says that there are no changes', () => {
    const rendered = renderMarkdown(buildReport(aReportInput()), options);

    expect(rendered).to.include('### Liqo Shortcuts: no changes\n').and.not.include('<details');
  });

  it('says of what was not compared that it was not, and not that nothing changes', () => {
    const actions = [aMirrorAction('unknown')];
    const input = aReportInput({ mirrorPlan: { actions, held: [], guards: [] } });

    expect(renderMarkdown(buildReport(input), options)).to.include(
      '### Liqo Shortcuts: 1 not compared\n',
    );
  });

  it('begins with a marker of the installation, which no name can end', () => {
    const [first] = renderMarkdown(aFullReport(), { ...options, installation: 'a--> <b>\n' }).split(
      '\n',
    );

    expect(first).to.equal('<!-- liqo-shortcuts report of a--___b__ -->');
  });

  it('fits into a comment, and counts what did not', () => {
    const problems = Array.from({ length: 900 }, (_, index) =>
      aProblem({ file: `${index}.yaml`, message: 'm'.repeat(500) }),
    );
    const actions = Array.from({ length: 900 }, (_, index) =>
      aMirrorAction('create', { resource: `Shortcut/ns/${index}`, reason: 'r'.repeat(5_000) }),
    );
    const report = buildReport(
      aReportInput({
        desired: aDesiredState(problems),
        mirrorPlan: { actions, held: [], guards: [] },
      }),
    );

    const rendered = renderMarkdown(report, options);

    const shown = rendered.match(/^- \*\*error/gm)?.length ?? 0;
    expect(rendered.length).to.be.within(60_000, 65_536);
    expect(rendered).to.include(`- and ${900 - shown} more, left out for want of room`);
    expect(rendered).to.include('- and 900 more, left out for want of room');
    expect(rendered).to.match(/\nNext: .*\n$/);
  });

  it('is at most as long as a comment, whatever is in it', () => {
    fc.assert(
      fc.property(evilText, fc.integer({ min: 1, max: 2_000 }), (text, times) => {
        const report = poison(aFullReport(), text.repeat(times));

        expect(renderMarkdown(report, options).length).to.be.at.most(65_536);
      }),
      { numRuns: 20 },
    );
  });

  it('lets no text be anything but code: no link, mention, HTML, list or end of a fold', () => {
    const shapeless = (report: ReturnType<typeof aFullReport>) =>
      piecesOf(lexer(renderMarkdown(report, options)));
    const want = shapeless(poison(aFullReport(), 'x'));

    fc.assert(
      fc.property(evilText, (text) => {
        fc.pre(text.trim() !== '');

        expect(shapeless(poison(aFullReport(), text))).to.deep.equal(want);
      }),
    );
  });

  it('shows a text of blanks as a dash, since a code span cannot hold it', () => {
    const desired = aDesiredState([aProblem({ message: ' ' })]);

    expect(renderMarkdown(buildReport(aReportInput({ desired })), options)).to.match(
      /^- \*\*error.* –$/m,
    );
  });
});
