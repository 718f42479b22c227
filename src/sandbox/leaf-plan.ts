import type { LeafNode } from './liqo/installation.ts';

/** Addresses of one leaf of the embedded world; no two leaves share an address that a gateway may be dialled at. */
export interface LeafPlan {
  readonly name: string;
  readonly podCIDR: string;
  readonly nodes: readonly LeafNode[];
  readonly loadBalancerPrefix: string;
}

/** rome and milan have the same pod CIDR, so that remapping shows. */
const POD_CIDRS: Readonly<Record<string, string>> = {
  rome: '10.200.0.0/16',
  milan: '10.200.0.0/16',
  naples: '10.203.0.0/16',
};

export const DEFAULT_LEAVES = ['rome', 'milan', 'naples'] as const;

/** Second bytes of further pod CIDRs: clear of service, external and internal CIDR, and of the named leaves. */
const FIRST_POD_BYTE = 128;

/** Plans leaves by position; up to about 70 further ones get a pod CIDR of their own. */
export function planLeaves(names: readonly string[]): readonly LeafPlan[] {
  return names.map((name, index) => ({
    name,
    podCIDR: POD_CIDRS[name] ?? `10.${FIRST_POD_BYTE + index}.0.0/16`,
    nodes: [{ name: `${name}-node`, address: `172.30.${index}.10` }],
    loadBalancerPrefix: `198.18.${index}.0/24`,
  }));
}
