import type { KubeObject, ResourceKind } from '../model/kube-object.ts';

export const LEASE: ResourceKind = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** As client-go has them: who leads stops this long after it last renewed; the others wait for longer than that. */
export const RENEW_DEADLINE_MS = 10_000;
export const LEASE_DURATION_MS = 15_000;
export const RETRY_PERIOD_MS = 2_000;

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly leaseTransitions?: number;
}

/** A Lease (coordination.k8s.io/v1) as far as an election goes by it. Its times are for people only. */
export interface LeaseRecord {
  /** Empty: nobody. */
  readonly holder: string;
  /**
   * Let go by its holder. A holder that somebody took out by hand does not count: it writes on until it next looks.
   */
  readonly isFree: boolean;
  readonly acquireTime: string | undefined;
  readonly transitions: number;
  /** Another one with every change, whoever made it. */
  readonly version: string;
}

/** Reads a Lease; what is missing in it counts as empty. */
export function readLease({ metadata, ...lease }: KubeObject): LeaseRecord {
  const spec = (lease['spec'] ?? {}) as LeaseSpec;
  const { holderIdentity: holder = '', leaseDurationSeconds: seconds } = spec;
  return {
    holder,
    isFree: holder === '' && seconds !== undefined && seconds <= RELEASED_SECONDS,
    acquireTime: spec.acquireTime,
    transitions: spec.leaseTransitions ?? 0,
    version: `${metadata.uid ?? ''}/${metadata.resourceVersion ?? ''}`,
  };
}

/** What client-go writes on release. Kubernetes allows no zero. */
const RELEASED_SECONDS = 1;

/** The spec with which `identity` holds the Lease after `previous`. `now` in milliseconds since the epoch. */
export function heldSpec(
  identity: string,
  previous: LeaseRecord | undefined,
  now: number,
): Readonly<Record<string, unknown>> {
  const isRenewal = previous?.holder === identity;
  const time = microTime(now);
  return {
    holderIdentity: identity,
    leaseDurationSeconds: LEASE_DURATION_MS / 1_000,
    acquireTime: isRenewal ? (previous.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: (previous?.transitions ?? -1) + (isRenewal ? 0 : 1),
  };
}

/** The spec of a Lease that its holder lets go. */
export function releasedSpec(now: number): Readonly<Record<string, unknown>> {
  return {
    holderIdentity: '',
    leaseDurationSeconds: RELEASED_SECONDS,
    renewTime: microTime(now),
  };
}

/** A time with six digits behind the second, as Kubernetes' MicroTime must have. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
