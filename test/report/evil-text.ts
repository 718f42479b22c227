import { expect } from 'chai';
import fc from 'fast-check';
import type { ReconcileReport } from '../../src/model/generated/report.ts';

/** What means something to a terminal, a CI runner, Markdown, HTML, XML or SARIF, in any order. */
const FRAGMENTS = [
  ...['::error file=a,line=1::b', '::add-mask::', '::', ':', '##[error]x', '##vso[task]', '#'],
  ...[
    '\n',
    '\r',
    '\t',
    '\u0085',
    '\u2028',
    '\u00a0',
    ' ',
    '\u001b[2J',
    '\u009b',
    '\u0000',
    '\u000b',
  ],
  ...['\u202e', '\u2066', '\u061c', '\u200f', '\ufffe', '\ud800', '\udc00', '%0A', '%', ',', '='],
  ...['`', '``', '|', '*', '_', '~~', '- ', '> ', '\\', '$', '<script>', '<!--', '-->', '--!>'],
  ...[
    '</details>',
    '<details>',
    '@octocat',
    '#1',
    'GH-1',
    'https://evil.example',
    'www.evil.example',
  ],
  ...['a@evil.example', '![x](https://evil.example)', '[x](1)', '[x]: y', '[^1]', ':tada:', '{0}'],
  ...['&amp;', '&', '"', "'", '<', '>', ']]>', '<![CDATA[', '<?x?>', 'a', 'é', '🏛', '..', '/'],
];

/** A text that its author made to be more than text. */
export const evilText = fc
  .array(fc.constantFrom(...FRAGMENTS), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''));

/** Every text of the report that a repository or a cluster has a say in. */
const FREE_TEXTS = new Set([
  ...['message', 'file', 'resource', 'reason', 'revision', 'name', 'namespace', 'cluster'],
  ...['location', 'ref', 'base', 'pointer', 'seenBy', 'cidr', 'seenAs', 'clash'],
]);

/** The report with the text as each of them; lists of names are free texts too. */
export function poison(report: ReconcileReport, text: string): ReconcileReport {
  return JSON.parse(JSON.stringify(report), (key, value: unknown) =>
    typeof value === 'string' && (FREE_TEXTS.has(key) || /^\d+$/.test(key)) ? text : value,
  ) as ReconcileReport;
}

/** Nothing in a text that is printed is a command to a terminal, or one to the runner of a CI job. */
export function expectSteersNothing(printed: string): void {
  expect(printed).not.to.match(/(?!\n)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u);
  expect(printed).not.to.include('##');
  expect(printed).not.to.match(/^\s*::/m);
}
