import { type CIDR, covers, formatCIDR, halvesOf, overlap, parseCIDR, POOLS } from './cidr.ts';
import type { ClusterCIDRs } from './own-cidrs.ts';
import { supports } from './version.ts';

/** A prefix that a cluster cannot give to a peer, and what it is there: `its own pod CIDR`. */
export interface TakenPrefix {
  readonly cidr: string;
  readonly what: string;
}

/** Under which prefix a cluster will most likely see one of a peer. */
export interface PredictedPrefix {
  readonly kind: 'pod' | 'external';
  /** As the peer has it. */
  readonly cidr: string;
  /** As it will be seen; undefined: no prefix of that size is left, so that the pair never comes up. */
  readonly seenAs: string | undefined;
  /** What keeps the peer's own prefix from being used as it is, half a sentence; empty where nothing does. */
  readonly clash: string;
}

interface Block extends TakenPrefix {
  readonly block: CIDR;
}

/**
 * What a cluster's IPAM will most likely make of a peer's prefixes (NETWORK.md 5.1), given what is taken there: the
 * prefix itself where it is free and in a pool, else the one that the recorded IPAM took next. A prediction: each IPAM
 * decides when it is asked, and may have other pools, other Networks, or be asked in another order. Prefixes that are
 * no IPv4 prefixes are left out.
 */
export function predictRemap(
  wanted: ClusterCIDRs,
  taken: readonly TakenPrefix[],
  version: string | undefined,
): readonly PredictedPrefix[] {
  const blocks = taken.flatMap(toBlock);
  const predicted: PredictedPrefix[] = [];
  for (const kind of ['pod', 'external'] as const) {
    for (const cidr of wanted[kind]) {
      const block = parseCIDR(cidr);
      if (block === undefined) continue;
      const clash = findClash(block, blocks);
      const given = clash === '' ? block : findRoom(block, blocks, version);
      const seenAs = given === undefined ? undefined : formatCIDR(given);
      predicted.push({ kind, cidr, seenAs, clash });
      if (given === undefined) continue;
      blocks.push({ block: given, cidr: formatCIDR(given), what: `given to ${cidr} of this peer` });
    }
  }
  return predicted;
}

function toBlock(taken: TakenPrefix): readonly Block[] {
  const block = parseCIDR(taken.cidr);
  return block === undefined ? [] : [{ ...taken, block }];
}

function findClash(wanted: CIDR, taken: readonly Block[]): string {
  const other = taken.find(({ block }) => overlap(block, wanted));
  if (other !== undefined) return `${other.cidr} is ${other.what}`;
  return isInPools(wanted) ? '' : "it is outside Liqo's pools";
}

/** Before v1.2 a prefix outside the pools gets none at all. */
function findRoom(
  wanted: CIDR,
  taken: readonly Block[],
  version: string | undefined,
): CIDR | undefined {
  if (!supports(version, 'remapsForeignPrefixes') && !isInPools(wanted)) return undefined;
  const blocks = taken.map(({ block }) => block);
  for (const pool of POOLS) {
    const found = findFree(pool, wanted.length, blocks);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isInPools(cidr: CIDR): boolean {
  return POOLS.some((pool) => covers(pool, cidr));
}

/** The IPAM goes into a half that is split already before one that is whole, so that large blocks stay whole. */
function findFree(within: CIDR, length: number, taken: readonly CIDR[]): CIDR | undefined {
  const near = taken.filter((block) => overlap(block, within));
  if (within.length > length || near.some((block) => block.length <= within.length)) {
    return undefined;
  }
  if (near.length === 0) return { network: within.network, length };
  if (within.length === length) return undefined;
  const isSplit = (half: CIDR): boolean =>
    near.some((block) => block.length > half.length && overlap(block, half));
  const [lower, upper] = halvesOf(within);
  const order = !isSplit(lower) && isSplit(upper) ? [upper, lower] : [lower, upper];
  for (const half of order) {
    const found = findFree(half, length, near);
    if (found !== undefined) return found;
  }
  return undefined;
}
