import type { KubeObject } from '../../model/kube-object.ts';
import { isTerminating, keyOf, labelOf, ownedBy, textAt, textsAt, uidOf } from './fields.ts';
import { isConfigured } from './configured.ts';
import { nodePortTable, TUNNEL_DEVICE } from './firewall-tables.ts';
import {
  CONFIGURATION,
  FIREWALL_CONFIGURATION,
  INTERNAL_NODE,
  POD,
  ROUTE_CONFIGURATION,
} from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { unknownSource } from './own-prefixes.ts';

/**
 * InternalNode → what the gateways need to reach that node: three RouteConfigurations and a share in one
 * FirewallConfiguration, in Liqo's namespace. They outlive every peering: reset leaves them emptied (as recorded).
 */
export function nodeRoutingController(leaf: LeafContext): Controller {
  const { objects } = leaf;

  async function reconcile(): Promise<void> {
    const nodes = objects.list(INTERNAL_NODE);
    for (const node of nodes) {
      if (isTerminating(node)) await release(node);
    }
    const present = nodes.filter((node) => !isTerminating(node));
    await ensureMarks(present);
    for (const [index, node] of present.entries()) await ensureRoutes(node, index + 1);
  }

  async function ensureMarks(nodes: readonly KubeObject[]): Promise<void> {
    const marked = nodes.map((node, index) => ({
      name: node.metadata.name,
      device: deviceOf(node),
      mark: index + 1,
    }));
    await objects.enforce(FIREWALL_CONFIGURATION, {
      apiVersion: FIREWALL_CONFIGURATION.apiVersion,
      kind: FIREWALL_CONFIGURATION.kind,
      metadata: {
        name: 'service-nodeport-routing',
        namespace: leaf.liqoNamespace,
        labels: {
          ...names.MANAGED,
          [names.LABEL_FIREWALL_CATEGORY]: 'gateway',
          [names.LABEL_FIREWALL_SUBCATEGORY]: 'fabric',
        },
      },
      spec: { table: nodePortTable(marked, unknownSource(leaf)) },
    });
  }

  async function ensureRoutes(node: KubeObject, mark: number): Promise<void> {
    const { finalizers = [] } = node.metadata;
    if (!finalizers.includes(names.FINALIZER_INTERNAL_NODE)) {
      await objects.patch(INTERNAL_NODE, node, {
        metadata: { finalizers: [...finalizers, names.FINALIZER_INTERNAL_NODE] },
      });
    }
    const shared = { [names.LABEL_ROUTE_SUBCATEGORY]: 'fabric' };
    await ensure(node, 'service-nodeport-routing', shared, [
      {
        dst: `${unknownSource(leaf)}/32`,
        fwmark: mark,
        routes: [routeTo(node, `${unknownSource(leaf)}/32`)],
        targetRef: { kind: 'InternalNode', name: node.metadata.name },
      },
    ]);
    const ownLabels = {
      [names.LABEL_ROUTE_SUBCATEGORY]: 'fabric-node',
      [names.LABEL_ROUTE_UNIQUE]: node.metadata.name,
    };
    await ensure(node, 'extcidr', ownLabels, [
      ...peerPrefixes().map((dst) => ({ dst, iif: TUNNEL_DEVICE, routes: [routeTo(node, dst)] })),
      { iif: TUNNEL_DEVICE, routes: [] },
    ]);
    await ensurePodRoutes(node, shared);
  }

  /** Made with the first gateway Pod, and kept without any. */
  async function ensurePodRoutes(
    node: KubeObject,
    labels: Readonly<Record<string, string>>,
  ): Promise<void> {
    const gw = nodeIP(node);
    const pods = objects
      .list(POD)
      .filter((pod) => textAt(pod, 'spec.nodeName') === node.metadata.name)
      .filter((pod) => textAt(pod, 'status.podIP') !== undefined);
    const made = objects.get(
      ROUTE_CONFIGURATION,
      leaf.liqoNamespace,
      `${node.metadata.name}-gw-node`,
    );
    if (pods.length === 0 && made === undefined) return;
    const dst = `${gw}/32`;
    await ensure(node, 'gw-node', labels, [
      { dst, routes: [{ dev: deviceOf(node), dst, scope: 'link' }] },
      {
        iif: TUNNEL_DEVICE,
        routes: pods.map((pod) => ({
          dst: `${textAt(pod, 'status.podIP') ?? ''}/32`,
          gw,
          targetRef: {
            kind: 'Pod',
            name: pod.metadata.name,
            namespace: pod.metadata.namespace,
            uid: uidOf(pod),
          },
        })),
      },
    ]);
  }

  async function ensure(
    node: KubeObject,
    suffix: string,
    labels: Readonly<Record<string, string>>,
    rules: readonly object[],
  ): Promise<void> {
    const { name } = node.metadata;
    await objects.enforce(ROUTE_CONFIGURATION, {
      apiVersion: ROUTE_CONFIGURATION.apiVersion,
      kind: ROUTE_CONFIGURATION.kind,
      metadata: {
        name: `${name}-${suffix}`,
        namespace: leaf.liqoNamespace,
        labels: { ...names.MANAGED, [names.LABEL_ROUTE_CATEGORY]: 'gateway', ...labels },
        ownerReferences: [ownedBy(node, 'plain')],
      },
      // The table with the Pods' routes has the node's bare name (as recorded).
      spec: { table: { name: suffix === 'gw-node' ? name : `${name}-${suffix}`, rules } },
    });
  }

  function peerPrefixes(): readonly string[] {
    return objects
      .list(CONFIGURATION)
      .filter(isConfigured)
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
      .flatMap((configuration) => textsAt(configuration, 'status.remote.cidr.pod'));
  }

  async function release(node: KubeObject): Promise<void> {
    const { finalizers = [] } = node.metadata;
    const kept = finalizers.filter((entry) => entry !== names.FINALIZER_INTERNAL_NODE);
    if (kept.length === finalizers.length) return;
    await leaf.pause('finalizer');
    await objects.patch(INTERNAL_NODE, node, { metadata: { finalizers: kept } });
  }

  const everything = { keys: () => ['/'] };
  return {
    name: 'node-routing',
    triggers: [
      { kind: INTERNAL_NODE, ...everything },
      { kind: CONFIGURATION, ...everything },
      {
        kind: POD,
        keys: ({ object }) =>
          labelOf(object, names.LABEL_GATEWAY_NAME) === undefined ? [] : ['/'],
      },
    ],
    reconcile,
  };
}

function deviceOf(node: KubeObject): string {
  return textAt(node, 'spec.interface.gateway.name') ?? '';
}

function nodeIP(node: KubeObject): string {
  return textAt(node, 'spec.interface.node.ip') ?? '';
}

function routeTo(node: KubeObject, dst: string): object {
  return { dev: deviceOf(node), dst, gw: nodeIP(node) };
}
