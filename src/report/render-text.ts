import { createColors } from 'picocolors';

import type { ReconcileReport, ReportResult } from '../model/generated/report.ts';
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
  const isReady = ({ ready }: ReportResult) => ready === 'True';
  const sections = [
    renderProblems(report, colors),
    renderGuards(report, colors),
    renderResults(
      report.results.filter((result) => !isReady(result)),
      colors,
    ),
    renderChanges(report, colors),
    renderObjects(report),
    renderResults(report.results.filter(isReady), colors),
    summarize(report).map(showPlainly),
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

function renderChanges({ changes }: ReconcileReport, colors: Colors): readonly string[] {
  const paint = {
    create: colors.green,
    update: colors.yellow,
    delete: colors.red,
    keep: String,
    unknown: String,
    blocked: colors.red,
  };
  return changes
    .filter(({ action }) => action !== 'keep' && action !== 'unknown')
    .map(({ action, resource, clusters, reason }) => {
      const what = `${MARKS[action]} ${resource} (${clusters.join(' – ')})`;
      return `${paint[action](showPlainly(what))}  ${showPlainly(reason)}`;
    });
}

function renderObjects({ objects }: ReconcileReport): readonly string[] {
  return objects.map(({ action, cluster, kind, namespace, name, reason }) =>
    showPlainly(
      `  ${action} ${kind}/${namespace === '' ? '' : `${namespace}/`}${name} on ${cluster}: ${reason}`,
    ),
  );
}

function renderResults(results: readonly ReportResult[], colors: Colors): readonly string[] {
  return results.map(({ resource, ready, reason, message }) => {
    const mark = ready === 'True' ? colors.green('✓') : ready === 'False' ? colors.red('✕') : '?';
    return `${mark} ${showPlainly(`${resource}: ${reason}: ${message}`)}`;
  });
}
