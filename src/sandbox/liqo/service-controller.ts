import type { KubeObject } from '../../model/kube-object.ts';
import { keyOf, labelOf, listAt, numberAt, splitKey, textAt, valueAt } from './fields.ts';
import { NODE, SERVICE } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { ingressAddresses } from './service-endpoint.ts';

/** Gives addresses to Services of type LoadBalancer. */
export interface LoadBalancer {
  /** The address for a Service; undefined while it has none to give. */
  addressFor(service: KubeObject): string | undefined;
}

/**
 * What a cloud's load balancer and kube-proxy do: an ingress address, and the gateway reachable under every node's address
 * and node port, or under the load balancer's. A cluster IP leads nowhere from another cluster.
 */
export function serviceController(leaf: LeafContext, loadBalancer: LoadBalancer): Controller {
  const { objects, network } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const stored = objects.get(SERVICE, namespace, name);
    const id = `${leaf.clusterID}/${key}`;
    if (stored === undefined) {
      network.withdraw(id);
      return;
    }
    const gateway = labelOf(stored, names.LABEL_GATEWAY_NAME);
    if (gateway === undefined) return;
    const service = await withIngress(stored);
    network.publish(id, endpointsOf(service), `${leaf.clusterID}/${namespace}/${gateway}`);
  }

  /** Writes the load balancer's address, or takes away one that it no longer gives. */
  async function withIngress(service: KubeObject): Promise<KubeObject> {
    const isBalanced = textAt(service, 'spec.type') === 'LoadBalancer';
    const address = isBalanced ? loadBalancer.addressFor(service) : undefined;
    const current = valueAt(service, 'status.loadBalancer.ingress');
    if ((address === undefined) === (current === undefined)) return service;
    const ingress = address === undefined ? null : [{ ip: address }];
    await leaf.pause('status');
    return objects.patchStatus(SERVICE, service, { loadBalancer: { ingress } });
  }

  function endpointsOf(service: KubeObject): readonly string[] {
    const [first] = listAt(service, 'spec.ports');
    const nodePort = numberAt(first, 'nodePort');
    const onNodes = nodePort === undefined ? [] : nodeAddresses().map((ip) => `${ip}:${nodePort}`);
    const port = numberAt(first, 'port') ?? 0;
    return [...onNodes, ...ingressAddresses(leaf, service).map((ip) => `${ip}:${port}`)];
  }

  function nodeAddresses(): readonly string[] {
    return objects
      .list(NODE)
      .flatMap((node) => listAt(node, 'status.addresses'))
      .map((entry) => textAt(entry, 'address'))
      .filter((address) => address !== undefined);
  }

  return {
    name: 'service',
    triggers: [
      { kind: SERVICE, keys: ({ object }) => [keyOf(object)] },
      { kind: NODE, keys: () => objects.list(SERVICE).map(keyOf) },
    ],
    reconcile,
  };
}
