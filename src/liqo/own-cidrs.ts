import ipaddr from 'ipaddr.js';
import type { KubeObject } from '../model/kube-object.ts';
import { type CIDR, overlap, parseCIDR } from './cidr.ts';
import { LABEL_NETWORK_TYPE, NETWORK_TYPES } from './labels.ts';
import { textAt } from './read-field.ts';
import { supports } from './version.ts';

/** Pod and external prefixes of one cluster. The order matters: remapping goes by index (NETWORK.md 5.2). */
export interface ClusterCIDRs {
  readonly pod: readonly string[];
  readonly external: readonly string[];
}

/** A cluster's own prefixes, as far as they can be told. Messages name no cluster: the caller knows it. */
export type OwnCIDRs =
  | { readonly kind: 'known'; readonly cidrs: ClusterCIDRs }
  /** The IPAM has not answered yet: look again. */
  | { readonly kind: 'pending'; readonly message: string }
  /** Liqo would accept these and fail later, so we refuse them (observed/probes/k-invalid.txt). */
  | { readonly kind: 'invalid'; readonly message: string };

/** What is wrong with a list of prefixes, as half a sentence; undefined when nothing is. */
export function findCIDRProblem(texts: readonly string[]): string | undefined {
  if (texts.length === 0) return 'the list is empty';
  const seen: { readonly text: string; readonly cidr: CIDR }[] = [];
  for (const text of texts) {
    const cidr = parseCIDR(text);
    if (cidr === undefined) return describeUnusable(text);
    const twin = seen.find((other) => overlap(other.cidr, cidr));
    if (twin !== undefined) return `"${twin.text}" and "${text}" overlap`;
    seen.push({ text, cidr });
  }
  return undefined;
}

/** The API server takes IPv6 for a CIDR, and Liqo fails on it later (NETWORK.md 14.20). */
function describeUnusable(text: string): string {
  return ipaddr.IPv6.isValidCIDR(text)
    ? `"${text}" is IPv6, and Liqo connects IPv4 only`
    : `"${text}" is not an IPv4 prefix without host bits`;
}

/** Reads a cluster's own prefixes from its Networks: always the status, never the spec (NETWORK.md 2.4). */
export function readOwnCIDRs(ownNetworks: readonly KubeObject[]): OwnCIDRs {
  const pod = readType(ownNetworks, NETWORK_TYPES.pod);
  if (pod.kind !== 'known') return pod;
  const external = readType(ownNetworks, NETWORK_TYPES.external);
  if (external.kind !== 'known') return external;
  if (external.cidrs.length > 1) {
    return { kind: 'invalid', message: `there are several Networks of type external-cidr` };
  }
  const problem = findCIDRProblem([...pod.cidrs, ...external.cidrs]);
  if (problem !== undefined)
    return { kind: 'invalid', message: `its own CIDRs are wrong: ${problem}` };
  return { kind: 'known', cidrs: { pod: pod.cidrs, external: external.cidrs } };
}

function readType(
  ownNetworks: readonly KubeObject[],
  type: string,
): { kind: 'known'; cidrs: readonly string[] } | { kind: 'pending'; message: string } {
  const networks = ownNetworks
    .filter((network) => network.metadata.labels?.[LABEL_NETWORK_TYPE] === type)
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  if (networks.length === 0) return { kind: 'pending', message: `no Network of type ${type}` };
  const cidrs: string[] = [];
  for (const network of networks) {
    const cidr = textAt(network, 'status', 'cidr');
    if (cidr === undefined) {
      return { kind: 'pending', message: `status.cidr of Network ${network.metadata.name}` };
    }
    cidrs.push(cidr);
  }
  return { kind: 'known', cidrs };
}

/** What to tell a leaf of this version about a peer: up to v1.1 only the first prefix is used (NETWORK.md 12). */
export function announceTo(version: string | undefined, cidrs: ClusterCIDRs): ClusterCIDRs {
  if (supports(version, 'severalCIDRs')) return cidrs;
  return { pod: cidrs.pod.slice(0, 1), external: cidrs.external.slice(0, 1) };
}
