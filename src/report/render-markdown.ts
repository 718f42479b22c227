import type { ReconcileReport } from '../model/generated/report.ts';
import { codeSpan, composeComment, counted, type Section } from './compose-comment.ts';
import { describeCuts } from './connection-details.ts';
import { connectionFold, connectionTable } from './connection-sections.ts';
import type { Render } from './render.ts';
import { countChanges, summarize } from './summarize.ts';

/**
 * A comment for a pull request: what is wrong, what changes, folded; at most as long as GitHub takes. It begins with a
 * hidden marker with the name of the installation, by which the next comment finds the one to replace.
 */
export const renderMarkdown: Render = (report, { installation }) => {
  const [counts = '', ...next] = summarize(report);
  return composeComment({
    installation,
    title: `Liqo Shortcuts: ${verdict(report)}`,
    alert: describeCuts(report),
    sections: sectionsOf(report),
    foot: [codeSpan(counts), ...next],
  });
};

function verdict(report: ReconcileReport): string {
  const errors = report.problems.filter(({ severity }) => severity === 'error').length;
  const changes = countChanges(report);
  const { unknown, blocked } = report.summary;
  // What was not compared may well change: only what was looked at has no changes.
  const isSettled = changes + unknown + blocked === 0;
  const words = [
    ...(errors === 0 ? [] : [counted(errors, 'error')]),
    ...(report.guards.length === 0 ? [] : ['refused']),
    ...(isSettled ? ['no changes'] : []),
    ...(changes === 0 ? [] : [counted(changes, 'change')]),
    ...(unknown === 0 ? [] : [`${unknown} not compared`]),
    ...(blocked === 0 ? [] : [`${blocked} blocked`]),
  ];
  return words.join(', ');
}

function sectionsOf(report: ReconcileReport): readonly Section[] {
  const { problems, guards, results, changes, connections } = report;
  const notReady = results.filter(({ ready }) => ready !== 'True');
  const ready = results.filter((result) => result.ready === 'True');
  const changed = changes.filter(({ action }) => action !== 'keep' && action !== 'unknown');
  return [
    {
      title: counted(problems.length, 'problem'),
      isOpen: true,
      items: problems.map(({ severity, code: what, file, line, column, message }) => {
        return `**${severity}** ${what} ${codeSpan(`${file}:${line}:${column}`)} ${codeSpan(message)}`;
      }),
    },
    {
      title: 'Refused',
      isOpen: true,
      items: guards.flatMap(({ code: guard, message, held }) => [
        `${codeSpan(guard)} ${codeSpan(message)}`,
        ...held.map((resource) => `held: ${codeSpan(resource)}`),
      ]),
    },
    connectionTable(connections),
    { title: `${notReady.length} not ready`, isOpen: true, items: notReady.map(resultItem) },
    {
      title: counted(changed.length, 'resource'),
      isOpen: false,
      items: changed.map(({ action, resource, clusters, reason }) => {
        return `**${action}** ${codeSpan(resource)} ${codeSpan(clusters.join(' – '))} ${codeSpan(reason)}`;
      }),
    },
    connectionFold(connections),
    { title: `${ready.length} ready`, isOpen: false, items: ready.map(resultItem) },
  ];
}

function resultItem({ resource, reason, message }: ReconcileReport['results'][number]): string {
  return `${codeSpan(resource)} ${codeSpan(reason)} ${codeSpan(message)}`;
}
