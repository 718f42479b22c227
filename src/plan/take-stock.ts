import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../liqo/kinds.ts';
import {
  LABEL_REMOTE_CLUSTER_ID,
  LABEL_TENANT_NAMESPACE,
  tenantNamespaceName,
} from '../liqo/labels.ts';
import type { Reason } from '../model/condition.ts';
import { NAMESPACE } from '../model/kinds.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import { ANNOTATION_ADOPT } from '../model/names.ts';
import type { Blocked } from '../model/plan.ts';
import type { KnownSide } from './observation.ts';
import { type FoundObject, objectsOfKind } from './own-objects.ts';
import { type Identity, isManaged, isOurs } from './ownership.ts';
import { describeRef } from './step.ts';

/** What one side holds of a shortcut: at most one of each, found by label, never by name (NETWORK.md 14.4). */
export interface Stock {
  /** The tenant namespace, whoever made it. */
  readonly tenant: KubeObject | undefined;
  readonly configuration: KubeObject | undefined;
  readonly server: KubeObject | undefined;
  readonly client: KubeObject | undefined;
  readonly publicKey: KubeObject | undefined;
}

export type StockTaking =
  | { readonly kind: 'stock'; readonly stock: Stock }
  | { readonly kind: 'blocked'; readonly blocked: Blocked };

/** Which objects count as those of the shortcut. */
export interface Claim {
  readonly identity: Identity;
  /** The Shortcut asks to take over what nobody of our kind has made. */
  readonly isAdopting: boolean;
}

const KINDS = [CONFIGURATION, GATEWAY_SERVER, GATEWAY_CLIENT, PUBLIC_KEY] as const;

/** Of each family Liqo bears one object for a peer; a server beside a client is one too many as well (NETWORK.md 7.3). */
const FAMILIES = [[CONFIGURATION], [GATEWAY_SERVER, GATEWAY_CLIENT], [PUBLIC_KEY]] as const;

/** Finds what the side holds, or the reason for which nothing may be written there. */
export function takeStock(side: KnownSide, peerID: string, claim: Claim): StockTaking {
  const stocktaker = { side, peerID, claim };
  const tenants = objectsOfKind(side, NAMESPACE).filter(
    ({ object }) =>
      isOurs(object, claim.identity) ||
      (isForPeer(object, peerID) && object.metadata.labels?.[LABEL_TENANT_NAMESPACE] !== undefined),
  );
  const blocked =
    findOther(stocktaker) ?? findTwins(stocktaker, tenants) ?? findMisplaced(stocktaker, tenants);
  if (blocked !== undefined) return { kind: 'blocked', blocked };
  const one = (kind: ResourceKind): KubeObject | undefined => mine(stocktaker, kind)[0]?.object;
  return {
    kind: 'stock',
    stock: {
      tenant: tenants[0]?.object,
      configuration: one(CONFIGURATION),
      server: one(GATEWAY_SERVER),
      client: one(GATEWAY_CLIENT),
      publicKey: one(PUBLIC_KEY),
    },
  };
}

interface Stocktaker {
  readonly side: KnownSide;
  readonly peerID: string;
  readonly claim: Claim;
}

function isForPeer(object: KubeObject, peerID: string): boolean {
  return object.metadata.labels?.[LABEL_REMOTE_CLUSTER_ID] === peerID;
}

function isMine({ peerID, claim }: Stocktaker, object: KubeObject): boolean {
  if (isOurs(object, claim.identity)) return true;
  return claim.isAdopting && !isManaged(object) && isForPeer(object, peerID);
}

function mine(stocktaker: Stocktaker, kind: ResourceKind): readonly FoundObject[] {
  return objectsOfKind(stocktaker.side, kind).filter(({ object }) => isMine(stocktaker, object));
}

/** Connections for the pair that are not ours, in whatever namespace: Liqo looks them up everywhere (NETWORK.md 14.5). */
function findOther(stocktaker: Stocktaker): Blocked | undefined {
  const { side, peerID } = stocktaker;
  const others = KINDS.flatMap((kind) => objectsOfKind(side, kind)).filter(
    ({ object }) => isForPeer(object, peerID) && !isMine(stocktaker, object),
  );
  const [first] = others;
  if (first === undefined) return undefined;
  const what = describeRef(side.cluster, first.ref);
  if (others.some(({ object }) => isManaged(object))) {
    return block(
      side,
      'OwnershipConflict',
      `${what} belongs to another Shortcut or installation of Liqo Shortcuts: remove one of the two`,
    );
  }
  return (
    findRival(stocktaker) ??
    block(
      side,
      'ForeignConnection',
      `${what} was not made by this Shortcut: remove that connection, or take it over with the annotation ${ANNOTATION_ADOPT}: "true"`,
    )
  );
}

/** Somebody's object beside another one for the peer: to take it over would not help, since Liqo fails on two. */
function findRival({ side, peerID, claim }: Stocktaker): Blocked | undefined {
  for (const family of FAMILIES) {
    const present = family
      .flatMap((kind) => objectsOfKind(side, kind))
      .filter(({ object }) => isForPeer(object, peerID) || isOurs(object, claim.identity));
    const rival = present.find(({ object }) => !isOurs(object, claim.identity));
    const other = present.find((found) => found !== rival);
    if (rival === undefined || other === undefined) continue;
    const [what, beside] = [rival, other].map(({ ref }) => describeRef(side.cluster, ref));
    const isBesideOurs = isOurs(other.object, claim.identity);
    return block(
      side,
      isBesideOurs ? 'OwnershipConflict' : 'ForeignConnection',
      `${what} was not made by this Shortcut and is one too many beside ${beside}: Liqo fails on two for one peer, so remove it`,
    );
  }
  return undefined;
}

/** Two objects of a kind for one peer make Liqo fail for good (NETWORK.md 14.5). */
function findTwins(stocktaker: Stocktaker, tenants: readonly FoundObject[]): Blocked | undefined {
  const { side } = stocktaker;
  for (const found of [tenants, ...KINDS.map((kind) => mine(stocktaker, kind))]) {
    const [first, second] = found;
    if (first !== undefined && second !== undefined) {
      return block(
        side,
        'OwnershipConflict',
        `${describeRef(side.cluster, first.ref)} has a twin, ${describeRef(side.cluster, second.ref)}: Liqo fails on two for one peer, so remove one`,
      );
    }
  }
  return undefined;
}

/** Objects of ours outside the tenant namespace, and objects of others on names that we need. */
function findMisplaced(
  stocktaker: Stocktaker,
  tenants: readonly FoundObject[],
): Blocked | undefined {
  const { side, peerID } = stocktaker;
  const [tenant] = tenants;
  const stranger =
    tenant === undefined
      ? objectsOfKind(side, NAMESPACE).find(({ ref }) => ref.name === tenantNamespaceName(peerID))
      : KINDS.filter((kind) => mine(stocktaker, kind).length === 0)
          .flatMap((kind) => objectsOfKind(side, kind))
          .find(({ ref }) => ref.namespace === tenant.ref.name && ref.name === peerID);
  if (stranger !== undefined) {
    return block(
      side,
      'OwnershipConflict',
      `${describeRef(side.cluster, stranger.ref)} has a name that is needed, but not the labels of peer "${peerID}": remove it`,
    );
  }
  const outsider = KINDS.flatMap((kind) => mine(stocktaker, kind)).find(
    ({ ref }) => ref.namespace !== tenant?.ref.name,
  );
  if (outsider === undefined) return undefined;
  return block(
    side,
    'OwnershipConflict',
    `${describeRef(side.cluster, outsider.ref)} lies outside the tenant namespace for peer "${peerID}": remove it, or label its namespace as the tenant namespace`,
  );
}

function block(side: KnownSide, reason: Reason, message: string): Blocked {
  return { reason, cluster: side.cluster, message: `${message}.`, stalled: true };
}
