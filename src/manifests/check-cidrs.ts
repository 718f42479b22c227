import { type Candidate, nameOf, valueAt } from './candidate.ts';
import {
  type CidrBlock,
  contains,
  formatBlock,
  hasRoom,
  isCidr,
  isIPv4Cidr,
  overlap,
  parseBlock,
  REMAP_POOLS,
} from './cidr-block.ts';
import { type Finding, pointerTo } from './manifest.ts';

interface DeclaredCidr {
  readonly text: string;
  readonly pointer: string;
}

/** What is wrong with the CIDRs that one leaf declares. Liqo accepts all of it without a word. */
export function checkLeafCidrs(leaf: Candidate): readonly Finding[] {
  const cidrs = declaredCidrs(leaf);
  return cidrs.flatMap(({ text, pointer }, index) => {
    const message = cidrFault(text, cidrs.slice(0, index));
    return message === undefined ? [] : [{ code: 'cidr-conflict', message, pointer }];
  });
}

/**
 * Why two leaves cannot be connected: a range of one is taken on the other, and too large for another place in
 * Liqo's pools (NETWORK.md 5.1, 5.3). Only declared ranges count, so silence is no promise.
 */
export function checkPairCidrs(a: Candidate, b: Candidate): string | undefined {
  return remapFault(a, b) ?? remapFault(b, a);
}

function remapFault(self: Candidate, peer: Candidate): string | undefined {
  const own = blocksOf(self);
  if (own.length === 0) return undefined;
  const stuck = blocksOf(peer).find((block) => {
    const isFree = REMAP_POOLS.some((pool) => contains(pool, block));
    if (isFree && !own.some((other) => overlap(other, block))) return false;
    return !REMAP_POOLS.some((pool) => hasRoom(pool, block.length, own));
  });
  if (stuck === undefined) return undefined;
  const range = `${formatBlock(stuck)} of "${nameOf(peer)}"`;
  return `"${nameOf(self)}" cannot reach ${range}: it must be remapped, and Liqo's pools have no free range of that size`;
}

function cidrFault(text: string, before: readonly DeclaredCidr[]): string | undefined {
  if (!isIPv4Cidr(text)) return `${text} is IPv6: Liqo connects IPv4 only`;
  const block = parseBlock(text);
  const proper = formatBlock(block);
  if (proper !== text) return `${text} has host bits set; did you mean ${proper}?`;
  const other = before.find(
    (cidr) => isIPv4Cidr(cidr.text) && overlap(parseBlock(cidr.text), block),
  );
  if (other === undefined) return undefined;
  return other.text === text ? `${text} is declared twice` : `${text} overlaps ${other.text}`;
}

function blocksOf(leaf: Candidate): readonly CidrBlock[] {
  return declaredCidrs(leaf)
    .filter(({ text }) => isIPv4Cidr(text))
    .map(({ text }) => parseBlock(text));
}

function declaredCidrs({ data }: Candidate): readonly DeclaredCidr[] {
  return ['/spec/cidrs/pod', '/spec/cidrs/external'].flatMap((pointer) => {
    const list = valueAt(data, ...pointer.split('/').slice(1));
    if (!Array.isArray(list)) return [];
    return list.flatMap((text: unknown, index) => {
      if (typeof text !== 'string' || !isCidr(text)) return [];
      return [{ text, pointer: pointerTo(pointer, String(index)) }];
    });
  });
}
