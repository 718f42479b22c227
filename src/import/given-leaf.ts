import { secretNameOf } from './leaf-manifest.ts';
import { API_VERSION, LEAF_CLUSTER, SECRET } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';

/** A leaf whose kubeconfig came with `--leaf`. */
export interface GivenLeaf {
  readonly name: string;
  /** Content of the file. Secret. */
  readonly kubeconfig: string;
  /** Context within it; undefined: its current one. */
  readonly context: string | undefined;
}

/** The LeafCluster that would register it, in memory only: so a given leaf is read just as a registered one. */
export function givenLeafCluster(
  { name }: GivenLeaf,
  place: { readonly namespace: string; readonly liqoNamespace: string },
): LeafCluster {
  const { namespace, liqoNamespace } = place;
  return {
    apiVersion: API_VERSION,
    kind: LEAF_CLUSTER.kind,
    metadata: { name, namespace },
    spec: { kubeconfigSecretRef: { name: secretNameOf(name) }, liqoNamespace },
  };
}

/** The Secret that would belong to it, in memory only. */
export function givenSecret(
  { kubeconfig }: GivenLeaf,
  { spec: { kubeconfigSecretRef: ref } }: LeafCluster,
): KubeObject {
  const data = { [ref.key ?? 'kubeconfig']: Buffer.from(kubeconfig).toString('base64') };
  return { apiVersion: SECRET.apiVersion, kind: SECRET.kind, metadata: { name: ref.name }, data };
}
