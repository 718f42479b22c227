import { shortcutKey } from '../model/shortcut-key.ts';
import { type Candidate, clustersOf, nameOf, textAt, valueAt, type Verdict } from './candidate.ts';
import type { Finding } from './manifest.ts';

/**
 * Resources, leaf names, pairs, and node ports of a leaf that are given more than once. The first one stays, by file and line; one that
 * has a problem of its own never stands in the way of one that has none.
 */
export function findDuplicates(
  leaves: readonly Candidate[],
  shortcuts: readonly Candidate[],
): readonly Verdict[] {
  const resources = repeated(shortcuts, ({ resource }) => resource, duplicateOf('Shortcut'));
  const pairs = repeated(without(shortcuts, resources), pairOf, duplicatePair);
  const others = without(shortcuts, [...resources, ...pairs]);
  return [
    ...repeated(leaves, nameOf, duplicateOf('LeafCluster')),
    ...resources,
    ...pairs,
    ...repeated(others, nodePortOf, duplicateNodePort),
  ];
}

function without(
  candidates: readonly Candidate[],
  verdicts: readonly Verdict[],
): readonly Candidate[] {
  const seen = new Set(verdicts.map(({ candidate }) => candidate));
  return candidates.filter((candidate) => !seen.has(candidate));
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
    const place = `${first.manifest.file}:${first.manifest.line}`;
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

/** A node port is there once in a cluster (NETWORK.md 14.8). While the server is for us to choose, nothing can be said. */
function nodePortOf({ data }: Candidate): string {
  const server = textAt(data, 'spec', 'server');
  const nodePort = valueAt(data, 'spec', 'gateway', 'nodePort');
  return ['', 'auto'].includes(server) || typeof nodePort !== 'number'
    ? ''
    : `${server} ${nodePort}`;
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

function duplicateNodePort(first: string): Finding {
  const message = `this node port of the server is taken by the Shortcut in ${first}: choose another`;
  return { code: 'duplicate-node-port', message, pointer: '/spec/gateway/nodePort' };
}
