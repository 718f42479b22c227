import type { LeafNode } from './liqo/installation.ts';

/** Addresses of one leaf of the embedded world. */
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

/** Second bytes of further pod CIDRs: clear of service, external and internal CIDR. */
const FIRST_POD_BYTE = 128;
const POD_BYTES = 128;

/**
 * Plans leaves by position, counted from `first`; up to about 70 further ones get a pod CIDR of their own. No two of 256
 * share an address that a gateway may be dialled at.
 */
export function planLeaves(names: readonly string[], first = 0): readonly LeafPlan[] {
  return names.map((name, position) => {
    const index = first + position;
    return {
      name,
      podCIDR: POD_CIDRS[name] ?? `10.${FIRST_POD_BYTE + (index % POD_BYTES)}.0.0/16`,
      nodes: [{ name: `${name}-node`, address: `172.30.${index}.10` }],
      loadBalancerPrefix: `198.18.${index}.0/24`,
    };
  });
}
