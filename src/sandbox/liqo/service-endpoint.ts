import type { KubeObject } from '../../model/kube-object.ts';
import { listAt, numberAt, textAt, textsAt } from './fields.ts';
import { NODE } from './kinds.ts';
import type { LeafContext } from './leaf-context.ts';

/** `status.endpoint` of a gateway. Without `addresses` while a load balancer has none (NETWORK.md section 7.1). */
export interface Endpoint {
  readonly addresses?: readonly string[] | null;
  readonly port: number;
  readonly protocol: 'UDP';
}

const NODE_ADDRESS_TYPES = ['ExternalDNS', 'ExternalIP', 'InternalDNS', 'InternalIP', 'Hostname'];

/** Where a client must connect; undefined while that cannot be said, which leaves the former endpoint in place. */
export function serviceEndpoint(
  leaf: LeafContext,
  service: KubeObject,
  pod: KubeObject | undefined,
): Endpoint | undefined {
  const [first] = listAt(service, 'spec.ports');
  const port = numberAt(first, 'port') ?? 0;
  const type = textAt(service, 'spec.type');
  if (type === 'ClusterIP') {
    return { addresses: textsAt(service, 'spec.clusterIPs'), port, protocol: 'UDP' };
  }
  if (type === 'LoadBalancer') {
    const addresses = ingressAddresses(leaf, service);
    // null takes the key out of the status: absent, not empty.
    return { addresses: addresses.length === 0 ? null : addresses, port, protocol: 'UDP' };
  }
  if (pod === undefined) return undefined;
  const node = leaf.objects.get(NODE, '', textAt(pod, 'spec.nodeName') ?? '');
  const nodePort = numberAt(first, 'nodePort') ?? 0;
  return { addresses: [nodeAddress(node)], port: nodePort, protocol: 'UDP' };
}

/** Addresses that a load balancer gave out, in the order of preference of the Liqo version. */
export function ingressAddresses(leaf: LeafContext, service: KubeObject): readonly string[] {
  return listAt(service, 'status.loadBalancer.ingress')
    .map((entry) => {
      const ip = textAt(entry, 'ip');
      const hostname = textAt(entry, 'hostname');
      return leaf.features.prefersIP ? (ip ?? hostname) : (hostname ?? ip);
    })
    .filter((address) => address !== undefined);
}

/** One empty text for a node that is not ready: a non-empty list is no proof of an address. */
function nodeAddress(node: KubeObject | undefined): string {
  if (node === undefined || !isReady(node)) return '';
  const addresses = listAt(node, 'status.addresses');
  for (const type of NODE_ADDRESS_TYPES) {
    const found = addresses.find((entry) => textAt(entry, 'type') === type);
    const address = textAt(found, 'address');
    if (address !== undefined) return address;
  }
  return '';
}

function isReady(object: KubeObject): boolean {
  return listAt(object, 'status.conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );
}
