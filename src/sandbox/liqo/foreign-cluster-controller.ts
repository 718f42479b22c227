import { NotFoundError } from '../../errors/errors.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import { timestamp } from './configuration-controller.ts';
import { covers, labelOf, listAt, numberAt, splitKey, textAt, valueAt } from './fields.ts';
import { CLIENT_ROLE, SERVER_ROLE } from './gateway-role.ts';
import { CONFIGURATION, CONNECTION, DEPLOYMENT, FOREIGN_CLUSTER } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';

interface Judgement {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

interface PeerObjects {
  readonly configurations: readonly KubeObject[];
  readonly servers: readonly KubeObject[];
  readonly clients: readonly KubeObject[];
  readonly connections: readonly KubeObject[];
}

/**
 * ForeignCluster `<peer>`: made as soon as anything for the peer appears, never deleted; its networking conditions follow
 * Configuration, gateways and Connection (NETWORK.md section 8). It lags while a gateway has no Deployment yet.
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
    const ambiguous = Object.values(peer).some((list: readonly KubeObject[]) => list.length > 1);
    if (ambiguous) await writeStatus(cluster, false, listAt(cluster, CONDITIONS));
    else await writeStatus(cluster, present, merged(cluster, judge(peer, present)));
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

  function judge(peer: PeerObjects, present: boolean): readonly Judgement[] {
    const [server] = peer.servers;
    const [client] = peer.clients;
    const presence = judgeGatewayPresence(server !== undefined || client !== undefined);
    if (!present) return [presence];
    return [
      judgeConfiguration(peer.configurations.length > 0),
      presence,
      ...(server === undefined ? [] : [judgeGateway('NetworkGatewayServerStatus', server)]),
      ...(client === undefined ? [] : [judgeGateway('NetworkGatewayClientStatus', client)]),
      judgeConnection(peer.connections[0]),
    ];
  }

  function judgeGateway(type: string, gateway: KubeObject): Judgement {
    const { namespace = '', name } = gateway.metadata;
    const deployment = objects.get(DEPLOYMENT, namespace, names.gatewayObjectName(name));
    if (deployment === undefined) throw new NotFoundError('gateway Deployment not there yet');
    const ready = (numberAt(deployment, 'status.readyReplicas') ?? 0) > 0;
    return ready
      ? {
          type,
          status: 'Ready',
          reason: 'GatewaysReady',
          message: 'All gateway replicas are ready',
        }
      : {
          type,
          status: 'NotReady',
          reason: 'GatewaysNotReady',
          message: 'All gateway replicas are not ready',
        };
  }

  /** Keeps the order of known conditions, and their times while the status stays. */
  function merged(cluster: KubeObject, judgements: readonly Judgement[]): readonly object[] {
    const former = listAt(cluster, CONDITIONS);
    const types = former.map((condition) => textAt(condition, 'type'));
    const byType = new Map(judgements.map((judgement) => [judgement.type, judgement]));
    const order = [
      ...types.filter((type) => type !== undefined),
      ...judgements.map(({ type }) => type).filter((type) => !types.includes(type)),
    ];
    return order.flatMap((type) => {
      const judgement = byType.get(type);
      if (judgement === undefined) return [];
      const before = former.find((condition) => textAt(condition, 'type') === type);
      const time = textAt(before, 'lastTransitionTime');
      const same = textAt(before, 'status') === judgement.status && time !== undefined;
      return [{ ...judgement, lastTransitionTime: same ? time : timestamp(leaf) }];
    });
  }

  async function writeStatus(
    cluster: KubeObject,
    enabled: boolean,
    conditions: readonly unknown[],
  ): Promise<void> {
    const observedGeneration = cluster.metadata.generation ?? 1;
    const status = {
      role: 'Unknown',
      tenantNamespace: {},
      modules: {
        networking: { enabled, conditions },
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
      { kind: FOREIGN_CLUSTER, keys: ({ object }) => [`/${object.metadata.name}`] },
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

function judgeConfiguration(present: boolean): Judgement {
  const type = 'NetworkConfigurationStatus';
  return present
    ? {
        type,
        status: 'Ready',
        reason: 'NetworkConfigurationPresence',
        message: 'The network configuration of the peer cluster is present',
      }
    : {
        type,
        status: 'NotReady',
        reason: 'NetworkConfigurationMissing',
        message: 'The network configuration of the peer cluster is missing',
      };
}

function judgeGatewayPresence(present: boolean): Judgement {
  const type = 'NetworkGatewayPresence';
  return present
    ? {
        type,
        status: 'Ready',
        reason: 'GatewayPresence',
        message: 'There is a gateway connecting to the foreign cluster',
      }
    : {
        type,
        status: 'NotReady',
        reason: 'GatewayMissing',
        message: 'The gateway resource connecting to the foreign cluster is missing',
      };
}

/** A Connection without a value yet counts as an error: it shows for a moment on every new one (as recorded). */
function judgeConnection(connection: KubeObject | undefined): Judgement {
  const type = 'NetworkConnectionStatus';
  if (connection === undefined) {
    return {
      type,
      status: 'NotReady',
      reason: 'ConnectionMissing',
      message: 'There is no network connection with the foreign cluster',
    };
  }
  const about = 'The network connection with the foreign cluster is';
  switch (valueAt(connection, 'status.value')) {
    case 'Connected':
      return {
        type,
        status: 'Established',
        reason: 'ConnectionEstablished',
        message: `${about} established`,
      };
    case 'Connecting':
      return {
        type,
        status: 'Pending',
        reason: 'ConnectionPending',
        message: `${about} connecting`,
      };
    default:
      return { type, status: 'Error', reason: 'ConnectionError', message: `${about} in error` };
  }
}
