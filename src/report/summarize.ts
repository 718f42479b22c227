import type { ReconcileReport } from '../model/generated/report.ts';

/** One line with the counts of a report, and a second one with what to do next where there is something to do. */
export function summarize(report: ReconcileReport): readonly string[] {
  const next = nextStep(report);
  return [countLine(report), ...(next === undefined ? [] : [`Next: ${next}`])];
}

/** The number of resources of the main cluster, and of objects on leaves, that the run changes or would change. */
export function countChanges({ summary, objects }: ReconcileReport): number {
  return summary.create + summary.update + summary.delete + objects.length;
}

function countLine({ mode, source, summary }: ReconcileReport): string {
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
  return `${source.revision} (${where}): ${counts.join(', ')}`;
}

function nextStep(report: ReconcileReport): string | undefined {
  const { mode, exitCode, source } = report;
  switch (exitCode) {
    case 1:
      return 'correct the files above; nothing is deleted from the clusters while one is wrong.';
    case 3:
      return 'look at what is held; allow it as said above, or put the files back.';
    case 2:
      return 'see the message above; running again is safe.';
    case 0:
    case 4:
      if (mode === 'offline' && source.base === '') {
        return 'compare with --base and a ref, or give --kubeconfig, to see what would change.';
      }
      if (mode === 'apply' || countChanges(report) === 0) return undefined;
      return 'merge it, and a running service carries it out; or run again without --offline and --dry-run.';
  }
}
