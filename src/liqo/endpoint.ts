import type { KubeObject } from '../model/kube-object.ts';
import { isIPv4 } from './cidr.ts';
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
  /** Half a sentence: what is missing, or what contradicts what was asked for. */
  | { readonly kind: 'pending'; readonly message: string };

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
 * Where a client can dial this GatewayServer. Read from its WgGatewayServer: the status of a GatewayServer that was
 * made again starts as a copy of the dying one's (observed/README.md, Re-creation). Empty addresses do not count, and
 * neither does an endpoint that is not what the spec asks for: Liqo keeps the old one without a word when it cannot
 * realise a value (NETWORK.md 7.1).
 */
export function readEndpoint(
  server: KubeObject,
  wgGateways: readonly KubeObject[],
): PublishedEndpoint {
  const wg = findWgGateway(server, wgGateways);
  if (wg === undefined) return pending('its WgGatewayServer');
  const addresses = textsAt(wg, 'status', 'endpoint', 'addresses').filter((text) => text !== '');
  const port = numberAt(wg, 'status', 'endpoint', 'port') ?? 0;
  const contradiction = findContradiction(server, addresses, port);
  if (contradiction !== undefined) return pending(contradiction);
  if (addresses.length === 0) {
    return pending(`an address in status.endpoint (service type ${serviceTypeOf(server)})`);
  }
  if (port < 1 || port > 65_535) return pending('a port in status.endpoint');
  const protocol = textAt(wg, 'status', 'endpoint', 'protocol') ?? 'UDP';
  return { kind: 'published', endpoint: { addresses, port, protocol } };
}

function pending(message: string): PublishedEndpoint {
  return { kind: 'pending', message };
}

function serviceTypeOf(server: KubeObject): string {
  return textAt(server, 'spec', 'endpoint', 'serviceType') ?? 'ClusterIP';
}

/** Only what must come out as asked: a NodePort without `nodePort` may get any port, a load balancer any host name. */
function findContradiction(
  server: KubeObject,
  addresses: readonly string[],
  port: number,
): string | undefined {
  const asked = fieldAt(server, 'spec', 'endpoint');
  const isNodePort = serviceTypeOf(server) === 'NodePort';
  const askedPort = numberAt(asked, isNodePort ? 'nodePort' : 'port');
  if (port > 0 && askedPort !== undefined && askedPort !== port) {
    const field = isNodePort ? 'nodePort' : 'port';
    return `${field} ${askedPort} (status.endpoint still says ${port}; if it stays so, the cluster cannot give it)`;
  }
  const askedIP = textAt(asked, 'loadBalancerIP');
  const isElsewhere =
    addresses.length > 0 && addresses.every((text) => isIPv4(text) && text !== askedIP);
  if (serviceTypeOf(server) === 'LoadBalancer' && askedIP !== undefined && isElsewhere) {
    return `loadBalancerIP ${askedIP} (status.endpoint still says ${addresses.join(', ')}; if it stays so, the cluster cannot give it)`;
  }
  return undefined;
}
