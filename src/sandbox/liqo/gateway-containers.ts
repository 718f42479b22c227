import type { KubeObject } from '../../model/kube-object.ts';
import { labelOf, numberAt, textsAt, uidOf } from './fields.ts';
import { type GatewayRole, SERVER_ROLE } from './gateway-role.ts';
import type { LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { LOSS_THRESHOLD } from './pace.ts';

/** The three programs of a gateway Pod, as the chart's template has them (recorded with real gateways). */
export function gatewayContainers(
  leaf: LeafContext,
  role: GatewayRole,
  gateway: KubeObject,
): readonly object[] {
  const { tag } = leaf.features;
  const { name, namespace = '' } = gateway.metadata;
  const peer = [
    `--name=${name}`,
    `--namespace=${namespace}`,
    `--remote-cluster-id=${labelOf(gateway, names.LABEL_REMOTE_ID) ?? ''}`,
  ];
  const place = ['--node-name=$(NODE_NAME)', '--pod-name=$(POD_NAME)'];
  const uid = `--gateway-uid=${uidOf(gateway)}`;
  return [
    {
      ...container('gateway', `liqotech/gateway:${tag}`, [
        ...peer,
        ...place,
        uid,
        `--mode=${role.mode}`,
        '--container-name=gateway',
        '--concurrent-containers-names=wireguard,geneve',
        '--global-labels=liqo.io/managed=true',
        ...listening(8082),
        '--ping-enabled=true',
        `--ping-loss-threshold=${LOSS_THRESHOLD}`,
        `--ping-interval=${leaf.pace.pingInterval / 1000}s`,
        `--ping-update-status-interval=${leaf.pace.refreshInterval / 1000}s`,
        '--leader-election=false',
        '--enable-nft-monitor=true',
        '--enable-route-monitor=true',
      ]),
      env: PLACE_VARIABLES,
      securityContext: { ...NETWORK_RIGHTS, privileged: true },
      volumeMounts: [IPC],
    },
    {
      ...container('wireguard', `liqotech/gateway/wireguard:${tag}`, [
        ...peer,
        uid,
        `--mode=${role.mode}`,
        '--container-name=wireguard',
        `--mtu=${numberAt(gateway, 'spec.mtu') ?? 0}`,
        ...endpointArguments(role, gateway),
        ...listening(8084),
        '--leader-election=false',
        '--implementation=kernel',
        ...(role === SERVER_ROLE ? ['--preserve-client-endpoint=true'] : []),
      ]),
      securityContext: NETWORK_RIGHTS,
      volumeMounts: [IPC, { name: 'wireguard-config', mountPath: '/etc/wireguard/keys' }],
    },
    {
      ...container('geneve', `liqotech/gateway/geneve:${tag}`, [
        ...peer,
        ...place,
        uid,
        // As recorded: the chart's client template says "server" here too.
        '--mode=server',
        '--container-name=geneve',
        '--geneve-port=6091',
        ...listening(8086),
        '--leader-election=false',
      ]),
      env: PLACE_VARIABLES,
      securityContext: NETWORK_RIGHTS,
      volumeMounts: [IPC],
    },
  ];
}

const IPC = { name: 'ipc', mountPath: '/ipc' };
const NETWORK_RIGHTS = { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } };
const PLACE_VARIABLES = [
  { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
];

function container(name: string, image: string, args: readonly string[]): object {
  return { name, image, imagePullPolicy: 'IfNotPresent', args };
}

function listening(port: number): readonly string[] {
  return [`--metrics-address=:${port}`, `--health-probe-bind-address=:${port + 1}`];
}

/** The server listens on a port; the shipped client template uses only the first address. */
function endpointArguments(role: GatewayRole, gateway: KubeObject): readonly string[] {
  const port = numberAt(gateway, 'spec.endpoint.port') ?? 0;
  if (role === SERVER_ROLE) return [`--listen-port=${port}`];
  const [address = ''] = textsAt(gateway, 'spec.endpoint.addresses');
  return [`--endpoint-address=${address}`, `--endpoint-port=${port}`];
}
