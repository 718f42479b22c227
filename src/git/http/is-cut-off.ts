/**
 * True for an answer of a Git server that ends too early, although HTTP took it for whole: it consists of pkt-lines, and
 * its last one is a flush, or an error (gitprotocol-http, gitprotocol-pack). A pack without lines around it has a check of
 * its own; nothing at all is how a server refuses a depth that it cannot give.
 */
export function isCutOff(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let last = '';
  let offset = 0;
  while (offset < text.length) {
    const digits = text.toString('latin1', offset, offset + 4);
    if (!/^[0-9a-f]{4}$/i.test(digits)) return digits.length < 4;
    last = text.toString('latin1', offset, offset + 8);
    // Lengths below 4 are marks without content: flush, delimiter, end of response.
    offset += Math.max(Number.parseInt(digits, 16), 4);
  }
  return last !== '' && !isEnd(last);
}

/** A flush, or the server's word that it gives up: `ERR`, or the third channel of the side band. */
function isEnd(line: string): boolean {
  return line.startsWith('0000') || line.slice(4).startsWith('ERR ') || line.charAt(4) === '\u0003';
}
