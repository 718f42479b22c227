import { DELIMITER, FLUSH, packetsOf, textOf, toPacket } from './pkt-line.ts';

// The library lists refs by the second version of Git's protocol, but fetches by the first, in which a server sends all
// its refs every time, and, over SSH, hands out only what a ref names at the moment. So its fetch is translated.

/** What the library knows to ask for by the first version, and what the second version has too. */
const CAPABILITIES = 'multi_ack_detailed no-done side-band-64k ofs-delta';
const SHALLOW = 'shallow deepen-since deepen-not deepen-relative';
const NO_COMMIT = '0'.repeat(40);

/** True for the advertisement of the second version. */
export function isVersion2(advertisement: Buffer): boolean {
  const [first] = packetsOf(advertisement);
  return first !== undefined && textOf(first) === 'version 2';
}

/** What a server says at first in the second version, as the first has it: without a ref but a HEAD that is nowhere. */
export function toVersion1Advertisement(advertisement: Buffer): Buffer {
  const lines = packetsOf(advertisement).map(textOf);
  const features = lines.find((line) => line.startsWith('fetch='))?.slice('fetch='.length) ?? '';
  const shallow = features.split(' ').includes('shallow') ? ` ${SHALLOW}` : '';
  const ref = `${NO_COMMIT} HEAD\0${CAPABILITIES}${shallow}`;
  return Buffer.concat([toPacket(ref), Buffer.from(FLUSH)]);
}

/** The library's request for objects, as the command of the second version. */
export function toVersion2Request(request: Buffer): Buffer {
  const lines = packetsOf(request)
    .map(textOf)
    .filter((line) => line !== FLUSH)
    // The first `want` has the capabilities behind it.
    .map((line) => (line.startsWith('want ') ? line.slice(0, 'want '.length + 40) : line));
  return Buffer.concat([
    toPacket('command=fetch'),
    Buffer.from(DELIMITER),
    ...['ofs-delta', 'no-progress', ...lines].map(toPacket),
    Buffer.from(FLUSH),
  ]);
}

/** The objects that were asked for, as the first version has them. */
export function toVersion1Answer(answer: Buffer): Buffer {
  return Buffer.concat(
    packetsOf(answer).flatMap((packet) => {
      switch (packet.length > 20 ? '' : textOf(packet)) {
        case 'shallow-info':
          return [];
        case DELIMITER:
          return [Buffer.from(FLUSH)];
        case 'packfile':
          return [toPacket('NAK')];
        default:
          return [packet];
      }
    }),
  );
}

/** The first commit that a request of the library asks for. */
export function wantedBy(request: Buffer): string {
  const [first] = packetsOf(request);
  return first === undefined ? '' : textOf(first).slice('want '.length, 'want '.length + 40);
}

/** True where an answer has come as far as the objects themselves (side-band-64k, channel 1). */
export function hasObjects(answer: Buffer): boolean {
  return packetsOf(answer).some((packet) => packet[4] === 1);
}
