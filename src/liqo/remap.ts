import ipaddr from 'ipaddr.js';
import type { KubeObject } from '../model/kube-object.ts';
import { contains, isIPv4, parseCIDR, rebase } from './cidr.ts';
import type { ClusterCIDRs } from './own-cidrs.ts';
import { fieldAt, numberAt, textAt, textsAt } from './read-field.ts';

const CONFIGURED = 'NetworkCIDRsConfigured';

/** The peer's own prefixes, as written into a Configuration. */
export function readRemote(configuration: KubeObject): ClusterCIDRs {
  return readCIDRs(configuration, 'spec');
}

function readCIDRs(configuration: KubeObject, part: 'spec' | 'status'): ClusterCIDRs {
  return {
    pod: textsAt(configuration, part, 'remote', 'cidr', 'pod'),
    external: textsAt(configuration, part, 'remote', 'cidr', 'external'),
  };
}

/**
 * Under which prefixes this cluster reaches the peer; undefined until Liqo has configured the present spec
 * (NETWORK.md 3.1 and 12): by the condition and its observedGeneration where there are conditions (the status keeps
 * the old remap for a moment after a change), else by a status of the same length without empty entries.
 */
export function readSeenAs(configuration: KubeObject): ClusterCIDRs | undefined {
  const conditions = fieldAt(configuration, 'status', 'conditions');
  if (Array.isArray(conditions) && !hasCurrentCondition(configuration, conditions))
    return undefined;
  const wanted = readRemote(configuration);
  const seen = readCIDRs(configuration, 'status');
  return isComplete(wanted.pod, seen.pod) && isComplete(wanted.external, seen.external)
    ? seen
    : undefined;
}

function hasCurrentCondition(configuration: KubeObject, conditions: readonly unknown[]): boolean {
  return conditions.some(
    (condition) =>
      textAt(condition, 'type') === CONFIGURED &&
      textAt(condition, 'status') === 'True' &&
      numberAt(condition, 'observedGeneration') === configuration.metadata.generation,
  );
}

function isComplete(wanted: readonly string[], seen: readonly string[]): boolean {
  return wanted.length > 0 && seen.length === wanted.length && !seen.includes('');
}

/** Where an address of the peer is reached from this cluster. */
export type Translation =
  | { readonly kind: 'translated'; readonly address: string; readonly type: 'pod' | 'external' }
  /** The peer uses the address for nothing that its Configuration names: it stays as it is. */
  | { readonly kind: 'outside' }
  /** Liqo has not configured the present spec yet: nothing can be said. */
  | { readonly kind: 'pending' };

/** Translates an address that the peer uses for itself (NETWORK.md 5.2). Not an IPv4 address: `outside`. */
export function translateAddress(configuration: KubeObject, address: string): Translation {
  const seen = readSeenAs(configuration);
  if (seen === undefined) return { kind: 'pending' };
  if (!isIPv4(address)) return { kind: 'outside' };
  const parsed = ipaddr.IPv4.parse(address);
  const wanted = readRemote(configuration);
  for (const type of ['pod', 'external'] as const) {
    const index = wanted[type].findIndex((text) => {
      const cidr = parseCIDR(text);
      return cidr !== undefined && contains(cidr, parsed);
    });
    const to = parseCIDR(seen[type][index] ?? '');
    if (to !== undefined) {
      return { kind: 'translated', address: rebase(parsed, to).toString(), type };
    }
  }
  return { kind: 'outside' };
}
