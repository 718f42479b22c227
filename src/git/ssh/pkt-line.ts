/** A packet of four characters that ends a section or an answer (gitprotocol-common, gitprotocol-v2). */
export const FLUSH = '0000';
export const DELIMITER = '0001';

/**
 * The first packet of some bytes, its length in front; undefined while it is not complete. Throws RangeError for what
 * is no packet.
 */
export function firstPacket(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 4) return undefined;
  const digits = bytes.toString('latin1', 0, 4);
  const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : 3;
  if (length === 3) throw new RangeError('not a packet');
  const end = Math.max(length, 4);
  return bytes.length < end ? undefined : bytes.subarray(0, end);
}

/** All packets of some bytes, as far as they are complete. Throws RangeError for what is no packet. */
export function packetsOf(bytes: Buffer): readonly Buffer[] {
  const packets: Buffer[] = [];
  let rest = bytes;
  for (let next = firstPacket(rest); next !== undefined; next = firstPacket(rest)) {
    packets.push(next);
    rest = rest.subarray(next.length);
  }
  return packets;
}

/** What a packet holds, as text without its line end; a packet without content is itself. */
export function textOf(packet: Buffer): string {
  const text = packet.toString('latin1');
  return text.length === 4 ? text : text.slice(4).replace(/\n$/, '');
}

/** A packet with a line of text. */
export function toPacket(text: string): Buffer {
  return Buffer.from(`${(text.length + 5).toString(16).padStart(4, '0')}${text}\n`, 'latin1');
}
