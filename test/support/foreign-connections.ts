import { FOREIGN_CLUSTER_CONNECTION } from '../../src/import/foreign-cluster-connection.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { Scenario } from './scenario.ts';
import { eventually, signal } from './scenario-wait.ts';

const FINALIZER = 'foreignclusterconnection.finalizers.networking.liqo.io';

/** The definition of the proof of concept's CR, with the fields and what it demands of them (NETWORK.md section 16). */
const DEFINITION: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'foreignclusterconnections.networking.liqo.io' },
  spec: {
    group: 'networking.liqo.io',
    scope: 'Namespaced',
    names: {
      kind: 'ForeignClusterConnection',
      listKind: 'ForeignClusterConnectionList',
      plural: 'foreignclusterconnections',
      singular: 'foreignclusterconnection',
      shortNames: ['fcc', 'fcconnection'],
      categories: ['liqo'],
    },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: schemaOf() },
      },
    ],
  },
};

function schemaOf(): object {
  const text = { type: 'string' };
  const number = { type: 'integer', format: 'int32' };
  const flag = { type: 'boolean' };
  const networking = {
    mtu: number,
    disableSharingKeys: flag,
    serverGatewayType: text,
    serverTemplateName: text,
    serverTemplateNamespace: text,
    serverServiceType: text,
    serverServicePort: number,
    clientGatewayType: text,
    clientTemplateName: text,
    clientTemplateNamespace: text,
    timeoutSeconds: number,
    wait: flag,
  };
  const spec = {
    foreignClusterA: text,
    foreignClusterB: text,
    networking: { type: 'object', properties: networking, required: Object.keys(networking) },
  };
  const status = { isConnected: flag, lastUpdated: text, phase: text, errorMessage: text };
  return {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: spec, required: Object.keys(spec) },
      status: { type: 'object', properties: status, required: ['isConnected'] },
    },
  };
}

export interface ForeignConnectionOptions {
  readonly name: string;
  readonly client: string;
  readonly server: string;
  readonly networking?: object;
  /** As its controller leaves it, or without a status and finalizer, when that has not looked at it yet. */
  readonly isConnected?: boolean;
}

/** A ForeignClusterConnection as somebody applies it. */
export function foreignConnection(options: ForeignConnectionOptions): KubeObject {
  const { name, client, server, networking, isConnected } = options;
  return {
    apiVersion: FOREIGN_CLUSTER_CONNECTION.apiVersion,
    kind: FOREIGN_CLUSTER_CONNECTION.kind,
    metadata: {
      name,
      namespace: 'default',
      ...(isConnected !== undefined && { finalizers: [FINALIZER] }),
    },
    spec: {
      foreignClusterA: client,
      foreignClusterB: server,
      networking: {
        mtu: 1340,
        disableSharingKeys: false,
        serverGatewayType: 'networking.liqo.io/v1beta1/wggatewayservertemplates',
        serverTemplateName: 'wireguard-server',
        serverTemplateNamespace: 'liqo',
        serverServiceType: 'NodePort',
        serverServicePort: 51_840,
        clientGatewayType: 'networking.liqo.io/v1beta1/wggatewayclienttemplates',
        clientTemplateName: 'wireguard-client',
        clientTemplateNamespace: 'liqo',
        timeoutSeconds: 120,
        wait: true,
        ...networking,
      },
    },
  };
}

/** Brings the kind to the main cluster, which the sandbox has neither this nor its controller, and waits until it is served. */
export async function addForeignConnections(
  scenario: Scenario,
  connections: readonly ForeignConnectionOptions[],
): Promise<void> {
  const main = scenario.main();
  await main.create(CUSTOM_RESOURCE_DEFINITION, DEFINITION, { signal });
  await eventually('the kind is served', async () => {
    try {
      await main.list(FOREIGN_CLUSTER_CONNECTION, { signal });
      return { done: true };
    } catch (error) {
      return { seen: String(error) };
    }
  });
  for (const options of connections) {
    const made = await main.create(FOREIGN_CLUSTER_CONNECTION, foreignConnection(options), {
      signal,
    });
    const { isConnected } = options;
    if (isConnected === undefined) continue;
    const status = { isConnected, phase: isConnected ? 'Connected' : 'Failed' };
    const ref = {
      kind: FOREIGN_CLUSTER_CONNECTION,
      namespace: 'default',
      name: made.metadata.name,
    };
    await main.patch(ref, { status }, { signal, subresource: 'status' });
  }
}
