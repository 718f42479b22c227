import { createColors } from 'picocolors';

import type { ReconcileReport } from '../model/generated/report.ts';

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
export function renderText(
  report: ReconcileReport,
  { color }: { readonly color: boolean },
): string {
  const colors = createColors(color);
  const sections = [
    renderProblems(report, colors),
    renderGuards(report, colors),
    renderChanges(report, colors),
    renderObjects(report),
    renderResults(report, colors),
    [renderSummary(report), ...renderNext(report)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** The report as JSON, one stable form for the same content. */
export function renderJson(report: ReconcileReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function renderProblems({ problems }: ReconcileReport, colors: Colors): readonly string[] {
  return problems.map(({ severity, file, line, column, code, message }) => {
    const word = severity === 'error' ? colors.red('error') : colors.yellow('warning');
    return `${plain(file)}:${line}:${column}: ${word} ${code}: ${plain(message)}`;
  });
}

function renderGuards({ guards }: ReconcileReport, colors: Colors): readonly string[] {
  return guards.flatMap(({ code, message, held }) => [
    `${colors.red('refused')} ${code}: ${plain(message)}`,
    ...held.map((resource) => `    held: ${plain(resource)}`),
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
      return `${paint[action](plain(what))}  ${plain(reason)}`;
    });
}

function renderObjects({ objects }: ReconcileReport): readonly string[] {
  return objects.map(({ action, cluster, kind, namespace, name, reason }) =>
    plain(
      `  ${action} ${kind}/${namespace === '' ? '' : `${namespace}/`}${name} on ${cluster}: ${reason}`,
    ),
  );
}

function renderResults({ results }: ReconcileReport, colors: Colors): readonly string[] {
  return results.map(({ resource, ready, reason, message }) => {
    const mark = ready === 'True' ? colors.green('✓') : ready === 'False' ? colors.red('✕') : '?';
    return `${mark} ${plain(`${resource}: ${reason}: ${message}`)}`;
  });
}

function renderSummary({ mode, source, summary }: ReconcileReport): string {
  const { files, valid, invalid, create, update, unchanged, unknown, blocked } = summary;
  const where = mode === 'offline' ? 'offline, no cluster was asked' : mode;
  const counts = [
    `${files} files`,
    `${valid} valid`,
    `${invalid} invalid`,
    `${create} to create`,
    `${update} to update`,
    `${summary.delete} to delete`,
    `${unchanged} unchanged`,
    ...(unknown > 0 ? [`${unknown} not compared`] : []),
    ...(blocked > 0 ? [`${blocked} blocked`] : []),
  ];
  return plain(`${source.revision} (${where}): ${counts.join(', ')}`);
}

function renderNext({ mode, exitCode, source }: ReconcileReport): readonly string[] {
  switch (exitCode) {
    case 1:
      return [
        'Next: correct the files above; nothing is deleted from the clusters while one is wrong.',
      ];
    case 3:
      return ['Next: look at what is held; allow it as said above, or put the files back.'];
    case 2:
      return ['Next: see the message above; running again is safe.'];
    case 0:
    case 4:
      if (mode === 'offline' && source.base === '') {
        return ['Next: compare with --base <ref>, or give --kubeconfig to see what would change.'];
      }
      return [];
  }
}

/** Nothing in a repository may steer a terminal: control and bidirectional characters are shown as what they are. */
function plain(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Bidi_Control}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
