import { type Candidate, clustersOf, nameOf, textAt, type Verdict } from './candidate.ts';
import { checkLeafCidrs, checkPairCidrs } from './check-cidrs.ts';
import { findDuplicates } from './find-duplicates.ts';
import type { Finding } from './manifest.ts';
import { didYouMean, quote } from './wording.ts';

type Check = (shortcut: Candidate, clusters: readonly [string, string]) => readonly Finding[];

/**
 * Checks that the schema cannot do: what is given twice, clusters that do not exist or are the same, servers that are
 * no side, address ranges that cannot go together. `leavesKnown` are the names of the leaves that the clusters have
 * registered; undefined when no cluster could be asked.
 */
export function checkFleet(
  candidates: readonly Candidate[],
  leavesKnown: ReadonlySet<string> | undefined,
): readonly Verdict[] {
  const leaves = candidates.filter(({ kind }) => kind === 'LeafCluster');
  const shortcuts = candidates.filter(({ kind }) => kind === 'Shortcut');
  const checks: readonly Check[] = [
    selfLink,
    unsupportedServer,
    unknownLeaf(leaves, leavesKnown),
    cidrConflict(leaves),
  ];
  return [
    ...findDuplicates(leaves, shortcuts),
    ...leaves.flatMap((candidate) => verdicts(candidate, checkLeafCidrs(candidate))),
    ...shortcuts.flatMap((candidate) => {
      const clusters = clustersOf(candidate);
      if (clusters === undefined) return [];
      return checks.flatMap((check) => verdicts(candidate, check(candidate, clusters)));
    }),
  ];
}

function verdicts(candidate: Candidate, findings: readonly Finding[]): readonly Verdict[] {
  return findings.map((finding) => ({ candidate, finding }));
}

function selfLink(_: Candidate, [a, b]: readonly [string, string]): readonly Finding[] {
  if (a !== b) return [];
  const message = `both clusters are ${quote(a)}: name two different leaves`;
  return [{ code: 'self-link', message, pointer: '/spec/clusters' }];
}

function unsupportedServer({ data }: Candidate, clusters: readonly string[]): readonly Finding[] {
  const server = textAt(data, 'spec', 'server');
  // Not given is auto; what is no text is for the schema.
  if (['', 'auto', ...clusters].includes(server)) return [];
  const message = `server is ${quote(server)}: must be auto or one of ${clusters.map(quote).join(', ')}`;
  return [{ code: 'unsupported-server', message, pointer: '/spec/server' }];
}

function unknownLeaf(
  leaves: readonly Candidate[],
  leavesKnown: ReadonlySet<string> | undefined,
): Check {
  const names = new Set([...leaves.map(nameOf), ...(leavesKnown ?? [])]);
  const canTell = leaves.length > 0 || leavesKnown !== undefined;
  const hints = new Map<string, string>();
  return (_, clusters) =>
    clusters.flatMap((name, index) => {
      if (names.has(name)) return [];
      const place = { code: 'unknown-leaf', pointer: `/spec/clusters/${index}` } as const;
      if (!canTell) {
        const message = `not checked whether a LeafCluster ${quote(name)} exists: this source declares none, and no cluster was asked`;
        return [{ ...place, message, severity: 'warning' }];
      }
      const hint = hints.get(name) ?? didYouMean(name, names);
      hints.set(name, hint);
      return [{ ...place, message: `there is no LeafCluster ${quote(name)}${hint}` }];
    });
}

function cidrConflict(leaves: readonly Candidate[]): Check {
  const byName = new Map(leaves.map((leaf) => [nameOf(leaf), leaf]));
  return (_, clusters) => {
    const [a, b] = clusters.map((name) => byName.get(name));
    if (a === undefined || b === undefined || a === b) return [];
    const message = checkPairCidrs(a, b);
    return message === undefined
      ? []
      : [{ code: 'cidr-conflict', message, pointer: '/spec/clusters' }];
  };
}
