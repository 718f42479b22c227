import { NAMESPACE } from '../model/kinds.ts';
import {
  type KubeObject,
  type OwnerReference,
  type ResourceKind,
  uidOf,
} from '../model/kube-object.ts';
import type { Endpoint } from './endpoint.ts';
import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from './kinds.ts';
import {
  LABEL_GATEWAY_RESOURCE,
  LABEL_REMOTE_CLUSTER_ID,
  LABEL_TENANT_NAMESPACE,
  POD_SECURITY_LABELS,
} from './labels.ts';
import type { ClusterCIDRs } from './own-cidrs.ts';
import { supports } from './version.ts';

/** Where an object lies, and for which peer it is: by convention its name is the peer's cluster ID (NETWORK.md 14.4). */
export interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly peerID: string;
}

/** A gateway template of Liqo (NETWORK.md 3.3). */
export interface TemplateRef {
  readonly name: string;
  readonly namespace: string;
}

function build(kind: ResourceKind, place: Place, spec: unknown): KubeObject {
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name: place.name,
      namespace: place.namespace,
      labels: { [LABEL_REMOTE_CLUSTER_ID]: place.peerID },
    },
    spec,
  };
}

/** The namespace that a cluster keeps for one peer (NETWORK.md 2.3); pod security labels where the version knows them. */
export function tenantNamespace(
  name: string,
  peerID: string,
  version: string | undefined,
): KubeObject {
  return {
    apiVersion: NAMESPACE.apiVersion,
    kind: NAMESPACE.kind,
    metadata: {
      name,
      labels: {
        [LABEL_REMOTE_CLUSTER_ID]: peerID,
        [LABEL_TENANT_NAMESPACE]: 'true',
        ...(supports(version, 'podSecurityLabels') && POD_SECURITY_LABELS),
      },
    },
  };
}

/** Tells a cluster the peer's own prefixes (NETWORK.md 3.1). */
export function configuration(place: Place, remote: ClusterCIDRs): KubeObject {
  const cidr = { pod: remote.pod, external: remote.external };
  return build(CONFIGURATION, place, { remote: { cidr } });
}

/** What can be asked of the listening end. Left out: Liqo's own default. */
export interface ServerSettings {
  readonly mtu: number;
  readonly port: number;
  readonly serviceType: string;
  readonly nodePort?: number | undefined;
  readonly loadBalancerIP?: string | undefined;
  /** Only for Liqo >= 1.2. */
  readonly serviceAnnotations?: Readonly<Record<string, string>> | undefined;
  readonly template: TemplateRef;
}

/** The listening end of the tunnel (NETWORK.md 3.1). */
export function gatewayServer(place: Place, settings: ServerSettings): KubeObject {
  const { mtu, port, serviceType, nodePort, loadBalancerIP, serviceAnnotations = {} } = settings;
  // An empty map would become null, and be refused, when an apply gives up the last annotation.
  const isAnnotated = Object.keys(serviceAnnotations).length > 0;
  return build(GATEWAY_SERVER, place, {
    mtu,
    endpoint: {
      port,
      serviceType,
      ...(nodePort !== undefined && { nodePort }),
      ...(loadBalancerIP !== undefined && { loadBalancerIP }),
    },
    ...(isAnnotated && { serviceAnnotations }),
    serverTemplateRef: templateRef('WgGatewayServerTemplate', settings.template),
  });
}

/** The dialling end of the tunnel (NETWORK.md 3.1). */
export function gatewayClient(
  place: Place,
  settings: { readonly mtu: number; readonly endpoint: Endpoint; readonly template: TemplateRef },
): KubeObject {
  return build(GATEWAY_CLIENT, place, {
    mtu: settings.mtu,
    endpoint: settings.endpoint,
    clientTemplateRef: templateRef('WgGatewayClientTemplate', settings.template),
  });
}

function templateRef(kind: string, { name, namespace }: TemplateRef): unknown {
  return { apiVersion: GATEWAY_SERVER.apiVersion, kind, name, namespace };
}

/** The peer's public key, which goes with the cluster's own gateway (NETWORK.md 3.1). */
export function publicKey(place: Place, key: string, gateway: KubeObject): KubeObject {
  const object = build(PUBLIC_KEY, place, { publicKey: key });
  const owner: OwnerReference = {
    apiVersion: gateway.apiVersion,
    kind: gateway.kind,
    name: gateway.metadata.name,
    uid: uidOf(gateway),
  };
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, [LABEL_GATEWAY_RESOURCE]: 'true' },
      ownerReferences: [owner],
    },
  };
}
