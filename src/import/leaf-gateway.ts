import ipaddr from 'ipaddr.js';
import { gatewayUIDOf, readConnection } from '../liqo/connection.ts';
import { readEndpoint } from '../liqo/endpoint.ts';
import type { LeafClusterSpec } from '../model/leaf-cluster.ts';
import { type KubeObject, uidOf } from '../model/kube-object.ts';
import type { KnownSide } from '../plan/observation.ts';
import { settingsOfServer } from './gateway-settings.ts';

type LeafGateway = NonNullable<LeafClusterSpec['gateway']>;

/**
 * How a leaf that is not registered listens, from the GatewayServers that it has: the service type of most of them, and
 * `Public` where a client is connected with one that has a public address. A private address says nothing of who else
 * reaches it. Undefined where nothing can be said.
 */
export function findLeafGateway(sides: readonly KnownSide[]): LeafGateway | undefined {
  const serviceType = mostFrequent(
    sides.flatMap(({ gatewayServers }) =>
      gatewayServers.flatMap((server) => settingsOfServer(server).serviceType ?? []),
    ),
  );
  if (serviceType === undefined) return undefined;
  const isPublic = sides.some((side) =>
    side.gatewayServers.some((server) => isReachedFromOutside(server, side)),
  );
  const gateway = { serviceType, ...(isPublic && { reachability: 'Public' }) };
  // Another type than the schema knows is found when the manifest is read back.
  return gateway as LeafGateway;
}

/** The first in the alphabet among equals. */
function mostFrequent(types: readonly string[]): string | undefined {
  const counts = [...Map.groupBy(types, (type) => type)].map(
    ([type, { length }]) => [type, length] as const,
  );
  return counts.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

function isReachedFromOutside(server: KubeObject, side: KnownSide): boolean {
  const published = readEndpoint(server, side);
  const isConnected = side.connections.some(
    (connection) =>
      gatewayUIDOf(connection) === uidOf(server) &&
      readConnection(connection).value === 'Connected',
  );
  return (
    isConnected &&
    published.kind === 'published' &&
    published.endpoint.addresses.some((address) => isPublicAddress(address))
  );
}

function isPublicAddress(address: string): boolean {
  return (
    ipaddr.IPv4.isValidFourPartDecimal(address) && ipaddr.IPv4.parse(address).range() === 'unicast'
  );
}
