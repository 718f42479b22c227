import { X509Certificate } from 'node:crypto';

/** The part of a credential that ends first. */
export interface CredentialExpiry {
  readonly kind: 'ClientCertificate' | 'Token' | 'CertificateAuthority';
  /** Milliseconds since the epoch, as all times here. */
  readonly expiresAt: number;
  /** From when on a person should be told: the last fifth of its life, at most 14 days. */
  readonly warnFrom: number;
}

/** Those fields of a credential that may say when it ends. */
export interface ExpiringFields {
  readonly caData?: string;
  readonly certData?: string;
  readonly token?: string;
}

interface Life {
  /** Undefined where it does not say. */
  readonly from: number | undefined;
  readonly to: number;
}

const LONGEST_WARNING_MS = 14 * 24 * 3_600_000;
const WARNED_PART_OF_LIFE = 0.2;

/** Latest moment that a Date can hold. */
const END_OF_TIME = 8.64e15;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * When the credential stops working, as far as it says itself: a client certificate by its `notAfter`, a token that is a
 * JWT by its `exp`, and the authorities that we trust by the last of them, since a bundle holds old ones beside their
 * successors. A token that is no JWT says nothing. Undefined when nothing says when.
 */
export function findExpiry(fields: ExpiringFields): CredentialExpiry | undefined {
  const { certData, token, caData } = fields;
  const candidates = [
    toExpiry('ClientCertificate', certData === undefined ? undefined : lifeOfFirst(certData)),
    toExpiry('Token', token === undefined ? undefined : lifeOfToken(token)),
    toExpiry('CertificateAuthority', caData === undefined ? undefined : lifeOfLast(caData)),
  ].filter((candidate) => candidate !== undefined);
  return candidates.toSorted((a, b) => a.expiresAt - b.expiresAt)[0];
}

function toExpiry(
  kind: CredentialExpiry['kind'],
  life: Life | undefined,
): CredentialExpiry | undefined {
  if (life === undefined) return undefined;
  const { from, to } = life;
  const ofLife = from === undefined ? LONGEST_WARNING_MS : (to - from) * WARNED_PART_OF_LIFE;
  const warning = Math.max(0, Math.min(LONGEST_WARNING_MS, ofLife));
  return { kind, expiresAt: to, warnFrom: to - warning };
}

/** All certificates of a bundle; PEM in base64. Throws where one of them cannot be read. */
export function readCertificates(data: string): readonly X509Certificate[] {
  const pem = Buffer.from(data, 'base64').toString('latin1');
  return (pem.match(CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
}

function lifeOf({ validFromDate, validToDate }: X509Certificate): Life {
  return { from: validFromDate.getTime(), to: validToDate.getTime() };
}

/** The client's own certificate comes first, those that signed it after it. */
function lifeOfFirst(data: string): Life | undefined {
  return readCertificates(data).map(lifeOf)[0];
}

function lifeOfLast(data: string): Life | undefined {
  return readCertificates(data)
    .map(lifeOf)
    .toSorted((a, b) => b.to - a.to)[0];
}

/** Read, not verified: whether it is genuine is for the API server to say. */
function lifeOfToken(token: string): Life | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  const claims = parseClaims(Buffer.from(payload, 'base64url').toString('utf8'));
  const to = timeOf(claims['exp']);
  return to === undefined ? undefined : { from: timeOf(claims['iat'] ?? claims['nbf']), to };
}

function parseClaims(text: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(text);
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    return {}; // no JWT then, but a token with two dots in it
  }
}

/** A NumericDate (RFC 7519): seconds since the epoch. */
function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value * 1000) <= END_OF_TIME
    ? value * 1000
    : undefined;
}
