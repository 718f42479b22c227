/** An IPv4 prefix as two numbers: network bits (unsigned 32 bits) and length. */
interface Prefix {
  readonly network: number;
  readonly length: number;
}

/** One prefix of the tree: whole and free, whole and taken, or split in two halves. */
interface Block extends Prefix {
  taken: boolean;
  halves: readonly [Block, Block] | undefined;
}

/** The chart's pools (NETWORK.md section 5.1). */
const DEFAULT_POOLS = ['10.0.0.0/8', '192.168.0.0/16', '172.16.0.0/12'] as const;

/**
 * The address space of one leaf, as Liqo's IPAM hands it out: every pool is a binary tree of prefixes. A wanted prefix is
 * granted when free; otherwise another of the same length is searched, in each block first in the half that is already
 * split, so that large blocks stay whole. That rule gives the outcomes recorded in liqo/observed: with 10.70.0.0/16 taken
 * the next /16 are 10.71, 10.68, 10.69, 10.64, 10.65.
 */
export interface Ipam {
  /** The prefix itself when it is free and inside a pool, else another of the same length; undefined when none is left. */
  acquire(cidr: string): string | undefined;
  /** Marks a prefix as in use (the cluster's own, or what an earlier run granted). False when it was taken before. */
  reserve(cidr: string): boolean;
  release(cidr: string): void;
  /** Is the prefix part of a pool? Before v1.2 Liqo serves only these. */
  inPools(cidr: string): boolean;
}

export function createIpam(pools: readonly string[] = DEFAULT_POOLS): Ipam {
  const roots = pools.map((pool) => wholeBlock(parsePrefix(pool)));
  const rootOf = (prefix: Prefix): Block | undefined => roots.find((root) => holds(root, prefix));

  function reserve(cidr: string): boolean {
    const prefix = parsePrefix(cidr);
    const root = rootOf(prefix);
    return root !== undefined && take(root, prefix);
  }

  return {
    acquire(cidr) {
      if (reserve(cidr)) return formatPrefix(parsePrefix(cidr));
      const { length } = parsePrefix(cidr);
      for (const root of roots) {
        const found = takeAny(root, length);
        if (found !== undefined) return formatPrefix(found);
      }
      return undefined;
    },
    reserve,
    release(cidr) {
      const prefix = parsePrefix(cidr);
      const root = rootOf(prefix);
      if (root !== undefined) free(root, prefix);
    },
    inPools: (cidr) => rootOf(parsePrefix(cidr)) !== undefined,
  };
}

function wholeBlock(prefix: Prefix): Block {
  return { ...prefix, taken: false, halves: undefined };
}

function split(block: Block): readonly [Block, Block] {
  const length = block.length + 1;
  block.halves ??= [
    wholeBlock({ network: block.network, length }),
    wholeBlock({ network: (block.network | (1 << (32 - length))) >>> 0, length }),
  ];
  return block.halves;
}

function take(block: Block, prefix: Prefix): boolean {
  if (block.taken) return false;
  if (block.length === prefix.length) {
    if (block.halves !== undefined) return false;
    block.taken = true;
    return true;
  }
  const [left, right] = split(block);
  return take(holds(left, prefix) ? left : right, prefix);
}

function takeAny(block: Block, length: number): Prefix | undefined {
  if (block.taken || block.length > length) return undefined;
  if (block.length === length) return take(block, block) ? block : undefined;
  const [left, right] = split(block);
  const [first, second] =
    left.halves === undefined && right.halves !== undefined ? [right, left] : [left, right];
  return takeAny(first, length) ?? takeAny(second, length);
}

function free(block: Block, prefix: Prefix): void {
  if (block.length === prefix.length) {
    block.taken = false;
    return;
  }
  const half = block.halves?.find((candidate) => holds(candidate, prefix));
  if (half === undefined) return;
  free(half, prefix);
  merge(block);
}

/** Two free, whole halves are one whole block again. */
function merge(block: Block): void {
  if (block.halves?.every((half) => !half.taken && half.halves === undefined)) {
    block.halves = undefined;
  }
}

function holds(outer: Prefix, inner: Prefix): boolean {
  return inner.length >= outer.length && networkOf(inner.network, outer.length) === outer.network;
}

function networkOf(address: number, length: number): number {
  return length === 0 ? 0 : (address & (-1 << (32 - length))) >>> 0;
}

function parsePrefix(cidr: string): Prefix {
  const [address = '', bits = ''] = cidr.split('/');
  const length = Number(bits);
  return { network: networkOf(parseAddress(address), length), length };
}

/** The 32 bits of a dotted IPv4 address. The CRDs have checked the syntax. */
export function parseAddress(address: string): number {
  return address.split('.').reduce((sum, byte) => ((sum << 8) | Number(byte)) >>> 0, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** The `index`-th address of a prefix. */
export function addressIn(cidr: string, index: number): string {
  return formatAddress((parsePrefix(cidr).network + index) >>> 0);
}

function formatPrefix({ network, length }: Prefix): string {
  return `${formatAddress(network)}/${String(length)}`;
}
