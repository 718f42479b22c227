import type { Leaf } from '../leaves/leaf.ts';
import type { LeafRegistry, RegisteredLeaf } from '../leaves/leaf-registry.ts';
import { observeSide, readOtherUseOfTenant } from '../leaves/observe-side.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import { clustersOf, nameOf, type Shortcut } from '../model/shortcut.ts';
import type { KeySecret, KnownSide, SideObservation } from '../plan/observation.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import { secretToRead } from '../plan/own-objects.ts';
import { identityOf, isOurs } from '../plan/ownership.ts';

export interface ObservePairOptions {
  readonly shortcut: Shortcut;
  /** Every Shortcut for the pair, the oldest first. */
  readonly samePair: readonly Shortcut[];
  readonly registry: Pick<LeafRegistry, 'get'>;
  readonly installation: string;
  /** False: look at the key Secrets again, though their gateways are still the same. */
  readonly trustKeys: boolean;
  /** `cluster/Namespace/name` of what a leaf did not let us delete. */
  readonly leftBehind: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Everything the planner needs to know of one shortcut. From memory, but for the key Secrets it asks for. */
export async function observePair(options: ObservePairOptions): Promise<PlanInput> {
  const { shortcut, samePair, installation, leftBehind } = options;
  const [a, b] = clustersOf(shortcut);
  const sides = await Promise.all([observeOne(a, b, options), observeOne(b, a, options)]);
  const elder = samePair[0];
  const isDuplicate = elder !== undefined && elder.metadata.uid !== shortcut.metadata.uid;
  return {
    shortcut,
    sides,
    installation,
    leftBehind,
    ...(isDuplicate ? { duplicateOf: nameOf(elder) } : {}),
  };
}

/** What is in memory of the two sides, without the key Secrets. */
export function sidesInMemory(
  shortcut: Shortcut,
  registry: Pick<LeafRegistry, 'get'>,
): readonly SideObservation[] {
  const [a, b] = clustersOf(shortcut);
  return [
    observeSide(a, registry.get(a), clusterIDOf(b, registry.get(b), shortcut)),
    observeSide(b, registry.get(b), clusterIDOf(a, registry.get(a), shortcut)),
  ];
}

/** A leaf is being read for the first time: the next event tells more, or that it does not answer. */
export function isBeingRead(sides: readonly SideObservation[]): boolean {
  return sides.some((side) => side.kind === 'unknown' && side.reason === 'Progressing');
}

async function observeOne(
  cluster: ClusterName,
  peer: ClusterName,
  options: ObservePairOptions,
): Promise<SideObservation> {
  const { shortcut, registry } = options;
  const registered = registry.get(cluster);
  const peerID = clusterIDOf(peer, registry.get(peer), shortcut);
  const side = observeSide(cluster, registered, peerID);
  if (side.kind === 'unknown' || registered?.leaf === undefined) return side;
  return readOnDemand(side, registered.leaf, peerID, options);
}

async function readOnDemand(
  side: KnownSide,
  leaf: Leaf,
  peerID: string | undefined,
  options: ObservePairOptions,
): Promise<SideObservation> {
  const keySecret = await readKeySecret(side, leaf, options);
  const { deletionTimestamp } = options.shortcut.metadata;
  // Whether the namespace may go matters only when it is the last thing left.
  const isLastStep = deletionTimestamp !== undefined && side.configurations.length === 0;
  // One that others made stays in any case.
  const identity = identityOf(options.shortcut, options.installation);
  const isMade = side.tenantNamespaces.some((tenant) => isOurs(tenant, identity));
  if (!isLastStep || !isMade) return { ...side, keySecret };
  if (leaf.client === undefined || peerID === undefined) return { ...side, keySecret };
  const { signal } = options;
  const otherUseOfTenant = await readOtherUseOfTenant(leaf.client, peerID, { signal });
  return { ...side, keySecret, otherUseOfTenant };
}

async function readKeySecret(
  side: KnownSide,
  { keys }: Leaf,
  { shortcut, installation, trustKeys, signal }: ObservePairOptions,
): Promise<KeySecret> {
  const need = secretToRead(side, identityOf(shortcut, installation));
  if (need === undefined || keys === undefined) return side.keySecret;
  const { ref, gatewayUID } = need;
  // What an earlier gateway has left matters only to one that is to be made.
  if (gatewayUID === undefined && shortcut.metadata.deletionTimestamp !== undefined) {
    return side.keySecret;
  }
  return keys.read(ref, { gatewayUID, trusted: trustKeys && !hasError(side), signal });
}

/** A tunnel in error may run with a key that is no longer the one in the Secret. */
function hasError(side: KnownSide): boolean {
  return side.connections.some((connection) => {
    const status = connection['status'] as { readonly value?: string } | undefined;
    return status?.value === 'Error';
  });
}

/** From the leaf itself; while it cannot be seen, what is remembered of it. IDs never change (NETWORK.md 2.2). */
export function clusterIDOf(
  cluster: ClusterName,
  registered: RegisteredLeaf | undefined,
  shortcut: Shortcut,
): string | undefined {
  if (registered?.state.kind === 'known') return registered.state.clusterID;
  const remembered = shortcut.status?.sides?.find((side) => side.cluster === cluster)?.clusterID;
  if (remembered !== undefined || registered === undefined) return remembered;
  const { status, spec } = registered.leafCluster;
  return status?.clusterID ?? spec.clusterID;
}
