import { API_VERSION, SHORTCUT } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { ANNOTATION_ADOPT, ANNOTATION_OWNER, LABEL_INSTALLATION } from '../model/names.ts';
import { clustersOf, nameOf, type Shortcut } from '../model/shortcut.ts';
import { shortcutKey } from '../model/shortcut-key.ts';
import type { KnownSide, SideObservation } from '../plan/observation.ts';
import { isManaged } from '../plan/ownership.ts';
import { readSideConnection, type SideConnection } from '../status/side-connection.ts';
import type { ForeignPair } from './foreign-pair.ts';
import type { FoundConnection, Takeover } from './found-connection.ts';
import { judgeTakeover } from './judge-takeover.ts';
import type { NameMaker } from './name-maker.ts';
import { readPair } from './read-pair.ts';
import type { Survey } from './survey.ts';

type Sides = readonly [SideObservation, SideObservation];
type KnownSides = readonly [KnownSide, KnownSide];

/**
 * What there is between two leaves, and what the service would do with it. The leaves have the last word: what a
 * ForeignClusterConnection says otherwise is noted. Pure, but for the name, which is given once.
 */
export function examinePair(pair: ForeignPair, survey: Survey, names: NameMaker): FoundConnection {
  const [first, second] = pair.leaves;
  const sides: Sides = [first.observe(second.clusterID), second.observe(first.clusterID)];
  const health = healthOf(sides, survey);
  const found = {
    clusters: [first.name, second.name],
    foundIn: placesOf(pair, sides),
    health,
    notes: [],
  } as const;
  const settled = findHolder(pair, sides, survey) ?? findNothingToTake(pair, sides, survey);
  if (settled !== undefined) return { ...found, takeover: settled };
  const isConnected = health.every((status) => status === 'Connected');
  const { spec, notes } = readPair(pair, sides, isConnected);
  const draft = manifestOf('import', spec);
  const takeover = judge(sides, draft);
  const changes = takeover.kind === 'with-changes' ? takeover.changes : [];
  const isWritten = takeover.kind !== 'refused';
  if (!isWritten) return { ...found, takeover, notes };
  const usual = `${first.name}-${second.name}`;
  const name = names.make(usual);
  const renamed = name === usual ? [] : [`named "${name}", since "${usual}" cannot be had`];
  return {
    ...found,
    takeover,
    notes: [...renamed, ...notes, ...changes, ...noteUncompared(takeover, pair)],
    shortcut: { ...draft, metadata: { ...draft.metadata, name } },
  };
}

function noteUncompared({ kind }: Takeover, { wishes }: ForeignPair): readonly string[] {
  const [wish] = wishes;
  if (kind !== 'unseen' || wish === undefined) return [];
  return [
    `taken from ForeignClusterConnection ${wish.name}, and not compared with both leaves: run import again when they can be seen`,
  ];
}

function manifestOf(name: string, spec: Shortcut['spec']): Shortcut {
  return {
    apiVersion: API_VERSION,
    kind: SHORTCUT.kind,
    metadata: { name, annotations: { [ANNOTATION_ADOPT]: 'true' } },
    spec,
  };
}

function healthOf(sides: Sides, { isFresh }: Survey): FoundConnection['health'] {
  const read = (side: SideObservation): SideConnection['status'] =>
    readSideConnection(side, isFresh).status;
  return [read(sides[0]), read(sides[1])];
}

function placesOf({ wishes }: ForeignPair, sides: Sides): readonly string[] {
  return [
    ...(sides.some((side) => heldBy(side).length > 0) ? ['leaves'] : []),
    ...wishes.map(({ name }) => `ForeignClusterConnection ${name}`),
  ];
}

/** What a side holds for the peer, but for the namespace. */
function heldBy(side: SideObservation): readonly KubeObject[] {
  if (side.kind === 'unknown') return [];
  return [...side.configurations, ...gatewaysOf(side), ...side.publicKeys];
}

function gatewaysOf(side: KnownSide): readonly KubeObject[] {
  return [...side.gatewayServers, ...side.gatewayClients];
}

/** A Shortcut has the pair already, or what lies on the leaves is one's. */
function findHolder(pair: ForeignPair, sides: Sides, survey: Survey): Takeover | undefined {
  const held = sides.flatMap(heldBy);
  const managed = held.find(isManaged);
  const holder = survey.shortcuts.find(
    (shortcut) => shortcutKey(clustersOf(shortcut)) === pair.key,
  );
  if (holder !== undefined) {
    const why = `Shortcut ${nameOf(holder)} is for this pair already`;
    const advice = `; to take this connection over, give it ${ANNOTATION_ADOPT}: "true"`;
    const isForeign = managed === undefined && held.length > 0;
    return { kind: 'ours', why: isForeign ? why + advice : why };
  }
  return managed === undefined ? undefined : { kind: 'ours', why: describeOwner(managed) };
}

function describeOwner({ metadata: { annotations = {}, labels = {} } }: KubeObject): string {
  const owner = annotations[ANNOTATION_OWNER]?.split('/').slice(0, 2).join('/');
  const which = owner === undefined ? 'a Shortcut' : `Shortcut ${owner}`;
  return `${which} of installation "${labels[LABEL_INSTALLATION] ?? ''}" has it already`;
}

function findNothingToTake(
  { leaves, wishes }: ForeignPair,
  sides: Sides,
  { mainClusterID }: Survey,
): Takeover | undefined {
  if (mainClusterID !== undefined && leaves.some(({ clusterID }) => clusterID === mainClusterID)) {
    const why = 'one of the two is the main cluster: that is the star itself, which stays as it is';
    return { kind: 'refused', why };
  }
  if (wishes.length > 0) return undefined;
  const unseen = findUnseen(sides);
  if (unseen !== undefined) return { kind: 'unseen', why: unseen };
  const bare = sides.filter((side) => side.kind === 'known' && gatewaysOf(side).length === 0);
  if (bare.length === 0) return undefined;
  const where = bare.map(({ cluster }) => `"${cluster}"`).join(' and ');
  const why =
    bare.length === 2
      ? 'there is no tunnel: of a connection only the Configurations are left'
      : `half a connection: there is no gateway on ${where}. Make it whole with liqoctl, or remove the rest`;
  return { kind: 'refused', why };
}

function findUnseen(sides: Sides): string | undefined {
  return sides.flatMap((side) => (side.kind === 'unknown' ? [side.message] : []))[0];
}

function judge(sides: Sides, draft: Shortcut): Takeover {
  const why = findUnseen(sides);
  if (why !== undefined) return { kind: 'unseen', why };
  const takeover = judgeTakeover(draft, sides as KnownSides);
  const isThere = sides.some((side) => heldBy(side).length > 0);
  return isThere || takeover.kind === 'refused' ? takeover : { kind: 'new' };
}
