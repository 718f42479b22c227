import type { LeafRegistry, RegisteredLeaf } from '../leaves/leaf-registry.ts';
import { observeSide } from '../leaves/observe-side.ts';
import type { LeafClusterSpec } from '../model/leaf-cluster.ts';
import type { KnownSide, SideObservation } from '../plan/observation.ts';
import { findLeafGateway } from './leaf-gateway.ts';
import { createNameMaker } from './name-maker.ts';
import type { MainView } from './read-main.ts';
import type { SurveyedLeaf } from './survey.ts';

/** Longest name of a LeafCluster. */
const MAX_NAME_LENGTH = 63;

/**
 * Every leaf as it was seen, and those of which only a ForeignClusterConnection speaks, by the cluster ID that it names
 * (NETWORK.md section 16: its names are Liqo's cluster IDs). Sorted by name.
 */
export function gatherLeaves(
  registry: LeafRegistry,
  { main }: { readonly main: Pick<MainView, 'leafClusters' | 'wishes'> },
): readonly SurveyedLeaf[] {
  const registered = new Set(main.leafClusters.map(({ metadata }) => metadata.name));
  const wished = [...new Set(main.wishes.flatMap(({ client, server }) => [client, server]))].sort();
  const seen = registry.all().map((leaf) => toSurveyed(leaf, registry, { registered, wished }));
  const ids = new Set(seen.map(({ clusterID }) => clusterID));
  const names = createNameMaker({
    taken: seen.map(({ name }) => name),
    maxLength: MAX_NAME_LENGTH,
  });
  const named = wished.filter((id) => !ids.has(id)).map((id) => toNamed(names.make(id), id));
  return [...seen, ...named].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toSurveyed(
  leaf: RegisteredLeaf,
  registry: LeafRegistry,
  known: { readonly registered: ReadonlySet<string>; readonly wished: readonly string[] },
): SurveyedLeaf {
  const { leafCluster, state } = leaf;
  const { name } = leafCluster.metadata;
  const isRegistered = known.registered.has(name);
  const look = (peerID: string | undefined): SideObservation =>
    observeSide(name, registry.get(name), peerID);
  const peerIDs =
    state.kind === 'known'
      ? (leaf.leaf?.mirror?.peerIDs('configurations', 'gatewayServers', 'gatewayClients') ?? [])
      : [];
  const gateway = isRegistered
    ? leafCluster.spec.gateway
    : findLeafGateway(peerIDs.map(look).filter(isKnown));
  const self = look(undefined);
  return {
    name,
    origin: isRegistered ? 'registered' : 'given',
    clusterID: clusterIDOf(leaf, known.wished),
    liqoNamespace: leafCluster.spec.liqoNamespace ?? 'liqo',
    gateway,
    problem: state.kind === 'unknown' ? state.message : undefined,
    ownNetworks: self.kind === 'known' ? self.ownNetworks : [],
    peerIDs,
    observe: (peerID) => asSeenByService(look(peerID), gateway, isRegistered),
  };
}

function isKnown(side: SideObservation): side is KnownSide {
  return side.kind === 'known';
}

/** From the leaf itself, else as it is registered, else by its name where a ForeignClusterConnection has that one. */
function clusterIDOf(
  { leafCluster, state }: RegisteredLeaf,
  wished: readonly string[],
): string | undefined {
  if (state.kind === 'known') return state.clusterID;
  const { metadata, spec, status } = leafCluster;
  const namesake = wished.includes(metadata.name) ? metadata.name : undefined;
  return spec.clusterID ?? status?.clusterID ?? namesake;
}

/**
 * With the defaults of the LeafCluster that is about to be written. The rights of a kubeconfig that was given are those of
 * a person; which ones the service will have is not known yet.
 */
function asSeenByService(
  side: SideObservation,
  gateway: LeafClusterSpec['gateway'],
  isRegistered: boolean,
): SideObservation {
  if (side.kind === 'unknown' || isRegistered) return side;
  return { ...side, gateway, missingRights: [] };
}

function toNamed(name: string, clusterID: string): SurveyedLeaf {
  const message = `no LeafCluster has the cluster ID "${clusterID}", and no --leaf`;
  return {
    name,
    origin: 'named',
    clusterID,
    liqoNamespace: 'liqo',
    gateway: undefined,
    problem: message,
    ownNetworks: [],
    peerIDs: [],
    observe: () => ({
      kind: 'unknown',
      cluster: name,
      gateway: {},
      reason: 'LeafUnknown',
      message,
    }),
  };
}
