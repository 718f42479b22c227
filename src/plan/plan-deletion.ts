import { describeRights } from '../liqo/describe-rights.ts';
import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../liqo/kinds.ts';
import { NAMESPACE } from '../model/kinds.ts';
import { formatRef, type ResourceKind, uidOf } from '../model/kube-object.ts';
import { ANNOTATION_FORGET_LEAF } from '../model/names.ts';
import type { Blocked } from '../model/plan.ts';
import type { Verb } from '../model/right.ts';
import type { Shortcut } from '../model/shortcut.ts';
import { configurationLeftovers, gatewayLeftovers, gatewayOwners } from './leftovers.ts';
import type { KnownSide, SideObservation, UnknownSide } from './observation.ts';
import { type FoundObject, ownObjects } from './own-objects.ts';
import { type Identity, RELEASE_BODY } from './ownership.ts';
import { remove, type Step, waitFor, waitForAbsence } from './step.ts';

/** What is to be done so that nothing of ours is left. Nothing to do and nothing blocked: it is done. */
export interface DeletionPlan {
  readonly steps: readonly Step[];
  readonly blocked: readonly Blocked[];
}

/**
 * Plans the end of a connection, each side on its own (NETWORK.md 9): a leaf that cannot be seen holds the end up, but
 * not the clean-up of the other. `leftBehind`: see PlanInput.
 */
export function planDeletion(
  shortcut: Shortcut,
  identity: Identity,
  sides: readonly SideObservation[],
  leftBehind: ReadonlySet<string>,
): DeletionPlan {
  const forgotten = (shortcut.metadata.annotations?.[ANNOTATION_FORGET_LEAF] ?? '')
    .split(',')
    .map((name) => name.trim());
  const isOrphan = shortcut.spec.deletionPolicy === 'Orphan';
  const steps: Step[] = [];
  const blocked: Blocked[] = [];
  for (const side of sides) {
    if (forgotten.includes(side.cluster)) continue;
    if (side.kind === 'unknown') {
      blocked.push(blockedBy(side));
      continue;
    }
    const refusal = findRefusal(side, identity, isOrphan ? 'patch' : 'delete');
    if (refusal !== undefined) blocked.push(blockedBy(refusal));
    else if (isOrphan) steps.push(...release(side, identity));
    else steps.push(...cleanUp(side, identity, leftBehind));
  }
  return { steps, blocked };
}

/** Why a side that can be seen cannot be cleaned up: something of ours is there that we may not take away. */
function findRefusal(side: KnownSide, identity: Identity, verb: Verb): Obstacle | undefined {
  const kinds = new Set(ownObjects(side, identity).map(({ ref }) => ref.kind));
  const { cluster, missingRights = [] } = side;
  const missing = missingRights.filter((right) => right.verb === verb && kinds.has(right.kind));
  if (missing.length === 0) return undefined;
  return { cluster, reason: 'LeafForbidden', message: describeRights(cluster, missing) };
}

type Obstacle = Pick<UnknownSide, 'cluster' | 'reason' | 'message'>;

function blockedBy({ cluster, reason, message }: Obstacle): Blocked {
  return {
    reason: 'DeletionBlocked',
    cluster,
    message: `Leaf "${cluster}" cannot be cleaned up (${reason}: ${message}); to finish without it, set the annotation ${ANNOTATION_FORGET_LEAF}: ${cluster}.`,
    stalled: false,
  };
}

/** Gives up what is ours: it stays, and is nobody's. */
function release(side: KnownSide, identity: Identity): readonly Step[] {
  return ownObjects(side, identity).map(({ ref, object }) => ({
    isInPlace: false,
    action: {
      kind: 'patch',
      cluster: side.cluster,
      ref,
      body: RELEASE_BODY,
      uid: uidOf(object),
      reason: 'The Shortcut goes, and its deletionPolicy is Orphan.',
      drift: false,
    },
  }));
}

const GONE = 'The Shortcut goes.';

/** Gateways, then all that goes with them, then Configurations, then their Networks, then the namespace. */
function cleanUp(
  side: KnownSide,
  identity: Identity,
  leftBehind: ReadonlySet<string>,
): readonly Step[] {
  const { cluster } = side;
  const own = ownObjects(side, identity);
  const ofKind = (kind: ResourceKind): readonly FoundObject[] =>
    own.filter(({ ref }) => ref.kind === kind);
  const take = (target: FoundObject): Step => remove(cluster, target, GONE);
  const awaitAbsence = (target: FoundObject): Step => ({
    isInPlace: false,
    wait: waitForAbsence(cluster, target),
  });
  const gateways = [...ofKind(GATEWAY_SERVER), ...ofKind(GATEWAY_CLIENT)];
  const leftovers = gatewayLeftovers(side);
  const keys = ofKind(PUBLIC_KEY).filter((key) => !isCollected(key, [...gateways, ...leftovers]));
  const stages: readonly (readonly Step[])[] = [
    [...gateways, ...keys].map(take),
    leftovers.map(awaitAbsence),
    ofKind(CONFIGURATION).map(take),
    configurationLeftovers(side).map(awaitAbsence),
    ofKind(NAMESPACE)
      .filter(({ ref }) => isEmpty(side, ref.name))
      .filter(({ ref }) => !leftBehind.has(`${cluster}/${formatRef(ref)}`))
      .flatMap((target) => tidy(side, target)),
  ];
  return stages.find((steps) => steps.length > 0) ?? [];
}

/** True for a PublicKey that Kubernetes takes away with its gateway. */
function isCollected({ object }: FoundObject, going: readonly FoundObject[]): boolean {
  const owners = gatewayOwners(object);
  return going.some((other) => other.object === object || owners.includes(uidOf(other.object)));
}

/** Takes an empty tenant namespace away, or leaves it to the other uses that Liqo has for it. */
function tidy({ cluster, otherUseOfTenant }: KnownSide, target: FoundObject): readonly Step[] {
  switch (otherUseOfTenant) {
    case 'none':
      return [remove(cluster, target, GONE, true)];
    case 'unread': {
      const what = 'waiting to see that Liqo uses it for nothing else';
      const wait = waitFor(cluster, 'Draining', target.ref, what);
      return [{ isInPlace: false, wait: { ...wait, isUnwatched: true } }];
    }
    case 'peering':
    case 'forbidden':
      return [];
  }
}

/** True when, as far as can be seen, the tenant namespace holds nothing. */
function isEmpty(side: KnownSide, name: string): boolean {
  return [
    ...side.configurations,
    ...side.gatewayServers,
    ...side.gatewayClients,
    ...side.publicKeys,
    ...side.connections,
    ...side.wgGateways,
    ...side.networks,
    ...side.strangers,
  ].every(({ metadata }) => metadata.namespace !== name);
}
