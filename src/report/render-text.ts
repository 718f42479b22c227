import { createColors } from 'picocolors';

import type { ReconcileReport, ReportConnection, ReportResult } from '../model/generated/report.ts';
import { connectionDetails, describeCuts } from './connection-details.ts';
import type { Render } from './render.ts';
import { showPlainly } from './show-plainly.ts';
import { summarize } from './summarize.ts';

type Colors = ReturnType<typeof createColors>;

/** Marks of a change, as diff and Terraform users know them. */
const MARKS = {
  create: '+',
  update: '~',
  delete: '-',
  keep: '=',
  unknown: '?',
  blocked: '!',
} as const;

/** What a person is told: first what is wrong, then what changes, then one line of summary and what to do next. */
export const renderText: Render = (report, { color }) => {
  const colors = createColors(color);
  const cuts = describeCuts(report);
  const isReady = ({ ready }: ReportResult) => ready === 'True';
  const sections = [
    renderProblems(report, colors),
    renderGuards(report, colors),
    renderResults(
      report.results.filter((result) => !isReady(result)),
      colors,
    ),
    renderChanges(report, colors),
    renderResults(report.results.filter(isReady), colors),
    [...(cuts === undefined ? [] : [colors.red(cuts)]), ...summarize(report).map(showPlainly)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
};

function renderProblems({ problems }: ReconcileReport, colors: Colors): readonly string[] {
  return problems.map(({ severity, file, line, column, code, message }) => {
    const word = severity === 'error' ? colors.red('error') : colors.yellow('warning');
    return `${showPlainly(file)}:${line}:${column}: ${word} ${code}: ${showPlainly(message)}`;
  });
}

function renderGuards({ guards }: ReconcileReport, colors: Colors): readonly string[] {
  return guards.flatMap(({ code, message, held }) => [
    `${colors.red('refused')} ${showPlainly(code)}: ${showPlainly(message)}`,
    ...held.map((resource) => `    held: ${showPlainly(resource)}`),
  ]);
}

/** A Shortcut with what becomes of its connection; then connections whose Shortcuts do not change themselves. */
function renderChanges(report: ReconcileReport, colors: Colors): readonly string[] {
  const changes = report.changes.filter(({ action }) => action !== 'keep' && action !== 'unknown');
  const told = new Set<ReportConnection>();
  const lines = changes.flatMap((change) => {
    const connection = report.connections.find(
      ({ resource, action }) => resource === change.resource && action === change.action,
    );
    if (connection === undefined) return [changeLine(change, colors)];
    told.add(connection);
    return [changeLine(change, colors), ...detailLines(connection, colors)];
  });
  const others = report.connections.filter((connection) => !told.has(connection));
  return [
    ...lines,
    ...others.flatMap((connection) => [
      changeLine(connection, colors),
      ...detailLines(connection, colors),
    ]),
  ];
}

function changeLine(
  { action, resource, clusters, reason }: ReconcileReport['changes'][number] | ReportConnection,
  colors: Colors,
): string {
  const paint = {
    create: colors.green,
    update: colors.yellow,
    delete: colors.red,
    keep: String,
    unknown: String,
    blocked: colors.red,
  };
  const what = `${MARKS[action]} ${resource} (${clusters.join(' – ')})`;
  return `${paint[action](showPlainly(what))}  ${showPlainly(reason)}`;
}

/** As wide as the longest word that a detail is about. */
const ABOUT_WIDTH = 'not allowed'.length;

function detailLines(connection: ReportConnection, colors: Colors): readonly string[] {
  const { class: downtime } = connection.downtime;
  const isCut = downtime === 'ends' || downtime === 're-created';
  return connectionDetails(connection).map(({ about, text }) => {
    const line = `    ${about.padEnd(ABOUT_WIDTH)}  ${showPlainly(text)}`;
    return about === 'blocked' || (about === 'downtime' && isCut) ? colors.red(line) : line;
  });
}

function renderResults(results: readonly ReportResult[], colors: Colors): readonly string[] {
  return results.map(({ resource, ready, reason, message }) => {
    const mark = ready === 'True' ? colors.green('✓') : ready === 'False' ? colors.red('✕') : '?';
    return `${mark} ${showPlainly(`${resource}: ${reason}: ${message}`)}`;
  });
}
