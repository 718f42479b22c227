import { shortcutKey } from '../model/shortcut-key.ts';
import { type Candidate, clustersOf, nameOf, type Verdict } from './candidate.ts';
import { type Finding, lineOf } from './manifest.ts';

/**
 * Resources, leaf names and pairs that are given more than once. The first one stays, by file and line; one that
 * has a problem of its own never stands in the way of one that has none.
 */
export function findDuplicates(
  leaves: readonly Candidate[],
  shortcuts: readonly Candidate[],
): readonly Verdict[] {
  const resources = repeated(shortcuts, ({ resource }) => resource, duplicateOf('Shortcut'));
  const seen = new Set(resources.map(({ candidate }) => candidate));
  const others = shortcuts.filter((candidate) => !seen.has(candidate));
  return [
    ...repeated(leaves, nameOf, duplicateOf('LeafCluster')),
    ...resources,
    ...repeated(others, pairOf, duplicatePair),
  ];
}

/** A verdict on every candidate that has the key of an earlier one. Empty keys are never equal. */
function repeated(
  candidates: readonly Candidate[],
  keyOf: (candidate: Candidate) => string,
  describe: (first: string) => Finding,
): readonly Verdict[] {
  const firsts = new Map<string, Candidate>();
  const soundFirst = candidates.toSorted((a, b) => faults(a) - faults(b));
  return soundFirst.flatMap((candidate) => {
    const key = keyOf(candidate);
    const first = firsts.get(key);
    if (first === undefined) {
      if (key !== '') firsts.set(key, candidate);
      return [];
    }
    const place = `${first.manifest.file}:${lineOf(first.manifest)}`;
    return [{ candidate, finding: describe(place) }];
  });
}

function faults({ desired }: Candidate): number {
  return desired === undefined ? 1 : 0;
}

function pairOf(shortcut: Candidate): string {
  const clusters = clustersOf(shortcut);
  return clusters === undefined || clusters[0] === clusters[1] ? '' : shortcutKey(clusters);
}

function duplicateOf(kind: string): (first: string) => Finding {
  return (first) => {
    const message = `a ${kind} of this name is already in ${first}`;
    return { code: 'duplicate-resource', message, pointer: '/metadata/name' };
  };
}

function duplicatePair(first: string): Finding {
  const message = `a Shortcut between these two clusters is already in ${first}`;
  return { code: 'duplicate-pair', message, pointer: '/spec/clusters' };
}
