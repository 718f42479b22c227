import type { Problem } from '../model/problem.ts';
import type { Candidate, Verdict } from './candidate.ts';
import { checkFleet } from './check-fleet.ts';
import type { DesiredResource, DesiredState } from './desired-state.ts';
import { fileProblem, toProblem } from './manifest.ts';
import { readSourceFile } from './read-source-file.ts';
import { selectFiles } from './select-files.ts';
import type { SourceFile } from '../model/source-file.ts';
import { manifestValidators } from './validators.ts';

export interface ParseOptions {
  /** Folder within the repository to look below; `.` for all. */
  readonly path: string;
  /** Namespace of resources that name none. */
  readonly namespace: string;
  /** Names of the leaves that the clusters have registered; left out when no cluster could be asked. */
  readonly leavesKnown?: ReadonlySet<string>;
}

/**
 * Everything that the files of one revision wish for, and everything that is wrong with them. Never throws for what
 * is in a file. A document with an error is left out of the resources and hides no other.
 */
export function parseManifests(
  files: readonly SourceFile[],
  { path, namespace, leavesKnown }: ParseOptions,
): DesiredState {
  const selection = selectFiles(files, path);
  const validators = manifestValidators();
  const readings = selection.files.flatMap((file) =>
    readSourceFile(file, { namespace, validators }),
  );
  const candidates = readings.flatMap(({ candidate }) => candidate ?? []);
  const verdicts = checkFleet(candidates, leavesKnown).filter(isNews);
  const problems = [
    ...selection.problems,
    ...readings.flatMap((reading) => reading.problems),
    ...verdicts.map(({ candidate, finding }) =>
      toProblem(candidate.manifest, finding, candidate.resource),
    ),
  ];
  const isEmpty = candidates.length === 0 && !problems.some(isError);
  if (isEmpty) problems.push(fileProblem('empty-source', path, EMPTY_MESSAGE));
  return {
    resources: sound(candidates, verdicts).sort(byResource),
    problems: problems.sort(byPlace),
    files: selection.files.length,
    complete: !problems.some(isError),
  };
}

const EMPTY_MESSAGE =
  'no Shortcut or LeafCluster below this folder: an empty source never means that everything is to be deleted';

/** False for what the candidate's own problems already say of the same place. */
function isNews({ candidate, finding }: Verdict): boolean {
  return !candidate.problems.some(({ pointer }) => pointer === finding.pointer);
}

function sound(candidates: readonly Candidate[], verdicts: readonly Verdict[]): DesiredResource[] {
  const errors = verdicts.filter(({ finding }) => finding.severity !== 'warning');
  const refused = new Set(errors.map(({ candidate }) => candidate));
  return candidates
    .filter((candidate) => !refused.has(candidate))
    .flatMap(({ desired }) => desired ?? []);
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

function byResource(a: DesiredResource, b: DesiredResource): number {
  return compare(resourceKey(a), resourceKey(b));
}

function byPlace(a: Problem, b: Problem): number {
  return compare(placeKey(a), placeKey(b));
}

function resourceKey({ kind, object: { metadata } }: DesiredResource): string {
  return [kind, metadata.namespace, metadata.name].join('\0');
}

function placeKey({ file, line, column, code, message }: Problem): string {
  const [paddedLine, paddedColumn] = [line, column].map((number) =>
    String(number).padStart(9, '0'),
  );
  return [file, paddedLine, paddedColumn, code, message].join('\0');
}

/** By code units: the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
