import type { ImportPlan } from './build-manifests.ts';
import type { FoundConnection } from './found-connection.ts';
import type { ManifestObject } from './render-manifest.ts';
import type { SurveyedLeaf } from './survey.ts';
import type { WrittenFile } from './write-files.ts';

/** What `import --output json` writes. Sorted; the same world gives the same bytes. */
export interface ImportReport {
  readonly apiVersion: 'import.shortcuts.liqo.io/v1';
  readonly kind: 'ImportReport';
  readonly connections: readonly {
    readonly clusters: readonly [string, string];
    readonly foundIn: readonly string[];
    readonly health: readonly [string, string];
    readonly takeover: FoundConnection['takeover']['kind'];
    /** Why it is not taken over; empty where it is. */
    readonly why: string;
    readonly notes: readonly string[];
    /** Name of the Shortcut that was written for it; empty where none was. */
    readonly shortcut: string;
  }[];
  readonly leaves: readonly {
    readonly name: string;
    readonly origin: SurveyedLeaf['origin'];
    readonly clusterID: string;
    /** Why it could not be seen, or not be written; empty otherwise. */
    readonly problem: string;
  }[];
  /** Leaves that are peered with the main cluster: the star, which is not imported. */
  readonly star: readonly string[];
  readonly problems: readonly string[];
  readonly manifests: readonly ManifestObject[];
  /** Only with `--to`. */
  readonly files: readonly WrittenFile[];
  readonly exitCode: number;
}

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
    manifests: plan.files.map(({ object }) => object),
    files,
    exitCode: exitCodeOf(findings, leaves, files),
  };
}

function exitCodeOf(
  { isFileInvalid, problems }: ImportFindings,
  leaves: ImportReport['leaves'],
  files: readonly WrittenFile[],
): number {
  if (isFileInvalid) return 1;
  if (files.some(({ result }) => result === 'kept')) return 3;
  const isPartial = leaves.some(({ origin, problem }) => origin !== 'named' && problem !== '');
  return isPartial || problems.length > 0 ? 2 : 0;
}
