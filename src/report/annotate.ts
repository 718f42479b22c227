import type {
  ReconcileReport,
  ReportConnection,
  ReportProblem,
} from '../model/generated/report.ts';
import { describeCuts } from './connection-details.ts';
import { showPlainly } from './show-plainly.ts';
import { summarize } from './summarize.ts';

/** Something that a forge shows beside a line, or of the run as a whole. Its texts are shown plainly already. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly lines: readonly string[];
  readonly place?: { readonly file: string; readonly line: number; readonly column: number };
}

/** Said first, since it explains the rest or cannot wait: a credential that is public, a source that is none. */
const URGENT: ReadonlySet<ReportProblem['code']> = new Set([
  'inline-credential',
  'path-not-found',
  'empty-source',
  'too-many-files',
]);

/** Problems of a folder: there is no line of a file to point at. */
const OF_A_FOLDER: ReadonlySet<ReportProblem['code']> = new Set([
  'path-not-found',
  'empty-source',
  'too-many-files',
]);

const LEVELS = ['error', 'warning', 'notice'] as const;

/** What a report has to say, the weightiest first: where only some are shown, it is these. */
export function annotate(report: ReconcileReport): readonly Annotation[] {
  const { problems, guards, results, exitCode } = report;
  const [summary = ''] = summarize(report);
  const cuts = describeCuts(report);
  const isUrgent = ({ code }: ReportProblem) => URGENT.has(code);
  const annotations: readonly Annotation[] = [
    ...guards.map(({ code, message, held }) => ({
      level: 'error' as const,
      title: `Refused: ${showPlainly(code)}`,
      lines: [message, ...held.map((resource) => `held: ${resource}`)].map(showPlainly),
    })),
    ...[...problems.filter(isUrgent), ...problems.filter((problem) => !isUrgent(problem))].map(
      ofProblem,
    ),
    // Not ready yet is nothing wrong, unless somebody waited for it or nothing can be known.
    ...results
      .filter(({ ready }) => exitCode === 2 && ready !== 'True')
      .map(({ resource, reason, message }) => ({
        level: 'error' as const,
        title: 'Not ready',
        lines: [showPlainly(`${resource}: ${reason}: ${message}`)],
      })),
    {
      level: 'notice',
      title: 'Liqo Shortcuts',
      lines: [...(cuts === undefined ? [] : [cuts]), showPlainly(summary)],
    },
    ...report.connections.filter(isCut).map((connection) => ofConnection(connection, report)),
  ];
  return LEVELS.flatMap((level) => annotations.filter((annotation) => annotation.level === level));
}

/** A tunnel that is to go down is said where the reviewer looks. */
function isCut({ action, downtime }: ReportConnection): boolean {
  return action === 'delete' ? downtime.class !== 'none' : downtime.class === 're-created';
}

/** A file that is gone has no line to point at. */
function ofConnection(
  { action, resource, clusters, downtime }: ReportConnection,
  { changes }: ReconcileReport,
): Annotation {
  const title = action === 'delete' ? 'Connection deleted' : 'Connection made anew';
  const what = `${resource} (${clusters.join(' – ')}): ${downtime.reason}`;
  const annotation = { level: 'notice' as const, title, lines: [showPlainly(what)] };
  const change = changes.find((one) => one.resource === resource && one.action === action);
  if (action === 'delete' || change === undefined || change.file === '') return annotation;
  return { ...annotation, place: { file: showPlainly(change.file), line: 1, column: 1 } };
}

function ofProblem({ code, severity, message, ...place }: ReportProblem): Annotation {
  const { line, column } = place;
  const file = showPlainly(place.file);
  const annotation = { level: severity, title: code, lines: [showPlainly(message)] };
  return OF_A_FOLDER.has(code) ? annotation : { ...annotation, place: { file, line, column } };
}
