import { isTerminating, keyOf, ownedBy, splitKey } from './fields.ts';
import { addressIn } from './ipam.ts';
import { INTERNAL_NODE, NODE } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import { MANAGED } from './names.ts';
import { createSuffix } from './random-suffix.ts';

/** Node → InternalNode, its counterpart in Liqo's fabric (NETWORK.md section 3.3). */
export function nodeController(leaf: LeafContext, internalCIDR: string): Controller {
  const { objects } = leaf;

  async function reconcile(key: string): Promise<void> {
    const node = objects.get(NODE, '', splitKey(key).name);
    if (node === undefined || isTerminating(node)) return;
    await objects.ensure(INTERNAL_NODE, {
      apiVersion: INTERNAL_NODE.apiVersion,
      kind: INTERNAL_NODE.kind,
      metadata: {
        name: node.metadata.name,
        labels: MANAGED,
        ownerReferences: [ownedBy(node, 'controller')],
      },
      spec: {
        interface: {
          gateway: { name: `liqo.${createSuffix(10)}` },
          node: { ip: addressIn(internalCIDR, 1) },
        },
      },
    });
  }

  return {
    name: 'node',
    triggers: [{ kind: NODE, keys: ({ object }) => [keyOf(object)] }],
    reconcile,
  };
}
