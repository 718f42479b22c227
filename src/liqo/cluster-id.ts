import type { Reason } from '../model/condition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { textAt } from './read-field.ts';

/** `liqo-tenant-<id>` has to be a namespace name, which is at most 63 characters (NETWORK.md 2.2). */
const MAX_CLUSTER_ID_LENGTH = 51;

/** What is wrong with a cluster ID, as half a sentence that does not quote it; undefined when nothing is. */
export function findClusterIDProblem(id: string): string | undefined {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(id)) {
    return 'the cluster ID is not a DNS label';
  }
  if (id.length > MAX_CLUSTER_ID_LENGTH) {
    return `the cluster ID is longer than ${MAX_CLUSTER_ID_LENGTH} characters, so that no tenant namespace can be named after it`;
  }
  return undefined;
}

export type ClusterIDReading =
  | { readonly ok: true; readonly clusterID: string }
  | { readonly ok: false; readonly reason: Reason; readonly message: string };

/**
 * Reads Liqo's cluster ID from the ConfigMaps of the Liqo namespace that match `CLUSTER_ID_SELECTOR`
 * (NETWORK.md 2.2). None: Liqo is not installed there. Several: nobody can say which one counts.
 */
export function parseClusterID(configMaps: readonly KubeObject[]): ClusterIDReading {
  const [configMap, second] = configMaps;
  if (configMap === undefined) {
    return refuse(
      'LiqoMissing',
      'no ConfigMap with the cluster ID: is Liqo installed in this namespace?',
    );
  }
  if (second !== undefined) {
    return refuse('ClusterIDMismatch', 'several ConfigMaps claim to hold the cluster ID');
  }
  const clusterID = textAt(configMap, 'data', 'CLUSTER_ID');
  if (clusterID === undefined) {
    return refuse('LiqoMissing', `ConfigMap ${configMap.metadata.name} has no data.CLUSTER_ID`);
  }
  const problem = findClusterIDProblem(clusterID);
  return problem === undefined ? { ok: true, clusterID } : refuse('InvalidSpec', problem);
}

function refuse(reason: Reason, message: string): ClusterIDReading {
  return { ok: false, reason, message };
}
