import { expect } from 'chai';
import fc from 'fast-check';
import { renderGithub } from '../../src/report/render-github.ts';
import { renderText } from '../../src/report/render-text.ts';
import { showPlainly } from '../../src/report/show-plainly.ts';
import { buildReport } from '../../src/reconcile/build-report.ts';
import { aDesiredState, aFullReport, aProblem, aReportInput } from '../reconcile/reports.ts';
import { evilText, expectSteersNothing, poison } from './evil-text.ts';

const options = { color: false, installation: 'main', version: '1.0.0' };

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** As the runner reads a line: `::name key=value,key=value::data` after blanks (ActionCommand.TryParseV2). */
function parseCommand(line: string): Command | undefined {
  const [, name = '', list = '', data = ''] = /^\s*::(\S+?)(?: (.*?))?::(.*)$/s.exec(line) ?? [];
  if (name === '') return undefined;
  const properties = list
    .split(',')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split(/=(.*)/s).slice(0, 2))
    .map(([key = '', value = '']) => [key, unescapeText(value)] as const);
  return { name, properties: Object.fromEntries(properties), data: unescapeText(data) };
}

function unescapeText(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}

function commandsOf(rendered: string): readonly Command[] {
  return rendered.split('\n').flatMap((line) => parseCommand(line) ?? []);
}

describe('renderGithub', () => {
  it('annotates what is wrong at its line, the weightiest first, and tells the counts', () => {
    const report = aFullReport();

    const rendered = renderGithub({ ...report, exitCode: 2 }, options);

    expect(rendered.split('\n\n')[0]).to.equal(
      [
        '::error title=Refused%3A deletion-guard::7 of 9 resources would be deleted%0Aheld: Shortcut/liqo-shortcuts/delete',
        '::error file=shortcuts/rome-milan.yaml,line=6,col=20,title=unknown-leaf::no LeafCluster is named "milano"',
        '::error title=Not ready::Shortcut/ns/b: Connecting: not yet',
        '::error title=Not ready::Shortcut/ns/c: LeafUnreachable: ?',
        '::warning file=shortcuts/link.yaml,line=6,col=20,title=symlink-ignored::no LeafCluster is named "milano"',
        '::notice title=Liqo Shortcuts::This deletes 1 of 14 connections and makes 1 anew.%0Amain@sha1:0123 (dry-run): 3 files, 2 valid, 1 invalid, 1 to create, 1 to update, 1 to delete, 1 unchanged, 1 not compared, 1 blocked',
        '::notice title=Connection deleted::Shortcut/liqo-shortcuts/delete (milan – rome): The connection is taken away.',
        '::notice file=shortcuts/rome-milan.yaml,line=1,col=1,title=Connection made anew::Shortcut/liqo-shortcuts/update (milan – rome): GatewayServer on "rome" goes.',
      ].join('\n'),
    );
  });

  it('says nothing against what is merely not ready yet', () => {
    expect(renderGithub({ ...aFullReport(), exitCode: 0 }, options)).not.to.include('Not ready');
  });

  it('ends with the text, for who reads the log', () => {
    const report = aFullReport();

    expect(renderGithub(report, options).endsWith(`\n\n${renderText(report, options)}`)).to.equal(
      true,
    );
  });

  it('keeps to ten of a kind, keeps what is urgent, and says what it left out', () => {
    const many = Array.from({ length: 12 }, (_, index) => aProblem({ file: `${index}.yaml` }));
    const leak = aProblem({ file: 'z.yaml', code: 'inline-credential' });
    const warnings = Array.from({ length: 11 }, () => aProblem({ severity: 'warning' }));
    const desired = aDesiredState([...many, leak, ...warnings]);

    const rendered = renderGithub(buildReport(aReportInput({ desired })), options);

    const errors = commandsOf(rendered).filter(({ name }) => name === 'error');
    expect(errors.map(({ properties }) => properties['file'])).to.deep.equal([
      'z.yaml',
      ...many.slice(0, 9).map(({ file }) => file),
    ]);
    expect(commandsOf(rendered).filter(({ name }) => name === 'warning')).to.have.lengthOf(10);
    expect(rendered).to.match(/^Not annotated: 3 errors and 1 warning, .* 10 of each/m);
  });

  it('points at no line of a folder', () => {
    const desired = aDesiredState([aProblem({ code: 'empty-source', file: '.' })]);

    const [command] = commandsOf(renderGithub(buildReport(aReportInput({ desired })), options));

    expect(command?.properties).to.deep.equal({ title: 'empty-source' });
  });

  it('keeps a message below 64 KiB', () => {
    const desired = aDesiredState([aProblem({ message: '€'.repeat(70_000) })]);

    const [command] = commandsOf(renderGithub(buildReport(aReportInput({ desired })), options));

    expect(Buffer.byteLength(command?.data ?? '')).to.be.within(1_000, 65_536);
  });

  it('lets no text become another command, property or line', () => {
    const harmless = commandsOf(renderGithub(aFullReport(), options));

    fc.assert(
      fc.property(evilText, (text) => {
        const rendered = renderGithub(poison(aFullReport(), text), options);
        const commands = commandsOf(rendered);

        expect(rendered.split('\n').filter((line) => /^\s*::/.test(line))).to.have.lengthOf(
          harmless.length,
        );
        expect(commands.map(shapeOf)).to.deep.equal(harmless.map(shapeOf));
        expect(commands[1]?.data).to.equal(showPlainly(text));
        expect(commands[1]?.properties['file']).to.equal(showPlainly(text));
        expectSteersNothing(rendered.replaceAll(/^::(?=(error|warning|notice) )/gm, ''));
      }),
    );
  });
});

function shapeOf({ name, properties }: Command): unknown {
  return { name, properties: Object.keys(properties), line: properties['line'] };
}
