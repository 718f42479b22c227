import type { ObjectMeta } from '../../../src/model/kube-object.ts';
import type {
  LeafCluster,
  LeafClusterSpec,
  LeafClusterStatus,
} from '../../../src/model/leaf-cluster.ts';

export interface LeafClusterOverrides {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Partial<LeafClusterSpec>;
  readonly status?: LeafClusterStatus;
}

/** The LeafCluster rome (or of `metadata.name`), with its Secret named after it. */
export function aLeafCluster({ metadata, spec, status }: LeafClusterOverrides = {}): LeafCluster {
  const name = metadata?.name ?? 'rome';
  return {
    apiVersion: 'shortcuts.liqo.io/v1alpha1',
    kind: 'LeafCluster',
    metadata: {
      namespace: 'liqo-shortcuts',
      uid: `1eaf0000-0000-4000-8000-${name}`,
      generation: 1,
      ...metadata,
      name,
    },
    spec: { kubeconfigSecretRef: { name: `${name}-kubeconfig` }, ...spec },
    ...(status !== undefined && { status }),
  };
}
