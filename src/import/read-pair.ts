import type { ShortcutSpec } from '../model/shortcut.ts';
import type { KnownSide, SideObservation } from '../plan/observation.ts';
import type { ForeignPair } from './foreign-pair.ts';
import type { ForeignWish } from './foreign-cluster-connection.ts';
import {
  findDifferences,
  firstOf,
  gatewayOf,
  type GatewaySettings,
  settingsOfClient,
  settingsOfServer,
} from './gateway-settings.ts';
import type { SurveyedLeaf } from './survey.ts';

/** What there is of a connection, as a wish for exactly that. */
export interface ReadPair {
  readonly spec: ShortcutSpec;
  readonly notes: readonly string[];
}

/**
 * The spec that asks for a connection as it is on the leaves; what nobody can see there is taken from the
 * ForeignClusterConnection. `isConnected`: the tunnel runs, so that where the client dials is right whatever the server
 * publishes.
 */
export function readPair(
  pair: ForeignPair,
  sides: readonly [SideObservation, SideObservation],
  isConnected: boolean,
): ReadPair {
  const [wish, ...others] = pair.wishes;
  const server = liveServer(pair, sides) ?? pair.leaves.find(isServerOf(wish));
  const live = liveSettings(server, pair, sides);
  const kept = isConnected ? live : { ...live, clientEndpoint: undefined };
  const gateway = gatewayOf(firstOf(kept, wish?.settings ?? {}), endsOf(server, pair, sides));
  const spec = {
    clusters: [pair.leaves[0].name, pair.leaves[1].name],
    ...(server !== undefined && { server: server.name }),
    ...(gateway !== undefined && { gateway }),
  } as const;
  const hasLive = Object.values(live).some((value) => value !== undefined);
  return {
    spec,
    notes: [
      ...(hasLive ? pair.wishes : others).flatMap((said) =>
        contradictions(said, hasLive ? live : (wish?.settings ?? {}), { server, hasLive }),
      ),
      ...noteEndpoint(kept),
    ],
  };
}

function isServerOf(wish: ForeignWish | undefined): (leaf: SurveyedLeaf) => boolean {
  return ({ clusterID }) => wish !== undefined && clusterID === wish.server;
}

/** The leaf that listens, as the gateways say it that can be seen; undefined when they do not, or not clearly. */
function liveServer(
  { leaves }: ForeignPair,
  sides: readonly SideObservation[],
): SurveyedLeaf | undefined {
  const says = sides.map((side): 'server' | 'client' | 'nothing' => {
    if (side.kind === 'unknown') return 'nothing';
    if (side.gatewayServers.length > 0) return 'server';
    return side.gatewayClients.length > 0 ? 'client' : 'nothing';
  });
  const [first, second] = leaves;
  if (says[0] === says[1]) return undefined;
  return says[0] === 'server' || says[1] === 'client' ? first : second;
}

function sideOf(
  leaf: SurveyedLeaf | undefined,
  sides: readonly SideObservation[],
): KnownSide | undefined {
  const side = sides.find(({ cluster }) => cluster === leaf?.name);
  return side?.kind === 'known' ? side : undefined;
}

function otherOf(leaf: SurveyedLeaf | undefined, { leaves }: ForeignPair): SurveyedLeaf {
  const [first, second] = leaves;
  return leaf === first ? second : first;
}

function liveSettings(
  serverLeaf: SurveyedLeaf | undefined,
  pair: ForeignPair,
  sides: readonly SideObservation[],
): GatewaySettings {
  if (serverLeaf === undefined) return {};
  const serverSide = sideOf(serverLeaf, sides);
  const clientSide = sideOf(otherOf(serverLeaf, pair), sides);
  const [server] = serverSide?.gatewayServers ?? [];
  const [client] = clientSide?.gatewayClients ?? [];
  return firstOf(
    server === undefined ? {} : settingsOfServer(server),
    client === undefined ? {} : settingsOfClient(client, serverSide),
  );
}

function endsOf(
  server: SurveyedLeaf | undefined,
  pair: ForeignPair,
  sides: readonly SideObservation[],
): Parameters<typeof gatewayOf>[1] {
  if (server === undefined) return {};
  const client = otherOf(server, pair);
  return {
    serverServiceType: server.gateway?.serviceType,
    serverLiqoNamespace: sideOf(server, sides)?.liqoNamespace ?? server.liqoNamespace,
    clientLiqoNamespace: sideOf(client, sides)?.liqoNamespace ?? client.liqoNamespace,
  };
}

/** What a ForeignClusterConnection says otherwise than what counts. */
function contradictions(
  wish: ForeignWish,
  counted: GatewaySettings,
  { server, hasLive }: { readonly server: SurveyedLeaf | undefined; readonly hasLive: boolean },
): readonly string[] {
  const where = hasLive ? 'the leaves have' : 'the first one has';
  const differences = findDifferences(wish.settings, counted).map(
    ({ field, said, found }) => `${field} ${said}, where ${where} ${found}`,
  );
  const isOther = server?.clusterID !== undefined && server.clusterID !== wish.server;
  const roles = isOther
    ? [`"${wish.server}" as the server, where ${where} "${server.clusterID}"`]
    : [];
  return [...roles, ...differences].map(
    (text) => `ForeignClusterConnection ${wish.name} asks for ${text}`,
  );
}

function noteEndpoint({ clientEndpoint }: GatewaySettings): readonly string[] {
  if (clientEndpoint === undefined) return [];
  const { address, port } = clientEndpoint;
  return [
    `the client dials ${address}:${port}, which is not what the server publishes; without gateway.clientEndpoint it would follow the server`,
  ];
}
