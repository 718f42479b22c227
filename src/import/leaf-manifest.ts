import { readOwnCIDRs } from '../liqo/own-cidrs.ts';
import { API_VERSION, LEAF_CLUSTER } from '../model/kinds.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { SurveyedLeaf } from './survey.ts';

/** Where the kubeconfig of an imported leaf is looked for, unless somebody chooses another name. */
export function secretNameOf(leaf: string): string {
  return `${leaf}-kubeconfig`;
}

/**
 * The LeafCluster of a leaf that is not registered, with all that could be seen of it; undefined for the main cluster,
 * which is none, and for one whose kubeconfig did not lead to it. Its Secret is only named.
 */
export function leafManifestOf(
  leaf: SurveyedLeaf,
  mainClusterID: string | undefined,
): LeafCluster | undefined {
  const { name, origin, clusterID, liqoNamespace, gateway, problem } = leaf;
  if (origin === 'registered' || (origin === 'given' && problem !== undefined)) return undefined;
  if (clusterID !== undefined && clusterID === mainClusterID) return undefined;
  const own = readOwnCIDRs(leaf.ownNetworks);
  return {
    apiVersion: API_VERSION,
    kind: LEAF_CLUSTER.kind,
    metadata: { name },
    spec: {
      ...(clusterID !== undefined && { clusterID }),
      kubeconfigSecretRef: { name: secretNameOf(name) },
      ...(liqoNamespace !== 'liqo' && { liqoNamespace }),
      ...(gateway !== undefined && { gateway }),
      ...(own.kind === 'known' && { cidrs: own.cidrs }),
    },
  };
}
