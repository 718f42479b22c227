import { InvariantError } from '../../errors/errors.ts';
import { textAt } from './fields.ts';
import { NETWORK } from './kinds.ts';
import type { LeafContext } from './leaf-context.ts';
import { LABEL_NETWORK_TYPE } from './names.ts';

/** The cluster's own prefixes, from its Networks' status (NETWORK.md section 2.4). Throws while none is known. */
export function ownCIDRs(leaf: LeafContext, kind: 'pod' | 'external'): readonly string[] {
  const labels = { [LABEL_NETWORK_TYPE]: `${kind}-cidr` };
  const networks = leaf.objects.list(NETWORK, { namespace: leaf.liqoNamespace, labels });
  const cidrs = networks.map((network) => textAt(network, 'status.cidr'));
  const known = cidrs.filter((cidr) => cidr !== undefined);
  if (known.length === 0) throw new InvariantError(`own ${kind} CIDR not known yet`);
  return known;
}

/** First address of the own external CIDR, which Liqo keeps for traffic from unknown sources. */
export function unknownSource(leaf: LeafContext): string {
  const [external = ''] = ownCIDRs(leaf, 'external');
  return external.replace(/\/\d+$/, '');
}
