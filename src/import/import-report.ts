import type { ImportPlan } from './build-manifests.ts';
import type { ImportReport } from '../model/generated/import-report.ts';
import type { WrittenFile } from './write-files.ts';

/** What a run has found, before anything is written. */
export interface ImportFindings {
  readonly plan: ImportPlan;
  readonly star: readonly string[];
  /** What could not be read of the main cluster or of a file. */
  readonly problems: readonly string[];
  /** The file of `--from` is not what it should be: its author has to mend it. */
  readonly isFileInvalid: boolean;
}

/** Builds the report. Exit codes as everywhere (DESIGN section 4), the first that fits: 1, 3, 2. */
export function buildImportReport(
  findings: ImportFindings,
  files: readonly WrittenFile[],
): ImportReport {
  const { plan, star, problems } = findings;
  const leaves = plan.leaves.map((leaf) => ({
    name: leaf.name,
    origin: leaf.origin,
    clusterID: leaf.clusterID ?? '',
    problem: leaf.problem ?? plan.refusedLeaves.get(leaf.name) ?? '',
  }));
  return {
    apiVersion: 'import.shortcuts.liqo.io/v1',
    kind: 'ImportReport',
    connections: plan.connections.map(({ takeover, shortcut, ...rest }) => ({
      ...rest,
      takeover: takeover.kind,
      why: 'why' in takeover ? takeover.why : '',
      shortcut: shortcut?.metadata.name ?? '',
    })),
    leaves,
    star,
    problems,
    manifests: plan.files.map(({ path, object, text }) => ({
      path,
      kind: object.kind,
      name: object.metadata.name,
      yaml: text,
    })),
    files,
    exitCode: exitCodeOf(findings, leaves, files),
  };
}

function exitCodeOf(
  { isFileInvalid, problems }: ImportFindings,
  leaves: ImportReport['leaves'],
  files: readonly WrittenFile[],
): ImportReport['exitCode'] {
  if (isFileInvalid) return 1;
  if (files.some(({ result }) => result === 'kept')) return 3;
  const isPartial = leaves.some(({ origin, problem }) => origin !== 'named' && problem !== '');
  return isPartial || problems.length > 0 ? 2 : 0;
}
