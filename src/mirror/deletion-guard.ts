/** How much one commit may delete without a person saying so (DESIGN section 4). */
export interface DeletionGuard {
  /** `--max-deletions`. */
  readonly maxDeletions: number;
  /** `--max-deletions-percent`. */
  readonly maxDeletionsPercent: number;
  /** `--allow-deletions-at`: the commit whose deletions a person has looked at, in full or at least 7 digits. */
  readonly allowDeletionsAt?: string | undefined;
}

/** A share says nothing about a handful: below this many, only the absolute number counts. */
const MINIMUM_POPULATION = 10;

/** How many of one kind would go, of how many that are ours. */
export interface Toll {
  readonly kind: string;
  readonly deletions: number;
  readonly population: number;
}

/** Why the guard refuses these deletions at this commit; undefined when it lets them pass. */
export function refusal(
  guard: DeletionGuard,
  tolls: readonly Toll[],
  commit: string,
): string | undefined {
  const { allowDeletionsAt: allowed = '' } = guard;
  if (allowed.length >= 7 && commit.startsWith(allowed.toLowerCase())) return undefined;
  const tooMany = tolls.flatMap((toll) => excess(guard, toll) ?? []);
  if (tooMany.length === 0) return undefined;
  return `${tooMany.join('; ')}: allow it with --allow-deletions-at ${commit.slice(0, 12)}`;
}

function excess(
  { maxDeletions, maxDeletionsPercent }: DeletionGuard,
  { kind, deletions, population }: Toll,
): string | undefined {
  const sentence = `${deletions} of ${population} ${kind}s would be deleted`;
  if (deletions > maxDeletions) return `${sentence}, more than ${maxDeletions}`;
  const isShare = population >= MINIMUM_POPULATION;
  if (!isShare || deletions * 100 <= population * maxDeletionsPercent) return undefined;
  return `${sentence}, more than ${maxDeletionsPercent} %`;
}
