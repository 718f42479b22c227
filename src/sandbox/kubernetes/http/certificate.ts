import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A server's own certificate, which is its own authority, and its private key; both PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 3650;

/** One DER element (ITU-T X.690): tag, length, content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const lengths =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...lengths]), body]);
}

function sequence(...content: readonly Uint8Array[]): Buffer {
  return der(0x30, ...content);
}

/** Object identifiers, encoded. */
const OID = {
  commonName: Buffer.from('0603550403', 'hex'),
  ecdsaWithSha256: Buffer.from('06082a8648ce3d040302', 'hex'),
  subjectAltName: Buffer.from('0603551d11', 'hex'),
  basicConstraints: Buffer.from('0603551d13', 'hex'),
} as const;

const TRUE = Buffer.from('0101ff', 'hex');

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(OID.commonName, der(0x0c, Buffer.from(commonName)))));
}

/** UTCTime: two digits of the year are enough until 2049. */
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

/** For 127.0.0.1 and localhost, and a certificate authority, so that clients can trust it by itself. */
function extensions(): Buffer {
  const names = sequence(
    der(0x87, Buffer.from([127, 0, 0, 1])),
    der(0x82, Buffer.from('localhost')),
  );
  const list = sequence(
    sequence(OID.basicConstraints, TRUE, der(0x04, sequence(TRUE))),
    sequence(OID.subjectAltName, der(0x04, names)),
  );
  return der(0xa3, list);
}

function pem(label: string, content: Uint8Array): string {
  const lines = Buffer.from(content).toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/**
 * Makes a certificate for loopback (RFC 5280, ECDSA P-256), valid from yesterday, since clocks differ, for ten years.
 * Its one shape is written out here: a library for it would cost more at every start than all the rest of the server.
 */
export function createCertificate(name: string, now: number): ServerCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(OID.ecdsaWithSha256);
  const serial = randomBytes(16);
  serial.writeUInt8(0x40 | (serial.readUInt8(0) & 0x3f), 0);
  const subject = distinguishedName(name);
  const content = sequence(
    Buffer.from('a003020102', 'hex'), // version 3
    der(0x02, serial),
    algorithm,
    subject,
    sequence(time(now - DAY_MS), time(now + VALID_DAYS * DAY_MS)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(),
  );
  const signature = sign('sha256', content, privateKey);
  const certificate = sequence(content, algorithm, der(0x03, Buffer.from([0]), signature));
  return {
    certificate: pem('CERTIFICATE', certificate),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
