import Table from 'cli-table3';
import { showPlainly } from '../report/show-plainly.ts';
import type { ImportReport } from '../model/generated/import-report.ts';

/** How the verdicts read in a table. */
const VERDICTS: Readonly<Record<ImportReport['connections'][number]['takeover'], string>> = {
  'as-is': 'yes, as it is',
  'with-changes': 'yes, with changes',
  new: 'nothing there: would be made',
  unseen: 'cannot be told',
  refused: 'no',
  ours: 'is ours already',
};

/** What was found and what it means, for the person at the terminal: a table, then what has to be said in words. */
export function renderImport(report: ImportReport): string {
  const { connections, leaves, star, problems } = report;
  const sections = [
    connections.length === 0 ? 'No connection between two leaves was found.' : tableOf(report),
    connections.flatMap(remarksOn).join('\n'),
    leaves
      .filter(({ problem, origin }) => problem !== '' && origin !== 'named')
      .map(({ name, problem }) => `leaf ${name}: ${problem}`)
      .join('\n'),
    problems.join('\n'),
    star.length === 0
      ? ''
      : `${star.join(', ')}: peered with the main cluster. That is the star itself, and stays as it is.`,
  ];
  const lines = sections.filter((section) => section !== '').join('\n\n');
  return `${lines.split('\n').map(showPlainly).join('\n')}\n`;
}

function tableOf({ connections }: ImportReport): string {
  const table = new Table({
    head: ['PAIR', 'FOUND IN', 'HEALTH', 'TAKEN OVER', 'SHORTCUT'],
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 3 },
  });
  for (const { clusters, foundIn, health, takeover, shortcut } of connections) {
    table.push([
      clusters.join(' '),
      foundIn.map(shortPlace).join(', '),
      health.join(' '),
      VERDICTS[takeover],
      shortcut === '' ? '-' : shortcut,
    ]);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** As kubectl's tables: nothing but columns. */
const BARE = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((place) => [place, '']),
);

function shortPlace(place: string): string {
  return place.replace('ForeignClusterConnection ', 'fcc ');
}

function remarksOn(connection: ImportReport['connections'][number]): readonly string[] {
  const { clusters, why, notes } = connection;
  const remarks = [...(why === '' ? [] : [why]), ...notes];
  return remarks.map((remark) => `${clusters.join('-')}: ${remark}`);
}

/** What became of the files of `--to`, a line for each. */
export function renderFiles({ files }: ImportReport): string {
  const lines = files.map(({ path, result }) =>
    result === 'kept'
      ? `kept       ${path} (differs; --force replaces it)`
      : `${result.padEnd(10)} ${path}`,
  );
  return lines.map((line) => `${line}\n`).join('');
}
