import { randomInt } from 'node:crypto';
import { InvariantError } from '../../errors/errors.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import {
  covers,
  listAt,
  numberAt,
  ownedBy,
  ownerOfKind,
  textAt,
  uidOf,
  valueAt,
} from './fields.ts';
import { addressIn } from './ipam.ts';
import { SERVICE } from './kinds.ts';
import type { LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { templateMetadata } from './template-metadata.ts';

const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;
/** Far more than Services that are being made at the same time. */
const MAX_PROMISED = 500;

/** Hands out what a real API server allocates for Services: cluster IPs and node ports, each once per leaf. */
export interface ServiceAllocator {
  clusterIP(): string;
  /** The port asked for, or a random free one. Throws where the API server would refuse the Service. */
  nodePort(wanted: number | undefined, holder: string | undefined): number;
}

export function createServiceAllocator(
  serviceCIDR: string,
  services: () => readonly KubeObject[],
): ServiceAllocator {
  let lastIndex = 1;
  /** Ports chosen of late: their Services may not be stored yet. */
  const promised = new Set<number>();

  function choosePort(isFree: (port: number) => boolean): number {
    const port = randomFreePort((candidate) => isFree(candidate) && !promised.has(candidate));
    if (promised.size >= MAX_PROMISED) promised.clear();
    promised.add(port);
    return port;
  }

  function holders(): ReadonlyMap<number, string> {
    const held = new Map<number, string>();
    for (const service of services()) {
      for (const port of listAt(service, 'spec.ports')) {
        const nodePort = numberAt(port, 'nodePort');
        if (nodePort !== undefined) held.set(nodePort, uidOf(service));
      }
    }
    return held;
  }

  return {
    clusterIP() {
      const taken = new Set(services().map((service) => textAt(service, 'spec.clusterIP')));
      do lastIndex += 1;
      while (taken.has(addressIn(serviceCIDR, lastIndex)));
      return addressIn(serviceCIDR, lastIndex);
    },
    nodePort(wanted, holder) {
      const held = holders();
      const isFree = (port: number) => [undefined, holder].includes(held.get(port));
      const port = wanted ?? choosePort(isFree);
      if (port < FIRST_NODE_PORT || port > LAST_NODE_PORT || !isFree(port)) {
        throw new InvariantError('provided port is not in the valid range or already allocated');
      }
      return port;
    },
  };
}

function randomFreePort(isFree: (port: number) => boolean): number {
  for (;;) {
    const port = randomInt(FIRST_NODE_PORT, LAST_NODE_PORT + 1);
    if (isFree(port)) return port;
  }
}

/**
 * Service `gw-<name>` of a server, made or changed in place. What cannot be realised (node port out of range,
 * ExternalName) throws, so that the status keeps the former endpoint (NETWORK.md section 7.1).
 */
export async function ensureGatewayService(
  leaf: LeafContext,
  allocator: ServiceAllocator,
  wgGateway: KubeObject,
): Promise<KubeObject> {
  const { namespace = '', name } = wgGateway.metadata;
  const serviceName = names.gatewayObjectName(name);
  const known = leaf.objects.get(SERVICE, namespace, serviceName);
  if (known !== undefined && ownerOfKind(known, wgGateway.kind)?.uid !== uidOf(wgGateway)) {
    throw new InvariantError('the Service still belongs to the former WgGateway');
  }
  if (known === undefined) {
    await leaf.pause('gateway');
    const spec = serviceSpec(allocator, wgGateway, undefined);
    return leaf.objects.ensure(SERVICE, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: serviceName,
        namespace,
        ...templateMetadata(wgGateway, 'spec.service.metadata'),
        ownerReferences: [ownedBy(wgGateway, 'controller')],
      },
      spec,
    });
  }
  const spec = serviceSpec(allocator, wgGateway, known);
  const { annotations } = templateMetadata(wgGateway, 'spec.service.metadata');
  const wanted = { metadata: { annotations }, spec };
  if (covers(known, wanted)) return known;
  await leaf.pause('gateway');
  return leaf.objects.patch(SERVICE, known, wanted);
}

function serviceSpec(
  allocator: ServiceAllocator,
  wgGateway: KubeObject,
  known: KubeObject | undefined,
): object {
  const rendered = valueAt(wgGateway, 'spec.service.spec') as object;
  const type = textAt(rendered, 'type');
  if (type === 'ExternalName') throw new InvariantError('spec.externalName: Required value');
  const [port] = listAt(rendered, 'ports') as readonly object[];
  const [knownPort] = listAt(known, 'spec.ports');
  const clusterIP = textAt(known, 'spec.clusterIP') ?? allocator.clusterIP();
  const holder = known?.metadata.uid;
  const nodePort =
    type === 'ClusterIP'
      ? {}
      : {
          nodePort: allocator.nodePort(
            numberAt(port, 'nodePort') ?? numberAt(knownPort, 'nodePort'),
            holder,
          ),
        };
  return {
    ...rendered,
    clusterIP,
    clusterIPs: [clusterIP],
    ports: [{ ...port, ...nodePort }],
    ...(textAt(known, 'spec.loadBalancerIP') === undefined ? {} : clearedLoadBalancerIP(rendered)),
  };
}

function clearedLoadBalancerIP(rendered: object): object {
  return { loadBalancerIP: textAt(rendered, 'loadBalancerIP') ?? null };
}
