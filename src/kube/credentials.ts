import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { CredentialInvalidError } from '../errors/errors.ts';
import { type CredentialExpiry, findExpiry, readCertificates } from './credential-expiry.ts';

/** How to reach one cluster as one user: nothing but plain values, all of them checked. Secret; never log it. */
export interface ClusterCredentials {
  /** Base URL of the API server, without a slash at its end. */
  readonly server: string;
  /** Name expected in the server's certificate, when it is not the host of `server`. */
  readonly tlsServerName?: string;
  /** Certificates that we trust, PEM in base64. Left out: those of the machine. */
  readonly caData?: string;
  /** Client certificate and its key, PEM in base64. Both or none. */
  readonly certData?: string;
  readonly keyData?: string;
  readonly token?: string;
  /** Path of a token that changes with time (in-cluster service account); read again every minute. */
  readonly tokenFile?: string;
  /** Equal for equal credentials, and safe to show: SHA-256 in hexadecimal. */
  readonly fingerprint: string;
  /** Which part of it ends first, and when. Left out when nothing says so. */
  readonly expiry?: CredentialExpiry;
}

export type CredentialFields = Omit<ClusterCredentials, 'fingerprint' | 'expiry'>;

/** A refusal that names the field, never its value. */
export function refuseCredential(cluster: string, field: string, problem: string): never {
  throw new CredentialInvalidError(`credential of cluster "${cluster}": ${field} ${problem}`, {
    details: { cluster, field },
  });
}

/**
 * Checks what can be checked without a connection (certificates parse, the key belongs to its certificate) and adds
 * the fingerprint and the expiry. Throws CredentialInvalidError.
 */
export function createCredentials(fields: CredentialFields, cluster: string): ClusterCredentials {
  const { server, tlsServerName, caData, certData, keyData, token, tokenFile } = fields;
  if (caData !== undefined) checkCertificates(caData, cluster);
  if (certData !== undefined || keyData !== undefined) checkKeyPair(fields, cluster);
  if (certData === undefined && token === undefined && tokenFile === undefined) {
    refuseCredential(cluster, 'user', 'holds neither a token nor a client certificate');
  }
  const identity = JSON.stringify(
    [server, tlsServerName, caData, certData, keyData, token, tokenFile].map((part) => part ?? ''),
  );
  const fingerprint = createHash('sha256').update(identity).digest('hex');
  const expiry = findExpiry(fields);
  return { ...fields, fingerprint, ...(expiry !== undefined && { expiry }) };
}

/** Node ignores what it cannot read in a bundle of CAs, and would then trust nobody without saying why. */
function checkCertificates(caData: string, cluster: string): void {
  const found = attempt(() => readCertificates(caData)) ?? [];
  if (found.length === 0) {
    refuseCredential(cluster, 'certificate-authority-data', 'holds no readable PEM certificate');
  }
}

function checkKeyPair({ certData, keyData }: CredentialFields, cluster: string): void {
  if (certData === undefined) {
    refuseCredential(cluster, 'client-certificate-data', 'is missing beside client-key-data');
  }
  if (keyData === undefined) {
    refuseCredential(cluster, 'client-key-data', 'is missing beside client-certificate-data');
  }
  const cert = Buffer.from(certData, 'base64');
  const key = Buffer.from(keyData, 'base64');
  if ((attempt(() => readCertificates(certData)) ?? []).length === 0) {
    refuseCredential(cluster, 'client-certificate-data', 'holds no readable PEM certificate');
  }
  const privateKey = attempt(() => createPrivateKey(key));
  if (privateKey === undefined) {
    refuseCredential(cluster, 'client-key-data', 'holds no readable PEM key without a passphrase');
  }
  if (!new X509Certificate(cert).checkPrivateKey(privateKey)) {
    refuseCredential(cluster, 'client-key-data', 'does not belong to client-certificate-data');
  }
  if (attempt(() => createSecureContext({ cert, key })) === undefined) {
    refuseCredential(cluster, 'client-certificate-data', 'is too weak for TLS, or damaged');
  }
}

/** The reason is not kept on purpose: it could quote what was parsed. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
