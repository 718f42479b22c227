import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../model/kube-object.ts';
import {
  isTerminating,
  keyOf,
  labelOf,
  listAt,
  ownedBy,
  splitKey,
  textAt,
  textsAt,
  valueAt,
} from './fields.ts';
import { isConfigured } from './configured.ts';
import { masqueradeBypassTable, type Remap, remapTable } from './firewall-tables.ts';
import { ROLES } from './gateway-role.ts';
import {
  CONFIGURATION,
  FIREWALL_CONFIGURATION,
  INTERNAL_NODE,
  ROUTE_CONFIGURATION,
} from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { ownCIDRs, unknownSource } from './own-prefixes.ts';

/**
 * What a configured peer needs on nodes and gateway: three FirewallConfigurations, and the gateway's RouteConfiguration
 * once there is a gateway (NETWORK.md section 3.3); they follow the remapped prefixes.
 */
export function routingController(leaf: LeafContext): Controller {
  const { objects } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const configuration = objects.get(CONFIGURATION, namespace, name);
    if (configuration === undefined || isTerminating(configuration)) return;
    if (!isConfigured(configuration)) return;
    await ensureBypass(configuration);
    for (const kind of ['pod', 'external'] as const) await ensureRemap(configuration, kind);
    await ensureGatewayRoute(configuration);
  }

  async function ensureBypass(configuration: KubeObject): Promise<void> {
    const [ownPodCIDR = ''] = ownCIDRs(leaf, 'pod');
    const name = `${configuration.metadata.name}-masquerade-bypass`;
    const table = masqueradeBypassTable({
      name,
      remoteID: labelOf(configuration, names.LABEL_REMOTE_ID) ?? '',
      ownPodCIDR,
      unknownSource: unknownSource(leaf),
      podCIDRs: textsAt(configuration, 'status.remote.cidr.pod'),
      externalCIDRs: textsAt(configuration, 'status.remote.cidr.external'),
    });
    const labels = {
      [names.LABEL_FIREWALL_CATEGORY]: 'fabric',
      [names.LABEL_FIREWALL_SUBCATEGORY]: 'all-nodes',
    };
    const firewall = firewallFor(configuration, 'masquerade-bypass', labels);
    await objects.enforce(FIREWALL_CONFIGURATION, { ...firewall, spec: { table } });
  }

  /** The webhook gives the rules random names, once: equal rules under other names are the same. */
  async function ensureRemap(configuration: KubeObject, kind: 'pod' | 'external'): Promise<void> {
    const suffix = `remap-${kind}cidr`;
    const labels = {
      [names.LABEL_FIREWALL_CATEGORY]: 'gateway',
      [names.LABEL_FIREWALL_UNIQUE]: labelOf(configuration, names.LABEL_REMOTE_ID) ?? '',
    };
    const firewall = firewallFor(configuration, suffix, labels);
    const { namespace = '', name } = firewall.metadata;
    const known = objects.get(FIREWALL_CONFIGURATION, namespace, name);
    const former = ruleNames(known);
    const remaps = remapsOf(configuration, kind);
    const same = isDeepStrictEqual(
      valueAt(known, 'spec.table'),
      remapTable(suffix, remaps, () => former.shift() ?? ''),
    );
    if (same) return;
    await objects.enforce(FIREWALL_CONFIGURATION, {
      ...firewall,
      spec: { table: remapTable(suffix, remaps, randomUUID) },
    });
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
    await objects.enforce(ROUTE_CONFIGURATION, {
      apiVersion: ROUTE_CONFIGURATION.apiVersion,
      kind: ROUTE_CONFIGURATION.kind,
      metadata: {
        ...placed(configuration, 'gw-ext'),
        labels: {
          ...names.MANAGED,
          [names.LABEL_ROUTE_CATEGORY]: 'gateway',
          [names.LABEL_ROUTE_UNIQUE]: remoteID,
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

function firewallFor(
  configuration: KubeObject,
  suffix: string,
  labels: Readonly<Record<string, string>>,
): KubeObject {
  return {
    apiVersion: FIREWALL_CONFIGURATION.apiVersion,
    kind: FIREWALL_CONFIGURATION.kind,
    metadata: { ...placed(configuration, suffix), labels: { ...names.MANAGED, ...labels } },
  };
}

function remapsOf(configuration: KubeObject, kind: 'pod' | 'external'): readonly Remap[] {
  const remapped = textsAt(configuration, `status.remote.cidr.${kind}`);
  return textsAt(configuration, `spec.remote.cidr.${kind}`).flatMap((real, index) => {
    const prefix = remapped[index];
    return prefix === undefined ? [] : [{ real, remapped: prefix }];
  });
}

function ruleNames(firewall: KubeObject | undefined): string[] {
  return listAt(firewall, 'spec.table.chains')
    .flatMap((chain) => listAt(chain, 'rules.natRules'))
    .map((rule) => textAt(rule, 'name') ?? '');
}
