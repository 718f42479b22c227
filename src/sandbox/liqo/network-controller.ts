import { InvariantError } from '../../errors/errors.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import { isTerminating, keyOf, splitKey, textAt } from './fields.ts';
import { NETWORK } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import { FINALIZER_NETWORK } from './names.ts';

/** Network → finalizer → prefix from the IPAM → status; on deletion the prefix goes back (NETWORK.md section 5.1). */
export function networkController(leaf: LeafContext): Controller {
  const { objects, ipam, features } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const network = objects.get(NETWORK, namespace, name);
    if (network === undefined || namespace === leaf.liqoNamespace) return;
    if (isTerminating(network)) await release(network);
    else if (textAt(network, 'status.cidr') === undefined) await assign(network);
  }

  async function assign(network: KubeObject): Promise<void> {
    await leaf.pause('cidr');
    const finalizers = network.metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER_NETWORK)) {
      await objects.patch(NETWORK, network, {
        metadata: { finalizers: [...finalizers, FINALIZER_NETWORK] },
      });
    }
    await leaf.pause('cidr');
    const cidr = acquire(textAt(network, 'spec.cidr') ?? '');
    try {
      await objects.patchStatus(NETWORK, network, { cidr });
    } catch (error) {
      ipam.release(cidr);
      throw error;
    }
  }

  function acquire(wanted: string): string {
    const servable = features.manyCIDRs || ipam.inPools(wanted);
    const cidr = servable ? ipam.acquire(wanted) : undefined;
    if (cidr === undefined) throw new InvariantError('no free prefix in the pools');
    return cidr;
  }

  async function release(network: KubeObject): Promise<void> {
    const finalizers = network.metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER_NETWORK)) return;
    await leaf.pause('cidr');
    const kept = finalizers.filter((finalizer) => finalizer !== FINALIZER_NETWORK);
    await objects.patch(NETWORK, network, { metadata: { finalizers: kept } });
    const cidr = textAt(network, 'status.cidr');
    if (cidr !== undefined) ipam.release(cidr);
  }

  return {
    name: 'network',
    triggers: [{ kind: NETWORK, keys: ({ object }) => [keyOf(object)] }],
    reconcile,
  };
}
