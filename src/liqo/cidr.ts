import ipaddr from 'ipaddr.js';
import { supports } from './version.ts';

/** An IPv4 prefix. */
export interface CIDR {
  readonly network: ipaddr.IPv4;
  /** Prefix length, 0 to 32. */
  readonly length: number;
}

/** True for an IPv4 address in its usual form, four decimal numbers. */
export function isIPv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Reads an IPv4 prefix without host bits; undefined for anything else, IPv6 included (NETWORK.md 14.20). */
export function parseCIDR(text: string): CIDR | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return undefined;
  const [network, length] = ipaddr.IPv4.parseCIDR(text);
  const first = ipaddr.IPv4.networkAddressFromCIDR(text);
  return first.toString() === network.toString() ? { network, length } : undefined;
}

/** True when the two prefixes share an address. */
export function overlap(a: CIDR, b: CIDR): boolean {
  return a.network.match(b.network, Math.min(a.length, b.length));
}

/** True when the address lies within the prefix. */
export function contains(cidr: CIDR, address: ipaddr.IPv4): boolean {
  return address.match(cidr.network, cidr.length);
}

/** The address with the network bits of `to` and its own host bits (NETWORK.md 5.2, step 2). */
export function rebase(address: ipaddr.IPv4, to: CIDR): ipaddr.IPv4 {
  const size = 2 ** (32 - to.length);
  return toAddress(toNumber(to.network) + (toNumber(address) % size));
}

function toAddress(number: number): ipaddr.IPv4 {
  return new ipaddr.IPv4([24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256));
}

function toNumber({ octets }: ipaddr.IPv4): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** True when every address of the second prefix lies within the first. */
export function covers(outer: CIDR, inner: CIDR): boolean {
  return outer.length <= inner.length && contains(outer, inner.network);
}

/** The two halves of a prefix that is longer than one address, the lower first. */
export function halvesOf({ network, length }: CIDR): readonly [CIDR, CIDR] {
  const middle = toNumber(network) + 2 ** (31 - length);
  return [
    { network, length: length + 1 },
    { network: toAddress(middle), length: length + 1 },
  ];
}

/** The usual form, `10.200.0.0/16`. */
export function formatCIDR({ network, length }: CIDR): string {
  return `${network.toString()}/${length}`;
}

/** Liqo's default pools for remapping, in the order in which they are searched (NETWORK.md 5.1). */
export const POOLS: readonly CIDR[] = [
  { network: ipaddr.IPv4.parse('10.0.0.0'), length: 8 },
  { network: ipaddr.IPv4.parse('192.168.0.0'), length: 16 },
  { network: ipaddr.IPv4.parse('172.16.0.0'), length: 12 },
];

/** The largest pool is a /8, of which the cluster itself already uses a part. */
const SHORTEST_REMAPPABLE_LENGTH = 9;

/**
 * Can Liqo of this version, with its default pools, give a peer's prefix another one when it is taken? Prefixes
 * that are too large for any pool cannot be remapped; before v1.2 neither can those outside the pools, which then
 * never get configured at all (NETWORK.md 5.1 and 5.3).
 */
export function canBeRemapped(text: string, version: string | undefined): boolean {
  const cidr = parseCIDR(text);
  if (cidr === undefined || cidr.length < SHORTEST_REMAPPABLE_LENGTH) return false;
  return supports(version, 'remapsForeignPrefixes') || POOLS.some((pool) => covers(pool, cidr));
}
