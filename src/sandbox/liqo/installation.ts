import { AlreadyExistsError, NotFoundError } from '../../errors/errors.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { CONFIG_MAP, CUSTOM_RESOURCE_DEFINITION, NAMESPACE } from '../../model/kinds.ts';
import { type KubeObject, refOf, type ResourceKind } from '../../model/kube-object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { mssClampingTable } from './firewall-tables.ts';
import { chartLabels } from './chart-labels.ts';
import { ROLES } from './gateway-role.ts';
import * as kinds from './kinds.ts';
import { loadLiqoCRDs } from './liqo-crds.ts';
import { FEATURES, type LiqoVersion } from './liqo-version.ts';
import { ownNetworks } from './own-networks.ts';
import { LABEL_FIREWALL_CATEGORY, LABEL_FIREWALL_SUBCATEGORY, LIQO_NAMESPACE } from './names.ts';

/** A node of the leaf: what its Node object says. */
export interface LeafNode {
  readonly name: string;
  readonly address: string;
}

/** What Liqo's chart is told on a leaf. */
export interface InstallationValues {
  readonly clusterID: string;
  readonly version: LiqoVersion;
  readonly podCIDRs: readonly string[];
  readonly serviceCIDR: string;
  readonly externalCIDR: string;
  readonly internalCIDR: string;
  readonly nodes: readonly LeafNode[];
  /** Where Liqo itself lives; `liqo` unless said. */
  readonly liqoNamespace?: string;
}

interface InstallOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How long a fresh CRD may take until the API server serves it. */
const ESTABLISH_RETRY_MS = 50;

/**
 * Puts on a cluster what the chart and the kubelets put there: CRDs, namespace, cluster ID, own Networks, templates,
 * controller-manager, Nodes. What is there already stays as it is, so that it may run again on a kept state.
 */
export async function installLiqo(
  values: InstallationValues,
  { client, clock, signal }: InstallOptions,
): Promise<void> {
  const { liqoNamespace = LIQO_NAMESPACE } = values;
  const inLiqo = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, namespace: liqoNamespace },
  });
  const crds = await loadLiqoCRDs(values.version);
  for (const crd of crds) await createUnlessThere(CUSTOM_RESOURCE_DEFINITION, crd);
  await createUnlessThere(NAMESPACE, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: liqoNamespace },
  });
  await createUnlessThere(CONFIG_MAP, inLiqo(clusterIDConfigMap(values)));
  await createUnlessThere(kinds.DEPLOYMENT, inLiqo(controllerManager(values)));
  for (const { template, templateName, wgGateway } of ROLES) {
    await createUnlessThere(template, {
      apiVersion: template.apiVersion,
      kind: template.kind,
      metadata: {
        name: templateName,
        namespace: liqoNamespace,
        labels: chartLabels('networking', values.version),
      },
      spec: {
        objectKind: { apiVersion: wgGateway.apiVersion, kind: wgGateway.kind },
        template: TEMPLATE,
      },
    });
  }
  await createUnlessThere(kinds.FIREWALL_CONFIGURATION, inLiqo(MSS_CLAMPING));
  for (const network of ownNetworks(values)) {
    await createWithStatus(kinds.NETWORK, inLiqo(network));
  }
  for (const node of values.nodes) await createWithStatus(kinds.NODE, nodeObject(node));

  async function createUnlessThere(kind: ResourceKind, object: KubeObject): Promise<boolean> {
    for (;;) {
      try {
        await client.create(kind, object, { signal });
        return true;
      } catch (error) {
        if (error instanceof AlreadyExistsError) return false;
        const pending = error instanceof NotFoundError && error.details['kindMissing'] === true;
        if (!pending) throw error;
        await clock.sleep(ESTABLISH_RETRY_MS, { signal });
      }
    }
  }

  async function createWithStatus(kind: ResourceKind, object: KubeObject): Promise<void> {
    const { status, ...rest } = object;
    if (!(await createUnlessThere(kind, { ...rest }))) return;
    await client.patch(refOf(kind, object), { status }, { signal, subresource: 'status' });
  }
}

/** The chart's Service fields that `--gw-server-service-nodeport` and `-loadbalancerip` need (NETWORK.md section 4.2). */
const TEMPLATE = {
  spec: {
    service: {
      spec: {
        type: '{{ .Spec.Endpoint.ServiceType }}',
        ports: [
          { port: '{{ .Spec.Endpoint.Port }}', '?nodePort': '{{ .Spec.Endpoint.NodePort }}' },
        ],
        '?loadBalancerIP': '{{ .Spec.Endpoint.LoadBalancerIP }}',
      },
    },
  },
};

/** The chart's rule for all gateways. */
const MSS_CLAMPING: KubeObject = {
  apiVersion: kinds.FIREWALL_CONFIGURATION.apiVersion,
  kind: kinds.FIREWALL_CONFIGURATION.kind,
  metadata: {
    name: 'gw-mss-clamping',
    labels: {
      'liqo.io/webhook-skip': 'true',
      [LABEL_FIREWALL_CATEGORY]: 'gateway',
      [LABEL_FIREWALL_SUBCATEGORY]: 'all-gateways',
    },
  },
  spec: { table: mssClampingTable() },
};

function clusterIDConfigMap({ clusterID, version }: InstallationValues): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'liqo-clusterid-configmap',
      labels: chartLabels('clusterid-configmap', version),
    },
    data: { CLUSTER_ID: clusterID },
  };
}

function controllerManager({ version }: InstallationValues): KubeObject {
  const labels = chartLabels('controller-manager', version);
  const matchLabels = Object.fromEntries(
    ['component', 'instance', 'name', 'part-of'].map((key) => {
      const label = `app.kubernetes.io/${key}`;
      return [label, labels[label]];
    }),
  );
  const image = `liqotech/liqo-controller-manager:${FEATURES[version].tag}`;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'liqo-controller-manager', labels },
    spec: {
      replicas: 1,
      selector: { matchLabels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'controller-manager', image, imagePullPolicy: 'IfNotPresent' }],
        },
      },
    },
  };
}

/** A ready Node with one internal address. */
export function nodeObject({ name, address }: LeafNode): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    },
  };
}
