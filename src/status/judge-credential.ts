import type { CredentialExpiry } from '../kube/credential-expiry.ts';
import type { Condition, LeafConditionType } from '../model/condition.ts';
import type { LeafCluster, LeafClusterStatus } from '../model/leaf-cluster.ts';

export interface CredentialInput {
  readonly leafCluster: LeafCluster;
  /** Left out where the credential does not say when it ends, or where there is none. */
  readonly expiry?: CredentialExpiry;
  /** RFC 3339, by our own clock: the leaf's may be another, and what counts there is the leaf's. */
  readonly now: string;
}

const WORDS = {
  ClientCertificate: 'client certificate',
  Token: 'token',
  CertificateAuthority: 'certificate authority',
} as const satisfies Record<CredentialExpiry['kind'], string>;

/** `status.credential` of a LeafCluster. */
export function describeCredential(
  expiry: CredentialExpiry | undefined,
): LeafClusterStatus['credential'] {
  if (expiry === undefined) return undefined;
  return { kind: expiry.kind, expiresAt: timestampOf(expiry) };
}

/**
 * The condition `CredentialExpiring`, there only while a person should renew the credential. It holds the day, not the
 * days that are left, so that it is written once.
 */
export function judgeCredential(
  input: CredentialInput,
): Omit<Condition<LeafConditionType>, 'lastTransitionTime'> | undefined {
  const { leafCluster, expiry } = input;
  if (expiry === undefined || Date.parse(input.now) < expiry.warnFrom) return undefined;
  const { namespace = '' } = leafCluster.metadata;
  const { name } = leafCluster.spec.kubeconfigSecretRef;
  return {
    type: 'CredentialExpiring',
    status: 'True',
    reason: isExpired(input) ? 'CredentialExpired' : 'CredentialExpiring',
    message: `${describeEnd(input)}: put a new kubeconfig into Secret "${namespace}/${name}"`,
  };
}

/** What to say beside a refusal when our clock says that the credential has ended; empty when it has not. */
export function explainRefusal(input: CredentialInput): string {
  return isExpired(input) ? `; ${describeEnd(input)}` : '';
}

function isExpired({ expiry, now }: CredentialInput): boolean {
  return expiry !== undefined && Date.parse(now) >= expiry.expiresAt;
}

function describeEnd(input: CredentialInput): string {
  const { leafCluster, expiry } = input;
  if (expiry === undefined) return '';
  const verb = isExpired(input) ? 'expired' : 'expires';
  const what = `${WORDS[expiry.kind]} of leaf "${leafCluster.metadata.name}"`;
  return `the ${what} ${verb} at ${timestampOf(expiry)}`;
}

/** Seconds, as Kubernetes writes times. */
function timestampOf({ expiresAt }: CredentialExpiry): string {
  return new Date(expiresAt).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
