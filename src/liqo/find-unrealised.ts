import ipaddr from 'ipaddr.js';
import { type CIDR, contains, isIPv4 } from './cidr.ts';
import { numberAt, textAt } from './read-field.ts';

/** What was asked of a GatewayServer, and what Liqo and the cluster made of it. */
export interface Offer {
  /** `spec.endpoint`. */
  readonly asked: unknown;
  readonly type: string;
  /** Type of the Service as the template came out; undefined while that is not known. */
  readonly madeType: string | undefined;
  /** As published; none while there are none. */
  readonly addresses: readonly string[];
  /** As published; 0 while there is none. */
  readonly port: number;
  readonly serviceCIDR: CIDR | undefined;
}

/**
 * Half a sentence: what was asked for and did not come out, since Liqo keeps the former endpoint without a word
 * (NETWORK.md 7.1); undefined when nothing says so. Only what must come out as asked counts: a NodePort without
 * `nodePort` may get any port, a load balancer any name.
 */
export function findUnrealised(offer: Offer): string | undefined {
  const checks = [checkType, checkPort, checkLoadBalancerIP, checkAddressKind];
  return checks.map((check) => check(offer)).find((problem) => problem !== undefined);
}

function checkType({ type, madeType }: Offer): string | undefined {
  if (madeType === undefined || madeType === type) return undefined;
  return `service type ${type} (its WgGatewayServer has ${madeType}; if it stays so, the template is missing or does not allow it)`;
}

/** The range of node ports that a cluster has unless it was told otherwise. */
const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;

function checkPort({ asked, type, port }: Offer): string | undefined {
  if (port === 0) return undefined;
  const field = type === 'NodePort' ? 'nodePort' : 'port';
  const askedPort = numberAt(asked, field);
  if (askedPort !== undefined) {
    return askedPort === port ? undefined : `${field} ${askedPort} (${stillSays(port)})`;
  }
  const isNodePort = port >= FIRST_NODE_PORT && port <= LAST_NODE_PORT;
  const isLeft = type === 'NodePort' && !isNodePort && numberAt(asked, 'port') === port;
  return isLeft ? `a node port (${stillSays(port)})` : undefined;
}

function checkLoadBalancerIP({ asked, type, addresses }: Offer): string | undefined {
  const askedIP = textAt(asked, 'loadBalancerIP');
  const isElsewhere =
    addresses.length > 0 && addresses.every((text) => isIPv4(text) && text !== askedIP);
  if (type !== 'LoadBalancer' || askedIP === undefined || !isElsewhere) return undefined;
  return `loadBalancerIP ${askedIP} (${stillSays(addresses.join(', '))})`;
}

/** An address of the other kind is left from an earlier service type. */
function checkAddressKind({ type, addresses, serviceCIDR }: Offer): string | undefined {
  const known = addresses.filter(isIPv4);
  if (serviceCIDR === undefined || known.length === 0) return undefined;
  const isInside = known.every((text) => contains(serviceCIDR, ipaddr.IPv4.parse(text)));
  if (isInside === (type === 'ClusterIP')) return undefined;
  return `an address for service type ${type} (${stillSays(known.join(', '))})`;
}

function stillSays(what: number | string): string {
  return `status.endpoint still says ${what}; if it stays so, the cluster cannot give it`;
}
