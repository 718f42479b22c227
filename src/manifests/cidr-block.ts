import ipaddr from 'ipaddr.js';

/** A range of IPv4 addresses. `start` is its first address as a number, `length` the number of network bits. */
export interface CidrBlock {
  readonly start: number;
  readonly length: number;
}

/** Liqo's default pools, from which it takes the ranges under which a peer is seen (NETWORK.md 5.1). */
export const REMAP_POOLS: readonly CidrBlock[] = [
  parseBlock('10.0.0.0/8'),
  parseBlock('192.168.0.0/16'),
  parseBlock('172.16.0.0/12'),
];

/** True for an IPv4 CIDR in four decimal parts, or an IPv6 one. */
export function isCidr(text: string): boolean {
  return isIPv4Cidr(text) || ipaddr.IPv6.isValidCIDR(text);
}

/** True for an IPv4 CIDR in four decimal parts. */
export function isIPv4Cidr(text: string): boolean {
  return ipaddr.IPv4.isValidCIDRFourPartDecimal(text);
}

/** The block of an IPv4 CIDR, host bits dropped. Throws on anything else. */
export function parseBlock(text: string): CidrBlock {
  const [address, length] = ipaddr.IPv4.parseCIDR(text);
  const number = address.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { start: number - (number % sizeOf(length)), length };
}

/** The block in CIDR notation. */
export function formatBlock({ start, length }: CidrBlock): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
  return `${octets.join('.')}/${length}`;
}

/** True when the blocks have an address in common. */
export function overlap(a: CidrBlock, b: CidrBlock): boolean {
  return a.start < endOf(b) && b.start < endOf(a);
}

/** True when every address of `inner` is in `outer`. */
export function contains(outer: CidrBlock, inner: CidrBlock): boolean {
  return outer.length <= inner.length && overlap(outer, inner);
}

/** True when `pool` has a block of `length` network bits that overlaps none of `taken`. */
export function hasRoom(pool: CidrBlock, length: number, taken: readonly CidrBlock[]): boolean {
  if (pool.length > length) return false;
  const near = taken.filter((block) => overlap(pool, block));
  if (near.length === 0) return true;
  if (near.some((block) => contains(block, pool))) return false;
  return halvesOf(pool).some((half) => hasRoom(half, length, near));
}

function halvesOf({ start, length }: CidrBlock): readonly CidrBlock[] {
  const half = { start, length: length + 1 };
  return [half, { ...half, start: endOf(half) }];
}

function endOf({ start, length }: CidrBlock): number {
  return start + sizeOf(length);
}

function sizeOf(length: number): number {
  return 2 ** (32 - length);
}
