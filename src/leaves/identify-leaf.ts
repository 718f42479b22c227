import { ClusterIDMismatchError, LiqoMissingError } from '../errors/errors.ts';
import type { KubeReader } from '../kube/kube-client.ts';
import { parseClusterID } from '../liqo/cluster-id.ts';
import { CLUSTER_ID_SELECTOR } from '../liqo/labels.ts';
import { CONFIG_MAP } from '../model/kinds.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { ClusterName } from '../model/shortcut-key.ts';

export interface IdentifyOptions {
  readonly leafCluster: LeafCluster;
  /** The ID that it had at the last look. */
  readonly seenBefore: string | undefined;
  /** Says which leaf stands for a cluster. Left out: this one. */
  readonly claim?: (clusterID: string) => ClusterName;
  readonly client: KubeReader;
  readonly signal: AbortSignal;
}

/**
 * Liqo's cluster ID of the leaf (NETWORK.md 2.2), refused when it differs from what was registered or seen before:
 * behind the address there is another cluster then, on which we must touch nothing. Refused as well when another leaf
 * is this cluster already (NETWORK.md 14.15).
 *
 * @throws LiqoMissingError when Liqo is not there, ClusterIDMismatchError, and what the client throws.
 */
export async function identifyLeaf(options: IdentifyOptions): Promise<string> {
  const { leafCluster, seenBefore, client, signal } = options;
  const { name } = leafCluster.metadata;
  const namespace = leafCluster.spec.liqoNamespace ?? 'liqo';
  const list = await client.list(CONFIG_MAP, {
    namespace,
    labelSelector: CLUSTER_ID_SELECTOR,
    signal,
  });
  const found = parseClusterID(list.items);
  if (!found.ok) throw new LiqoMissingError(`leaf "${name}": ${found.message}`);
  const expected = leafCluster.spec.clusterID ?? seenBefore ?? leafCluster.status?.clusterID;
  if (expected !== undefined && expected !== found.clusterID) {
    throw new ClusterIDMismatchError(
      `leaf "${name}" says that its cluster ID is "${found.clusterID}", but it is registered as "${expected}": ` +
        'check the kubeconfig; after a re-installation of Liqo register the leaf again',
    );
  }
  assertFirst(found.clusterID, options);
  return found.clusterID;
}

function assertFirst(clusterID: string, { leafCluster, claim }: IdentifyOptions): void {
  const { name } = leafCluster.metadata;
  const holder = claim?.(clusterID) ?? name;
  if (holder === name) return;
  throw new ClusterIDMismatchError(
    `leaf "${name}" is the cluster "${clusterID}", which leaf "${holder}" stands for already: ` +
      'remove one of the two LeafClusters, or check the kubeconfig',
  );
}
