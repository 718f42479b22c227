import { Refusal } from './refusal.ts';

/** Reads the data types of SSH (RFC 4251 section 5) one after the other. Throws Refusal at what is cut off. */
export interface WireReader {
  take(length: number): Buffer;
  byte(): number;
  uint32(): number;
  string(): Buffer;
  /** A string as text, byte by byte. */
  text(): string;
  /** A number that is not negative, without leading zeros, big-endian. */
  mpint(): Buffer;
  /** Throws Refusal where something is left. */
  end(): void;
}

/** Reads from the start of `bytes`. */
export function createWireReader(bytes: Buffer): WireReader {
  let at = 0;

  function take(length: number): Buffer {
    if (length > bytes.length - at) throw new Refusal('is cut off');
    at += length;
    return bytes.subarray(at - length, at);
  }

  const uint32 = (): number => take(4).readUInt32BE();
  const string = (): Buffer => take(uint32());

  return {
    take,
    byte: () => take(1).readUInt8(),
    uint32,
    string,
    text: () => string().toString('latin1'),
    mpint: () => {
      const number = string();
      if (number.length > 0 && number.readInt8() < 0) throw new Refusal('holds a negative number');
      const start = number.findIndex((byte) => byte !== 0);
      return number.subarray(start === -1 ? number.length : start);
    },
    end: () => {
      if (at !== bytes.length) throw new Refusal('holds more than it should');
    },
  };
}

/** A string as SSH writes it. */
export function wireString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
