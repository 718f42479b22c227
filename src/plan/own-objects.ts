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

/** Objects of one kind: those found by the peer's label, then those that only sit on a name that we would use. */
export function objectsOfKind(side: KnownSide, kind: ResourceKind): readonly FoundObject[] {
  const list = WRITTEN.find(([written]) => written === kind)?.[1];
  const labelled = list === undefined ? [] : side[list];
  const strangers = side.strangers.filter((object) => object.kind === kind.kind);
  return [...labelled, ...strangers].map((object) => ({ ref: refOf(kind, object), object }));
}

/**
 * Everything on a leaf that is ours for this shortcut, in the order in which it is made. Also an object whose peer
 * label somebody took away: our own labels decide.
 */
export function ownObjects(side: KnownSide, identity: Identity): readonly FoundObject[] {
  return WRITTEN.flatMap(([kind]) => objectsOfKind(side, kind)).filter(({ object }) =>
    isOurs(object, identity),
  );
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
