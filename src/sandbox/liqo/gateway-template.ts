import type { KubeObject } from '../../model/kube-object.ts';
import { labelOf, numberAt, ownedBy, textAt, textsAt, uidOf, valueAt } from './fields.ts';
import { type GatewayRole, SERVER_ROLE } from './gateway-role.ts';
import type { LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { LOSS_THRESHOLD } from './pace.ts';

type Labels = Readonly<Record<string, string>>;

/** The WgGatewayServer or WgGatewayClient that Liqo renders from the chart's template for a gateway (as recorded). */
export function renderWgGateway(
  leaf: LeafContext,
  role: GatewayRole,
  gateway: KubeObject,
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
      ...(role === SERVER_ROLE ? { service: renderService(gateway, selector, labels) } : {}),
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
  const { name, namespace = '' } = gateway.metadata;
  const { tag } = leaf.features;
  const identity = [
    `--name=${name}`,
    `--namespace=${namespace}`,
    `--remote-cluster-id=${labelOf(gateway, names.LABEL_REMOTE_ID) ?? ''}`,
    `--gateway-uid=${uidOf(gateway)}`,
  ];
  return {
    containers: [
      container('gateway', `liqotech/gateway:${tag}`, [
        ...identity,
        `--mode=${role.mode}`,
        '--container-name=gateway',
        '--concurrent-containers-names=wireguard,geneve',
        '--ping-enabled=true',
        `--ping-loss-threshold=${LOSS_THRESHOLD}`,
        `--ping-interval=${leaf.pace.pingInterval / 1000}s`,
        `--ping-update-status-interval=${leaf.pace.refreshInterval / 1000}s`,
      ]),
      container('wireguard', `liqotech/gateway/wireguard:${tag}`, [
        ...identity,
        `--mode=${role.mode}`,
        '--container-name=wireguard',
        `--mtu=${numberAt(gateway, 'spec.mtu') ?? 0}`,
        ...endpointArguments(role, gateway),
      ]),
      container('geneve', `liqotech/gateway/geneve:${tag}`, [
        ...identity,
        // As recorded: the chart's client template says "server" here too.
        '--mode=server',
        '--container-name=geneve',
        '--geneve-port=6091',
      ]),
    ],
    serviceAccount: name,
    serviceAccountName: name,
    volumes: [
      { name: 'wireguard-config', secret: { secretName: '' } },
      { name: 'ipc', emptyDir: {} },
    ],
  };
}

/** The server listens on a port; the shipped client template uses only the first address. */
function endpointArguments(role: GatewayRole, gateway: KubeObject): readonly string[] {
  const port = numberAt(gateway, 'spec.endpoint.port') ?? 0;
  if (role === SERVER_ROLE) return [`--listen-port=${port}`];
  const [address = ''] = textsAt(gateway, 'spec.endpoint.addresses');
  return [`--endpoint-address=${address}`, `--endpoint-port=${port}`];
}

function container(name: string, image: string, args: readonly string[]): object {
  return { name, image, imagePullPolicy: 'IfNotPresent', args };
}

/** Only `port` is rendered, never HEAD's `ports` (NETWORK.md section 3.1). */
function renderService(gateway: KubeObject, selector: Labels, labels: Labels): object {
  const port = numberAt(gateway, 'spec.endpoint.port');
  const nodePort = numberAt(gateway, 'spec.endpoint.nodePort');
  const loadBalancerIP = textAt(gateway, 'spec.endpoint.loadBalancerIP');
  const annotations = valueAt(gateway, 'spec.serviceAnnotations') ?? {};
  const extraLabels = valueAt(gateway, 'spec.serviceLabels') ?? {};
  return {
    metadata: {
      name: gateway.metadata.name,
      namespace: gateway.metadata.namespace,
      labels: { ...labels, ...extraLabels },
      annotations,
    },
    spec: {
      type: textAt(gateway, 'spec.endpoint.serviceType') ?? 'ClusterIP',
      selector: { ...selector, [names.LABEL_ACTIVE]: 'true' },
      ports: [
        {
          protocol: 'UDP',
          port,
          targetPort: port,
          ...(nodePort === undefined ? {} : { nodePort }),
        },
      ],
      ...(loadBalancerIP === undefined ? {} : { loadBalancerIP }),
    },
  };
}
