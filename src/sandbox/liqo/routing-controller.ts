import type { KubeObject } from '../../model/kube-object.ts';
import { isTerminating, keyOf, labelOf, ownedBy, splitKey, textAt, textsAt } from './fields.ts';
import { ROLES } from './gateway-role.ts';
import {
  CONFIGURATION,
  FIREWALL_CONFIGURATION,
  INTERNAL_NODE,
  ROUTE_CONFIGURATION,
} from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';

const CATEGORY = 'networking.liqo.io/firewall-category';
const SUBCATEGORY = 'networking.liqo.io/firewall-subcategory';
const UNIQUE = 'networking.liqo.io/firewall-unique';

/**
 * What a configured peer needs on nodes and gateway: three FirewallConfigurations, and the gateway's RouteConfiguration
 * once there is a gateway (NETWORK.md section 3.3). Their presence, names and owners are Liqo's; the rules are reduced.
 */
export function routingController(leaf: LeafContext): Controller {
  const { objects } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const configuration = objects.get(CONFIGURATION, namespace, name);
    if (configuration === undefined || isTerminating(configuration)) return;
    if (textsAt(configuration, 'status.remote.cidr.pod').length === 0) return;
    for (const firewall of firewallsFor(configuration)) {
      await objects.ensure(FIREWALL_CONFIGURATION, firewall);
    }
    await ensureGatewayRoute(configuration);
  }

  async function ensureGatewayRoute(configuration: KubeObject): Promise<void> {
    const remoteID = labelOf(configuration, names.LABEL_REMOTE_ID) ?? '';
    const labels = { [names.LABEL_REMOTE_ID]: remoteID };
    const role = ROLES.find(({ gateway }) => objects.list(gateway, { labels }).length > 0);
    const [node] = objects.list(INTERNAL_NODE);
    if (role === undefined || node === undefined) return;
    const iif = textAt(node, 'spec.interface.gateway.name');
    const cidrs = ['pod', 'external'].flatMap((kind) =>
      textsAt(configuration, `spec.remote.cidr.${kind}`),
    );
    await objects.ensure(ROUTE_CONFIGURATION, {
      apiVersion: ROUTE_CONFIGURATION.apiVersion,
      kind: ROUTE_CONFIGURATION.kind,
      metadata: {
        ...placed(configuration, 'gw-ext'),
        labels: {
          ...names.MANAGED,
          'networking.liqo.io/route-category': 'gateway',
          'networking.liqo.io/route-unique': remoteID,
        },
      },
      spec: {
        table: {
          name: configuration.metadata.name,
          rules: cidrs.map((dst) => ({ dst, iif, routes: [{ dst, gw: role.peerTunnelIP }] })),
        },
      },
    });
  }

  return {
    name: 'routing',
    triggers: [
      { kind: CONFIGURATION, keys: ({ object }) => [keyOf(object)] },
      ...ROLES.map(({ gateway }) => ({
        kind: gateway,
        keys({ object }: { readonly object: KubeObject }) {
          const id = labelOf(object, names.LABEL_REMOTE_ID) ?? '';
          const labels = { [names.LABEL_REMOTE_ID]: id };
          return objects.list(CONFIGURATION, { labels }).map(keyOf);
        },
      })),
    ],
    reconcile,
  };
}

function placed(configuration: KubeObject, suffix: string): KubeObject['metadata'] {
  const { namespace = '', name } = configuration.metadata;
  return {
    name: `${name}-${suffix}`,
    namespace,
    ownerReferences: [ownedBy(configuration, 'plain')],
  };
}

function firewallsFor(configuration: KubeObject): readonly KubeObject[] {
  const unique = {
    [CATEGORY]: 'gateway',
    [UNIQUE]: labelOf(configuration, names.LABEL_REMOTE_ID) ?? '',
  };
  return [
    firewall(configuration, 'masquerade-bypass', {
      [CATEGORY]: 'fabric',
      [SUBCATEGORY]: 'all-nodes',
    }),
    firewall(configuration, 'remap-podcidr', unique),
    firewall(configuration, 'remap-externalcidr', unique),
  ];
}

function firewall(
  configuration: KubeObject,
  suffix: string,
  labels: Readonly<Record<string, string>>,
): KubeObject {
  return {
    apiVersion: FIREWALL_CONFIGURATION.apiVersion,
    kind: FIREWALL_CONFIGURATION.kind,
    metadata: { ...placed(configuration, suffix), labels: { ...names.MANAGED, ...labels } },
    spec: {
      table: { name: `${configuration.metadata.name}-${suffix}`, family: 'IPV4', chains: [] },
    },
  };
}
