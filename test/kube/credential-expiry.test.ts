import { expect } from 'chai';
import { findExpiry, type ExpiringFields } from '../../src/kube/credential-expiry.ts';
import { createCertificate } from '../../src/sandbox/kubernetes/http/certificate.ts';
import { TEST_CERTIFICATE_DATA } from '../support/test-certificate.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 22, 10, 0, 0);
/** The certificates of the embedded world are valid from a day before until so long after `now`. */
const VALID_MS = 3650 * DAY;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function certificateUntil(end: number): string {
  return createCertificate('somebody', end - VALID_MS).certificate;
}

function jwt(claims: unknown): string {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims);
  return `e30.${Buffer.from(payload).toString('base64url')}.c2ln`;
}

describe('findExpiry', () => {
  it('tells the end of a client certificate: its own, not that of those who signed it', () => {
    const certData = base64(certificateUntil(NOW + DAY) + certificateUntil(NOW + HOUR));

    expect(findExpiry({ certData })).to.deep.equal({
      kind: 'ClientCertificate',
      expiresAt: NOW + DAY,
      warnFrom: NOW - 13 * DAY,
    });
  });

  it('tells the end of a token that is a JWT, and warns in the last fifth of a short life', () => {
    const token = jwt({ iat: NOW / 1000, exp: (NOW + 10 * HOUR) / 1000 });

    expect(findExpiry({ token })).to.deep.equal({
      kind: 'Token',
      expiresAt: NOW + 10 * HOUR,
      warnFrom: NOW + 8 * HOUR,
    });
  });

  it('warns 14 days before where a token does not say when it began', () => {
    const token = jwt({ exp: NOW / 1000 });

    expect(findExpiry({ token })?.warnFrom).to.equal(NOW - 14 * DAY);
  });

  it('takes nbf for the beginning, and never warns after the end', () => {
    const late = jwt({ nbf: (NOW + DAY) / 1000, exp: NOW / 1000 });

    expect(findExpiry({ token: late })?.warnFrom).to.equal(NOW);
  });

  it('tells the end of the last authority, since old ones lie beside their successors', () => {
    const caData = base64(certificateUntil(NOW + DAY) + certificateUntil(NOW + 30 * DAY));

    expect(findExpiry({ caData })).to.include({
      kind: 'CertificateAuthority',
      expiresAt: NOW + 30 * DAY,
    });
  });

  it('tells what ends first', () => {
    const token = jwt({ iat: NOW / 1000, exp: (NOW + HOUR) / 1000 });
    const certData = base64(certificateUntil(NOW + DAY));

    expect(findExpiry({ token, certData, caData: TEST_CERTIFICATE_DATA })?.kind).to.equal('Token');
  });

  const silent: readonly { name: string; fields: ExpiringFields }[] = [
    { name: 'nothing', fields: {} },
    { name: 'a token that is no JWT', fields: { token: 'abcdef' } },
    { name: 'a token with two dots that is no JWT', fields: { token: 'a.b.c' } },
    { name: 'a JWT without an end', fields: { token: jwt({ iat: 1 }) } },
    { name: 'a JWT whose end is no number', fields: { token: jwt({ exp: '2026' }) } },
    { name: 'a JWT that ends after all time', fields: { token: jwt({ exp: 1e300 }) } },
    { name: 'a JWT that holds a list', fields: { token: jwt([1]) } },
    { name: 'a JWT that holds null', fields: { token: jwt('null') } },
  ];
  for (const { name, fields } of silent) {
    it(`tells nothing of ${name}`, () => {
      expect(findExpiry(fields)).to.equal(undefined);
    });
  }
});
