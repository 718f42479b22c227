import type { KubeObject } from '../../model/kube-object.ts';
import { labelOf, listAt, numberAt, ownedBy, textAt, valueAt } from './fields.ts';
import { gatewayContainers } from './gateway-containers.ts';
import { type GatewayRole, SERVER_ROLE } from './gateway-role.ts';
import type { LeafContext } from './leaf-context.ts';
import * as names from './names.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The WgGatewayServer or WgGatewayClient that Liqo renders for a gateway (as recorded). Of the template only what it does
 * with the Service counts: a fixed type, and whether it takes a node port and a load balancer's address from the gateway.
 */
export function renderWgGateway(
  leaf: LeafContext,
  role: GatewayRole,
  gateway: KubeObject,
  template: KubeObject,
): KubeObject {
  const { name, namespace = '' } = gateway.metadata;
  const remoteID = labelOf(gateway, names.LABEL_REMOTE_ID) ?? '';
  const selector = selectorLabels(name, namespace);
  const labels = podLabels(selector, leaf.features.tag);
  const owner = ownedBy(gateway, 'plain');
  return {
    apiVersion: role.wgGateway.apiVersion,
    kind: role.wgGateway.kind,
    metadata: {
      name,
      namespace,
      labels: { ...labels, [names.LABEL_REMOTE_ID]: remoteID },
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: {
      secretRef: { name: textAt(gateway, 'spec.secretRef.name') ?? '' },
      deployment: {
        metadata: { name, namespace, labels },
        spec: {
          replicas: 1,
          selector: { matchLabels: selector },
          strategy: { type: 'Recreate' },
          template: {
            metadata: { name, namespace, labels },
            spec: podSpec(leaf, role, gateway),
          },
        },
      },
      ...(role === SERVER_ROLE
        ? { service: renderService(gateway, template, { selector, labels }) }
        : {}),
    },
  };
}

function selectorLabels(name: string, namespace: string): Labels {
  return {
    'app.kubernetes.io/component': 'networking',
    'app.kubernetes.io/instance': `liqo-${name}`,
    'app.kubernetes.io/managed-by': 'Helm',
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': 'liqo',
    [names.LABEL_COMPONENT]: 'gateway',
    [names.LABEL_GATEWAY_NAME]: name,
    [names.LABEL_GATEWAY_NAMESPACE]: namespace,
  };
}

function podLabels(selector: Labels, tag: string): Labels {
  return {
    ...selector,
    'app.kubernetes.io/version': tag,
    'helm.sh/chart': `liqo-${tag}`,
    [names.LABEL_ACTIVE]: 'true',
  };
}

function podSpec(leaf: LeafContext, role: GatewayRole, gateway: KubeObject): object {
  const { name } = gateway.metadata;
  return {
    containers: gatewayContainers(leaf, role, gateway),
    serviceAccount: name,
    serviceAccountName: name,
    volumes: [
      { name: 'wireguard-config', secret: { secretName: '' } },
      { name: 'ipc', emptyDir: {} },
    ],
  };
}

/** Only `port` is rendered, never HEAD's `ports` (NETWORK.md section 3.1). */
function renderService(
  gateway: KubeObject,
  template: KubeObject,
  { selector, labels }: { readonly selector: Labels; readonly labels: Labels },
): object {
  const rules = valueAt(template, 'spec.template.spec.service.spec');
  const port = numberAt(gateway, 'spec.endpoint.port');
  const annotations = valueAt(gateway, 'spec.serviceAnnotations');
  const extraLabels = valueAt(gateway, 'spec.serviceLabels') ?? {};
  return {
    metadata: {
      name: gateway.metadata.name,
      namespace: gateway.metadata.namespace,
      labels: { ...labels, ...extraLabels },
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      type: renderType(gateway, rules),
      selector: { ...selector, [names.LABEL_ACTIVE]: 'true' },
      ports: [
        {
          protocol: 'UDP',
          port,
          targetPort: port,
          ...optional(gateway, 'nodePort', listAt(rules, 'ports')[0]),
        },
      ],
      ...optional(gateway, 'loadBalancerIP', rules),
    },
  };
}

function renderType(gateway: KubeObject, rules: unknown): string {
  const written = textAt(rules, 'type') ?? '';
  const isFixed = written !== '' && !written.includes('{{');
  return isFixed ? written : (textAt(gateway, 'spec.endpoint.serviceType') ?? 'ClusterIP');
}

/** A field of the endpoint that the template takes, under its name or with the `?` that drops it where it is empty. */
function optional(gateway: KubeObject, field: string, rules: unknown): object {
  const value = valueAt(gateway, `spec.endpoint.${field}`);
  const isTaken = [field, `?${field}`].some((key) => valueAt(rules, key) !== undefined);
  return value === undefined || !isTaken ? {} : { [field]: value };
}
