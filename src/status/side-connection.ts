import { gatewayUIDOf, readConnection } from '../liqo/connection.ts';
import { gatewayChildName } from '../liqo/labels.ts';
import type { Reason } from '../model/condition.ts';
import { type KubeObject } from '../model/kube-object.ts';
import type { KnownSide, SideObservation } from '../plan/observation.ts';

/**
 * What one side says of the tunnel, after doubting it (NETWORK.md 7.4): `Unknown` when the side cannot be seen or its
 * word is too old to be believed, `Missing` when there is no Connection of the current gateway.
 */
export interface SideConnection {
  readonly cluster: string;
  readonly status: 'Connected' | 'Connecting' | 'Error' | 'Missing' | 'Unknown';
  /** Why it is not `Connected`. */
  readonly reason: Reason;
  readonly message: string;
  /** As Liqo prints it, e.g. `12ms`. */
  readonly latency?: string;
}

/** The gateway towards the peer, whoever made it; the server where there are both. */
export function gatewayOf(side: KnownSide): KubeObject | undefined {
  return side.gatewayServers[0] ?? side.gatewayClients[0];
}

/** Reads one side's Connection. `isFresh` says whether a `Connected` is still being renewed. */
export function readSideConnection(
  side: SideObservation,
  isFresh: (connection: KubeObject) => boolean,
): SideConnection {
  const { cluster } = side;
  if (side.kind === 'unknown') {
    return { cluster, status: 'Unknown', reason: side.reason, message: side.message };
  }
  const gateway = gatewayOf(side);
  const connection = side.connections.find(
    (candidate) => gatewayUIDOf(candidate) === gateway?.metadata.uid,
  );
  if (gateway === undefined || connection === undefined) {
    const what =
      gateway === undefined
        ? 'a gateway'
        : `Connection/${gatewayChildName(gateway.metadata.name)}; if that lasts, see that the Pod of its gateway runs`;
    const message = `leaf "${cluster}": waiting for ${what}`;
    return { cluster, status: 'Missing', reason: 'Connecting', message };
  }
  return judge(cluster, connection, isFresh);
}

function judge(
  cluster: string,
  connection: KubeObject,
  isFresh: (connection: KubeObject) => boolean,
): SideConnection {
  const { name, namespace = '' } = connection.metadata;
  const { value, latency } = readConnection(connection);
  const object = `Connection/${namespace}/${name}`;
  const common = { cluster, ...(latency === undefined ? {} : { latency }) };
  if (value === 'Connected' && !isFresh(connection)) {
    const message = `leaf "${cluster}": ${object} says Connected but is no longer refreshed: its gateway may be gone`;
    return { cluster, status: 'Unknown', reason: 'ConnectionStale', message };
  }
  if (value === 'Connected') {
    return {
      ...common,
      status: 'Connected',
      reason: 'Connected',
      message: `${object} is Connected`,
    };
  }
  if (value === 'Error') {
    const message =
      `leaf "${cluster}": ${object} is in Error: nothing comes back through the tunnel; ` +
      'check that UDP from the client side reaches the server endpoint';
    return { cluster, status: 'Error', reason: 'ConnectionLost', message };
  }
  const message = `leaf "${cluster}": waiting for ${object} to become Connected`;
  return { cluster, status: 'Connecting', reason: 'Connecting', message };
}
