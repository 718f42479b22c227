import { InvariantError, NotFoundError } from '../../errors/errors.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import { timestamp } from './configuration-controller.ts';
import { covers, labelOf, listAt, numberAt, splitKey } from './fields.ts';
import {
  CLIENT_STATUS,
  CONFIGURATION_MISSING,
  CONFIGURATION_READY,
  CONNECTION_MISSING,
  GATEWAY_MISSING,
  GATEWAY_NOT_READY,
  GATEWAY_PRESENT,
  GATEWAY_READY,
  judgeConnection,
  type NetworkingModule,
  openNetworkingModule,
  SERVER_STATUS,
} from './networking-module.ts';
import { CLIENT_ROLE, SERVER_ROLE } from './gateway-role.ts';
import { CONFIGURATION, CONNECTION, DEPLOYMENT, FOREIGN_CLUSTER } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';

interface PeerObjects {
  readonly configurations: readonly KubeObject[];
  readonly servers: readonly KubeObject[];
  readonly clients: readonly KubeObject[];
  readonly connections: readonly KubeObject[];
}

/**
 * ForeignCluster `<peer>`: made as soon as anything for the peer appears, never deleted; its networking conditions follow
 * Configuration, gateways and Connection (NETWORK.md section 8). Whatever cannot be looked up (a gateway without its
 * Deployment, two objects for one peer) ends the look early: the status is written as far as it came, without
 * `observedGeneration`, and with the former conditions.
 */
export function foreignClusterController(leaf: LeafContext): Controller {
  const { objects, features } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { name: id } = splitKey(key);
    const peer = peerObjects(id);
    const present = Object.values(peer).some((list: readonly KubeObject[]) => list.length > 0);
    const known = objects.get(FOREIGN_CLUSTER, '', id);
    if (known === undefined && !present) return;
    if (known === undefined) await leaf.pause('cidr');
    const cluster = await objects.ensure(FOREIGN_CLUSTER, {
      apiVersion: FOREIGN_CLUSTER.apiVersion,
      kind: FOREIGN_CLUSTER.kind,
      metadata: { name: id, labels: { [names.LABEL_REMOTE_ID]: id } },
      spec: { clusterID: id },
    });
    const module = openNetworkingModule(listAt(cluster, CONDITIONS), () => timestamp(leaf));
    try {
      judge(peer, module);
    } catch (error) {
      await writeStatus(cluster, module, null);
      throw error;
    }
    await writeStatus(cluster, module, cluster.metadata.generation ?? 1);
  }

  function peerObjects(id: string): PeerObjects {
    const labels = { [names.LABEL_REMOTE_ID]: id };
    return {
      configurations: objects.list(CONFIGURATION, { labels }),
      servers: objects.list(SERVER_ROLE.gateway, { labels }),
      clients: objects.list(CLIENT_ROLE.gateway, { labels }),
      connections: objects.list(CONNECTION, { labels }),
    };
  }

  function judge(peer: PeerObjects, module: NetworkingModule): void {
    const configuration = only(peer.configurations);
    if (configuration !== undefined) module.found(CONFIGURATION_READY);
    else module.missing(CONFIGURATION_MISSING);

    const servers = peer.servers.length;
    const clients = peer.clients.length;
    module.afterwards(servers + clients > 0 ? GATEWAY_PRESENT : GATEWAY_MISSING);
    judgeGateway(SERVER_STATUS, only(peer.servers), module);
    judgeGateway(CLIENT_STATUS, only(peer.clients), module);

    const connection = only(peer.connections);
    if (connection === undefined) module.missing(CONNECTION_MISSING);
    else module.found(judgeConnection(connection));
    module.close();
  }

  function judgeGateway(
    type: string,
    gateway: KubeObject | undefined,
    module: NetworkingModule,
  ): void {
    if (gateway === undefined) {
      module.remove(type);
      return;
    }
    module.enable();
    const { namespace = '', name } = gateway.metadata;
    const deployment = objects.get(DEPLOYMENT, namespace, names.gatewayObjectName(name));
    if (deployment === undefined) throw new NotFoundError('gateway Deployment not there yet');
    const ready = (numberAt(deployment, 'status.readyReplicas') ?? 0) > 0;
    module.found({ type, ...(ready ? GATEWAY_READY : GATEWAY_NOT_READY) });
  }

  async function writeStatus(
    cluster: KubeObject,
    module: NetworkingModule,
    observedGeneration: number | null,
  ): Promise<void> {
    const status = {
      role: 'Unknown',
      tenantNamespace: {},
      modules: {
        networking: { enabled: module.enabled(), conditions: module.conditions() },
        authentication: { enabled: false },
        offloading: { enabled: false },
      },
      ...(features.observesGeneration ? { observedGeneration } : {}),
    };
    if (covers(cluster['status'], status)) return;
    await leaf.pause('cidr');
    await objects.patchStatus(FOREIGN_CLUSTER, cluster, status);
  }

  const byLabel = {
    keys({ object }: { readonly object: KubeObject }) {
      const id = labelOf(object, names.LABEL_REMOTE_ID);
      return id === undefined ? [] : [`/${id}`];
    },
  };
  return {
    name: 'foreign-cluster',
    triggers: [
      ...[CONFIGURATION, SERVER_ROLE.gateway, CLIENT_ROLE.gateway, CONNECTION].map((kind) => ({
        kind,
        ...byLabel,
      })),
      {
        kind: FOREIGN_CLUSTER,
        keys: ({ type, object }) => (type === 'MODIFIED' ? [] : [`/${object.metadata.name}`]),
      },
      {
        kind: DEPLOYMENT,
        keys({ object }) {
          const { namespace = '' } = object.metadata;
          const name = labelOf(object, names.LABEL_GATEWAY_NAME) ?? '';
          const gateway =
            objects.get(SERVER_ROLE.gateway, namespace, name) ??
            objects.get(CLIENT_ROLE.gateway, namespace, name);
          const id = gateway === undefined ? undefined : labelOf(gateway, names.LABEL_REMOTE_ID);
          return id === undefined ? [] : [`/${id}`];
        },
      },
    ],
    reconcile,
  };
}

const CONDITIONS = 'status.modules.networking.conditions';

/** The one object of a kind for a peer, or none. Liqo gives up where there are several. */
function only(found: readonly KubeObject[]): KubeObject | undefined {
  if (found.length > 1) throw new InvariantError('several objects for one peer');
  return found[0];
}
