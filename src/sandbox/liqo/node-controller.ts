import { isTerminating, keyOf, splitKey } from './fields.ts';
import { addressIn } from './ipam.ts';
import { INTERNAL_NODE, NODE } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import { MANAGED } from './names.ts';
import { createSuffix } from './random-suffix.ts';

/** Node → InternalNode of the same name, which goes with it though nothing owns it (NETWORK.md section 3.3, as recorded). */
export function nodeController(leaf: LeafContext, internalCIDR: string): Controller {
  const { objects } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { name } = splitKey(key);
    const node = objects.get(NODE, '', name);
    if (node === undefined || isTerminating(node)) {
      const left = objects.get(INTERNAL_NODE, '', name);
      if (left !== undefined) await objects.remove(INTERNAL_NODE, left);
      return;
    }
    await objects.ensure(INTERNAL_NODE, {
      apiVersion: INTERNAL_NODE.apiVersion,
      kind: INTERNAL_NODE.kind,
      metadata: { name, labels: MANAGED },
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
