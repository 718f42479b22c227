import type { KubeObject } from '../../model/kube-object.ts';
import {
  isTerminating,
  keyOf,
  numberAt,
  ownedBy,
  ownerOfKind,
  splitKey,
  textAt,
  textsAt,
} from './fields.ts';
import { GENEVE_TUNNEL, INTERNAL_FABRIC, INTERNAL_NODE, ROUTE_CONFIGURATION } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import { FINALIZER_FABRIC, MANAGED } from './names.ts';

/** InternalFabric → RouteConfiguration `<name>-node-gw`, one GeneveTunnel per node, finalizer (NETWORK.md section 3.3). */
export function fabricController(leaf: LeafContext): Controller {
  const { objects } = leaf;
  const tunnelIDs = createTunnelIDs(() => objects.list(GENEVE_TUNNEL));

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const fabric = objects.get(INTERNAL_FABRIC, namespace, name);
    if (fabric === undefined) return;
    if (isTerminating(fabric)) {
      await finalize(fabric);
      return;
    }
    await objects.enforce(ROUTE_CONFIGURATION, nodeRoutes(fabric));
    for (const { metadata } of objects.list(INTERNAL_NODE))
      await ensureTunnel(fabric, metadata.name);
    const finalizers = fabric.metadata.finalizers ?? [];
    if (finalizers.includes(FINALIZER_FABRIC)) return;
    await leaf.pause('gateway');
    // Written with the prefixes in the order of the routes; the gateway's controller puts its own back (as recorded).
    await objects.patch(INTERNAL_FABRIC, fabric, {
      metadata: { finalizers: [...finalizers, FINALIZER_FABRIC] },
      spec: { remoteCIDRs: textsAt(fabric, 'spec.remoteCIDRs').toSorted() },
    });
  }

  async function ensureTunnel(fabric: KubeObject, node: string): Promise<void> {
    const tunnel = `${fabric.metadata.name}-${node}`;
    if (objects.get(GENEVE_TUNNEL, fabric.metadata.namespace ?? '', tunnel) !== undefined) return;
    await objects.ensure(GENEVE_TUNNEL, tunnelTo(fabric, node, tunnelIDs()));
  }

  async function finalize(fabric: KubeObject): Promise<void> {
    const finalizers = fabric.metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER_FABRIC)) return;
    await leaf.pause('finalizer');
    const { namespace = '', name } = fabric.metadata;
    for (const tunnel of objects.list(GENEVE_TUNNEL, { namespace })) {
      if (ownerOfKind(tunnel, 'InternalFabric')?.name === name) {
        await objects.remove(GENEVE_TUNNEL, tunnel);
      }
    }
    await leaf.pause('finalizer');
    const kept = finalizers.filter((entry) => entry !== FINALIZER_FABRIC);
    await objects.patch(INTERNAL_FABRIC, fabric, { metadata: { finalizers: kept } });
  }

  return {
    name: 'internal-fabric',
    triggers: [
      { kind: INTERNAL_FABRIC, keys: ({ object }) => [keyOf(object)] },
      { kind: INTERNAL_NODE, keys: () => objects.list(INTERNAL_FABRIC).map(keyOf) },
    ],
    reconcile,
  };
}

/** Tunnel IDs count up and are not given again while others are free (as recorded); those in use are passed over. */
function createTunnelIDs(tunnels: () => readonly KubeObject[]): () => number {
  let next = 0;
  return () => {
    const taken = new Set(tunnels().map((tunnel) => numberAt(tunnel, 'spec.id')));
    while (taken.has(next)) next += 1;
    next += 1;
    return next - 1;
  };
}

function nodeRoutes(fabric: KubeObject): KubeObject {
  const { namespace = '', name } = fabric.metadata;
  const gateway = textAt(fabric, 'spec.interface.gateway.ip') ?? '';
  const dst = `${gateway}/32`;
  return {
    apiVersion: ROUTE_CONFIGURATION.apiVersion,
    kind: ROUTE_CONFIGURATION.kind,
    metadata: {
      name: `${name}-node-gw`,
      namespace,
      labels: { ...MANAGED, 'networking.liqo.io/route-category': 'fabric' },
      ownerReferences: [ownedBy(fabric, 'controller')],
    },
    spec: {
      table: {
        name: `${name}-node-gw`,
        rules: [
          {
            dst,
            routes: [{ dst, dev: textAt(fabric, 'spec.interface.node.name'), scope: 'link' }],
          },
          ...textsAt(fabric, 'spec.remoteCIDRs')
            .toSorted()
            .map((cidr) => ({
              dst: cidr,
              routes: [{ dst: cidr, gw: gateway }],
            })),
        ],
      },
    },
  };
}

function tunnelTo(fabric: KubeObject, node: string, id: number): KubeObject {
  const { namespace = '', name } = fabric.metadata;
  return {
    apiVersion: GENEVE_TUNNEL.apiVersion,
    kind: GENEVE_TUNNEL.kind,
    metadata: {
      name: `${name}-${node}`,
      namespace,
      labels: {
        ...MANAGED,
        'networking.liqo.io/internal-fabric-name': name,
        'networking.liqo.io/internal-node-name': node,
      },
      ownerReferences: [ownedBy(fabric, 'controller')],
    },
    spec: {
      id,
      internalFabricRef: { name, namespace },
      internalNodeRef: { name: node },
    },
  };
}
