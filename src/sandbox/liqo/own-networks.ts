import type { KubeObject } from '../../model/kube-object.ts';
import { chartLabels } from './chart-labels.ts';
import { createIpam } from './ipam.ts';
import { NETWORK } from './kinds.ts';
import { FEATURES, type LiqoVersion } from './liqo-version.ts';
import { escapeCIDR, LABEL_NETWORK_TYPE } from './names.ts';

/** What the chart is told of a cluster's own address space. */
export interface OwnPrefixes {
  readonly version: LiqoVersion;
  readonly podCIDRs: readonly string[];
  readonly serviceCIDR: string;
  readonly externalCIDR: string;
  readonly internalCIDR: string;
}

/**
 * The cluster's own Networks as they are after the first start (NETWORK.md section 2.4). Pod and service prefixes stay as
 * they are; external and internal prefix are remapped from v1.2 on where something is in their way, and get no status
 * before that. Before v1.2 there is one pod CIDR.
 */
export function ownNetworks(prefixes: OwnPrefixes): readonly KubeObject[] {
  const { version, serviceCIDR, externalCIDR, internalCIDR } = prefixes;
  const { manyCIDRs } = FEATURES[version];
  const podCIDRs = manyCIDRs ? prefixes.podCIDRs : prefixes.podCIDRs.slice(0, 1);
  const ipam = createIpam();
  for (const cidr of [...podCIDRs, serviceCIDR]) ipam.reserve(cidr);
  const given = (cidr: string): string | undefined => {
    if (manyCIDRs) return ipam.acquire(cidr);
    return ipam.reserve(cidr) ? cidr : undefined;
  };
  const kept = { 'ipam.liqo.io/network-not-remapped': 'true' };
  const labels = manyCIDRs ? { ...kept, 'ipam.liqo.io/network-shared': 'true' } : kept;
  const fixed = (name: string, type: string, cidr: string): KubeObject =>
    ownNetwork(version, { name, type, cidr, labels, status: cidr });
  return [
    ...podCIDRs.map((cidr) => {
      const name = podCIDRs.length === 1 ? 'pod-cidr' : `pod-cidr-${escapeCIDR(cidr)}`;
      return fixed(name, 'pod-cidr', cidr);
    }),
    fixed('service-cidr', 'service-cidr', serviceCIDR),
    ownNetwork(version, {
      name: 'external-cidr',
      type: 'external-cidr',
      cidr: externalCIDR,
      labels: {},
      preAllocated: 1,
      status: given(externalCIDR),
    }),
    ownNetwork(version, {
      name: 'internal-cidr',
      type: 'internal-cidr',
      cidr: internalCIDR,
      labels: {},
      status: given(internalCIDR),
    }),
  ];
}

interface OwnNetwork {
  readonly name: string;
  readonly type: string;
  readonly cidr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly preAllocated?: number;
  /** The prefix that the IPAM gave; undefined: none. */
  readonly status: string | undefined;
}

/** One of the cluster's own Networks, with the status that the IPAM gave it; its namespace is Liqo's, wherever that is. */
export function ownNetwork(version: LiqoVersion, network: OwnNetwork): KubeObject {
  const { name, type, cidr, labels, preAllocated, status } = network;
  return {
    apiVersion: NETWORK.apiVersion,
    kind: NETWORK.kind,
    metadata: {
      name,
      labels: { ...chartLabels('ipam', version), ...labels, [LABEL_NETWORK_TYPE]: type },
      annotations: { 'liqo.io/preinstalled': 'true' },
    },
    spec: { cidr, ...(preAllocated === undefined ? {} : { preAllocated }) },
    status: status === undefined ? {} : { cidr: status },
  };
}
