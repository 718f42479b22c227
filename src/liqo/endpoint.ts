import type { KubeObject } from '../model/kube-object.ts';
import { type CIDR, parseCIDR } from './cidr.ts';
import { findUnrealised } from './find-unrealised.ts';
import { GATEWAY_SERVER } from './kinds.ts';
import { LABEL_NETWORK_TYPE, NETWORK_TYPES } from './labels.ts';
import { fieldAt, numberAt, textAt, textsAt } from './read-field.ts';

/** Where a client dials a server. */
export interface Endpoint {
  /** Never empty; Liqo's template uses the first only. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly protocol: string;
}

export type PublishedEndpoint =
  | { readonly kind: 'published'; readonly endpoint: Endpoint }
  /** Half a sentence: what is missing. A client that dials already may go on. */
  | { readonly kind: 'pending'; readonly message: string }
  /** Half a sentence: what was asked for and is not what is there. Whatever works still, it is not what was asked. */
  | { readonly kind: 'unrealised'; readonly message: string };

/** What is known of the cluster of a GatewayServer. */
export interface ServerSurroundings {
  readonly wgGateways: readonly KubeObject[];
  /** The cluster's own Networks. */
  readonly ownNetworks: readonly KubeObject[];
}

/**
 * The WgGateway that Liqo made from this very gateway. One with another owner UID belongs to a gateway that is gone:
 * its endpoint and Secret must not be taken for the new one's (NETWORK.md 9.3).
 */
export function findWgGateway(
  gateway: KubeObject,
  wgGateways: readonly KubeObject[],
): KubeObject | undefined {
  const { uid } = gateway.metadata;
  return wgGateways.find((wg) => wg.metadata.ownerReferences?.some((owner) => owner.uid === uid));
}

/**
 * Half a sentence for a gateway of which Liqo has made no WgGateway: nobody says that its template is not there
 * (NETWORK.md 14.6 and 14.22).
 */
export function describeMissingWg(gateway: KubeObject): string {
  const wgKind = `Wg${gateway.kind}`;
  const field = gateway.kind === GATEWAY_SERVER.kind ? 'serverTemplateRef' : 'clientTemplateRef';
  const ref = fieldAt(gateway, 'spec', field);
  const template = [textAt(ref, 'namespace'), textAt(ref, 'name')].join('/');
  return `its ${wgKind}; if that lasts, see that there is a ${wgKind}Template ${template}`;
}

/**
 * Where a client can dial this GatewayServer. Read from its WgGatewayServer: the status of a GatewayServer that was
 * made again starts as a copy of the dying one's (observed/README.md, Re-creation). Empty addresses do not count, and
 * neither does an endpoint that is not what the spec asks for: Liqo keeps the old one without a word when it cannot
 * realise a value (NETWORK.md 7.1).
 */
export function readEndpoint(
  server: KubeObject,
  { wgGateways, ownNetworks }: ServerSurroundings,
): PublishedEndpoint {
  const wg = findWgGateway(server, wgGateways);
  if (wg === undefined) return pending(describeMissingWg(server));
  const published = fieldAt(wg, 'status', 'endpoint');
  const addresses = textsAt(published, 'addresses').filter((text) => text !== '');
  const port = numberAt(published, 'port') ?? 0;
  const type = serviceTypeOf(server);
  const unrealised = findUnrealised({
    asked: fieldAt(server, 'spec', 'endpoint'),
    type,
    madeType: textAt(wg, 'spec', 'service', 'spec', 'type'),
    addresses,
    port,
    serviceCIDR: readServiceCIDR(ownNetworks),
  });
  if (unrealised !== undefined) return { kind: 'unrealised', message: unrealised };
  if (addresses.length === 0) {
    const message = describeMissingAddress(server, type);
    // A load balancer that gets no address shows as none at all; a node that is not ready as an empty one.
    const isRefused = type === 'LoadBalancer' && published !== undefined;
    return isRefused ? { kind: 'unrealised', message } : pending(message);
  }
  if (port < 1 || port > 65_535) return pending('a port in status.endpoint');
  const protocol = textAt(published, 'protocol') ?? 'UDP';
  return { kind: 'published', endpoint: { addresses, port, protocol } };
}

function describeMissingAddress(server: KubeObject, type: string): string {
  const nodePort = numberAt(fieldAt(server, 'spec', 'endpoint'), 'nodePort');
  return `an address in status.endpoint (service type ${type}); if that lasts, ${adviseOn(type, nodePort)}`;
}

/** Liqo says what is in the way in events alone (NETWORK.md 14.22); a node port is there once in a cluster (14.8). */
function adviseOn(type: string, nodePort: number | undefined): string {
  const events = 'see the events of its WgGatewayServer';
  if (nodePort !== undefined)
    return `node port ${nodePort} may be taken: choose another, or ${events}`;
  if (type === 'LoadBalancer')
    return `see that the cluster has a load balancer with an address to give, or ${events}`;
  return type === 'NodePort' ? `see that the Pod of its gateway runs, or ${events}` : events;
}

function pending(message: string): PublishedEndpoint {
  return { kind: 'pending', message };
}

function serviceTypeOf(server: KubeObject): string {
  return textAt(server, 'spec', 'endpoint', 'serviceType') ?? 'ClusterIP';
}

function readServiceCIDR(ownNetworks: readonly KubeObject[]): CIDR | undefined {
  const network = ownNetworks.find(
    ({ metadata }) => metadata.labels?.[LABEL_NETWORK_TYPE] === NETWORK_TYPES.service,
  );
  return parseCIDR(textAt(network, 'status', 'cidr') ?? '');
}
