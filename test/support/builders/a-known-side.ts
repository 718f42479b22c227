import type { KubeObject } from '../../../src/model/kube-object.ts';
import type { KnownSide, UnknownSide } from '../../../src/plan/observation.ts';

export interface OwnNetworkOptions {
  readonly type?: string;
  readonly name?: string;
  readonly cidr?: string | undefined;
  readonly version?: string;
}

/** One of a cluster's own Networks, as the chart and the IPAM leave it. `cidr: undefined`: the IPAM is not ready. */
export function anOwnNetwork(options: OwnNetworkOptions = {}): KubeObject {
  const { type = 'pod-cidr', name = type, version = 'v1.2.0' } = options;
  const cidr = 'cidr' in options ? options.cidr : '10.200.0.0/16';
  return {
    apiVersion: 'ipam.liqo.io/v1alpha1',
    kind: 'Network',
    metadata: {
      name,
      namespace: 'liqo',
      uid: `network-${name}`,
      labels: { 'ipam.liqo.io/network-type': type, 'app.kubernetes.io/version': version },
    },
    spec: { cidr: cidr ?? '10.200.0.0/16' },
    ...(cidr !== undefined && { status: { cidr } }),
  };
}

/** The Networks of a cluster with these prefixes. */
export function ownNetworks({
  pod = ['10.200.0.0/16'],
  external = ['10.70.0.0/16'],
  version = 'v1.2.0',
}: {
  readonly pod?: readonly string[];
  readonly external?: readonly string[];
  readonly version?: string;
} = {}): readonly KubeObject[] {
  return [
    ...external.map((cidr) => anOwnNetwork({ type: 'external-cidr', cidr, version })),
    ...pod.map((cidr, index) =>
      anOwnNetwork({ type: 'pod-cidr', name: `pod-cidr-${index}`, cidr, version }),
    ),
  ];
}

/** A leaf (rome unless said otherwise) that can be seen and holds nothing for the pair yet. */
export function aKnownSide(overrides: Partial<KnownSide> = {}): KnownSide {
  const cluster = overrides.cluster ?? 'rome';
  return {
    kind: 'known',
    cluster,
    gateway: undefined,
    clusterID: cluster,
    liqoNamespace: 'liqo',
    liqoVersion: 'v1.2.0',
    ownNetworks: ownNetworks(),
    tenantNamespaces: [],
    configurations: [],
    gatewayServers: [],
    gatewayClients: [],
    publicKeys: [],
    connections: [],
    wgGateways: [],
    networks: [],
    strangers: [],
    keySecret: { kind: 'unread' },
    otherUseOfTenant: 'none',
    ...overrides,
  };
}

/** A leaf (milan unless said otherwise) that cannot be reached. */
export function anUnknownSide(overrides: Partial<UnknownSide> = {}): UnknownSide {
  return {
    kind: 'unknown',
    cluster: 'milan',
    gateway: undefined,
    reason: 'LeafUnreachable',
    message: 'no answer from the API server of "milan"',
    ...overrides,
  };
}
