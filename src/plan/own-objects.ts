import { findWgGateway } from '../liqo/endpoint.ts';
import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../liqo/kinds.ts';
import { gatewayChildName } from '../liqo/labels.ts';
import { textAt } from '../liqo/read-field.ts';
import { NAMESPACE, SECRET } from '../model/kinds.ts';
import {
  type KubeObject,
  type ObjectRef,
  type ResourceKind,
  refOf,
  uidOf,
} from '../model/kube-object.ts';
import type { KnownSide } from './observation.ts';
import { type Identity, isOurs } from './ownership.ts';

/** An object on a leaf and its address. */
export interface FoundObject {
  readonly ref: ObjectRef;
  readonly object: KubeObject;
}

/** The kinds that we write, each with what a side holds of it, in the order in which they are made. */
const WRITTEN = [
  [NAMESPACE, 'tenantNamespaces'],
  [CONFIGURATION, 'configurations'],
  [GATEWAY_SERVER, 'gatewayServers'],
  [GATEWAY_CLIENT, 'gatewayClients'],
  [PUBLIC_KEY, 'publicKeys'],
] as const satisfies readonly (readonly [ResourceKind, keyof KnownSide])[];

/** By kind; those found by the peer's label, then those that only sit on a name that we would use. */
function writtenObjects(side: KnownSide): readonly FoundObject[] {
  return WRITTEN.flatMap(([kind, list]) =>
    [...side[list], ...side.strangers.filter((object) => object.kind === kind.kind)].map(
      (object) => ({ ref: refOf(kind, object), object }),
    ),
  );
}

/** Objects of one of the kinds that we write, whoever wrote them. */
export function objectsOfKind(side: KnownSide, kind: ResourceKind): readonly FoundObject[] {
  return writtenObjects(side).filter(({ ref }) => ref.kind === kind);
}

/**
 * Everything on a leaf that is ours for this shortcut, in the order in which it is made. Also an object whose peer
 * label somebody took away: our own labels decide.
 */
export function ownObjects(side: KnownSide, identity: Identity): readonly FoundObject[] {
  return writtenObjects(side).filter(({ object }) => isOurs(object, identity));
}

/** The gateway of ours on a leaf that is not being deleted: there is one, but for moments of change. */
export function ownGateway(side: KnownSide, identity: Identity): FoundObject | undefined {
  return ownObjects(side, identity).find(
    ({ ref, object }) =>
      (ref.kind === GATEWAY_SERVER || ref.kind === GATEWAY_CLIENT) &&
      object.metadata.deletionTimestamp === undefined,
  );
}

/**
 * The key Secret of the current gateway of ours, to be read before planning; undefined while there is no such gateway.
 * Its name can be told before Liqo says so in `status.secretRef` (NETWORK.md 15). Read it after `side` was observed,
 * and never remember that it was absent: a Secret that is missing although Liqo has named it is lost.
 */
export function secretToRead(
  side: KnownSide,
  identity: Identity,
): { readonly ref: ObjectRef; readonly gatewayUID: string } | undefined {
  const gateway = ownGateway(side, identity);
  const namespace = gateway?.ref.namespace;
  if (gateway === undefined || namespace === undefined) return undefined;
  const wg = findWgGateway(gateway.object, side.wgGateways);
  const name = textAt(wg, 'status', 'secretRef', 'name') ?? gatewayChildName(gateway.ref.name);
  return { ref: { kind: SECRET, namespace, name }, gatewayUID: uidOf(gateway.object) };
}
