import { LABEL_REMOTE_CLUSTER_ID } from '../liqo/labels.ts';
import { shortcutKey } from '../model/shortcut-key.ts';
import type { FoundConnection } from './found-connection.ts';
import { createNameMaker } from './name-maker.ts';
import { examinePair } from './examine-pair.ts';
import type { ForeignPair } from './foreign-pair.ts';
import type { ForeignWish } from './foreign-cluster-connection.ts';
import type { Survey, SurveyedLeaf } from './survey.ts';

/** Longest name of an object in Kubernetes. */
const MAX_NAME_LENGTH = 253;

/**
 * Every connection between two clusters that the leaves hold or a ForeignClusterConnection wishes for, once for each pair,
 * with the Shortcut that stands for it. What leaves hold for the main cluster is the star itself and none of them. Pure;
 * sorted by the names of the clusters.
 */
export function findConnections(survey: Survey): readonly FoundConnection[] {
  const byID = leavesByID(survey);
  const names = createNameMaker({
    taken: survey.shortcuts.map(({ metadata }) => metadata.name),
    maxLength: MAX_NAME_LENGTH,
  });
  const pairs = [...pairsOf(survey, byID).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const between = pairs.map((pair) => examinePair(pair, survey, names));
  return [...between, ...strangers(survey, byID)].sort((a, b) =>
    a.clusters.join('\0') < b.clusters.join('\0') ? -1 : 1,
  );
}

/** Leaves whose gateways lead to the main cluster: the star, which stays as it is. */
export function findStar({ leaves, mainClusterID }: Survey): readonly string[] {
  if (mainClusterID === undefined) return [];
  return leaves.filter(({ peerIDs }) => peerIDs.includes(mainClusterID)).map(({ name }) => name);
}

function leavesByID({ leaves }: Survey): ReadonlyMap<string, SurveyedLeaf> {
  return new Map(
    leaves.flatMap((leaf) => (leaf.clusterID === undefined ? [] : [[leaf.clusterID, leaf]])),
  );
}

function pairsOf(
  survey: Survey,
  byID: ReadonlyMap<string, SurveyedLeaf>,
): ReadonlyMap<string, ForeignPair> {
  const pairs = new Map<string, ForeignPair>();
  const add = (a: SurveyedLeaf, b: SurveyedLeaf, wish?: ForeignWish): void => {
    const leaves = a.name < b.name ? ([a, b] as const) : ([b, a] as const);
    const key = shortcutKey([a.name, b.name]);
    const wishes = [...(pairs.get(key)?.wishes ?? []), ...(wish === undefined ? [] : [wish])];
    pairs.set(key, { key, leaves, wishes });
  };
  for (const leaf of survey.leaves) {
    for (const peerID of leaf.peerIDs) {
      const peer = byID.get(peerID);
      if (peer !== undefined && peer !== leaf) add(leaf, peer);
    }
  }
  for (const wish of survey.wishes.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const [client, server] = [byID.get(wish.client), byID.get(wish.server)];
    if (client !== undefined && server !== undefined) add(client, server, wish);
  }
  return pairs;
}

/** Connections to clusters for which no leaf stands, so that one side of them cannot be seen. */
function strangers(
  survey: Survey,
  byID: ReadonlyMap<string, SurveyedLeaf>,
): readonly FoundConnection[] {
  const { leaves, mainClusterID } = survey;
  return leaves.flatMap((leaf) =>
    leaf.peerIDs
      .filter((peerID) => peerID !== mainClusterID && !byID.has(peerID))
      .map((peerID) => toStranger(leaf, peerID, mainClusterID)),
  );
}

function toStranger(
  leaf: SurveyedLeaf,
  peerID: string,
  mainClusterID: string | undefined,
): FoundConnection {
  const isMainPossible = mainClusterID === undefined;
  const why = `no leaf with the cluster ID "${peerID}" is known${isMainPossible ? ' (it may be the main cluster, whose peerings are not imported)' : ''}: give its kubeconfig with --leaf`;
  return {
    clusters: leaf.name < peerID ? [leaf.name, peerID] : [peerID, leaf.name],
    foundIn: ['leaves'],
    health: ['Unknown', 'Unknown'],
    takeover: { kind: 'unseen', why },
    notes: [`found on "${leaf.name}" by the label ${LABEL_REMOTE_CLUSTER_ID}`],
  };
}
