import { NETWORK } from '../liqo/kinds.ts';
import { LABEL_NETWORK_TYPE, NETWORK_TYPES } from '../liqo/labels.ts';
import type { ClusterCIDRs } from '../liqo/own-cidrs.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { LeafCluster, LeafClusterSpec } from '../model/leaf-cluster.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { KnownSide } from './observation.ts';

/** A leaf of which nothing was read, as its LeafCluster declares it. */
export interface DeclaredSide {
  readonly side: KnownSide;
  /** What had to be assumed, and what to add so that it is known. Sentences. */
  readonly assumed: readonly string[];
  /** `spec.cidrs` tells what the peer will be told: remaps can be predicted. */
  readonly hasCidrs: boolean;
}

/** Never told to anybody: they stand where a plan needs some CIDRs and none are declared. */
const STAND_IN: ClusterCIDRs = { pod: ['198.19.0.0/17'], external: ['198.19.128.0/17'] };

/**
 * What can be said of a leaf that is not asked: what is declared of it, and that it holds nothing. `leafCluster`:
 * undefined where none is declared.
 */
export function declaredSide(
  cluster: ClusterName,
  leafCluster: Pick<LeafCluster, 'spec'> | undefined,
): DeclaredSide {
  const spec: Partial<LeafClusterSpec> = leafCluster?.spec ?? {};
  const { gateway, clusterID, liqoNamespace = 'liqo' } = spec;
  const cidrs = declaredCidrs(spec);
  return {
    hasCidrs: cidrs !== undefined,
    assumed: [
      ...(clusterID === undefined
        ? [
            `The cluster ID of "${cluster}" is taken to be its name: spec.clusterID of its LeafCluster would tell it.`,
          ]
        : []),
      ...(cidrs === undefined
        ? [
            `The CIDRs of "${cluster}" are not known, so that no addresses are predicted: spec.cidrs (pod and external) of its LeafCluster would tell them.`,
          ]
        : []),
    ],
    side: {
      kind: 'known',
      cluster,
      gateway,
      clusterID: clusterID ?? cluster,
      liqoNamespace,
      ownNetworks: declareNetworks(cidrs ?? STAND_IN),
      tenantNamespaces: [],
      configurations: [],
      gatewayServers: [],
      gatewayClients: [],
      publicKeys: [],
      connections: [],
      wgGateways: [],
      networks: [],
      strangers: [],
      keySecret: { kind: 'absent' },
      otherUseOfTenant: 'none',
    },
  };
}

function declaredCidrs({ cidrs = {} }: Partial<LeafClusterSpec>): ClusterCIDRs | undefined {
  const { pod = [], external = [] } = cidrs;
  return pod.length > 0 && external.length > 0 ? { pod, external } : undefined;
}

function declareNetworks({ pod, external }: ClusterCIDRs): readonly KubeObject[] {
  return [
    ...pod.map((cidr, index) => ownNetwork(NETWORK_TYPES.pod, index, cidr)),
    ...external.map((cidr, index) => ownNetwork(NETWORK_TYPES.external, index, cidr)),
  ];
}

/** Names keep the order of the list, which counts (NETWORK.md 5.2). */
function ownNetwork(type: string, index: number, cidr: string): KubeObject {
  const name = `${type}-${String(index).padStart(3, '0')}`;
  return {
    apiVersion: NETWORK.apiVersion,
    kind: NETWORK.kind,
    metadata: { name, labels: { [LABEL_NETWORK_TYPE]: type } },
    status: { cidr },
  };
}
