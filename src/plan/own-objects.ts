import { findWgGateway } from '../liqo/endpoint.ts';
import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../liqo/kinds.ts';
import { gatewayChildName, LABEL_REMOTE_CLUSTER_ID } from '../liqo/labels.ts';
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
export function writtenObjects(side: KnownSide): readonly FoundObject[] {
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

/** A key Secret, and the gateway whose it should be; undefined: there is no gateway, and there should be no Secret. */
export interface SecretToRead {
  readonly ref: ObjectRef;
  readonly gatewayUID: string | undefined;
}

/**
 * The key Secret to be read before planning. With a gateway of ours: its own, whose name can be told before Liqo says
 * so in `status.secretRef` (NETWORK.md 15). Without any gateway, in a tenant namespace: what an earlier one may have
 * left, since a gateway made while it is there would take it over and lose it (NETWORK.md 9.3). Read it after `side`
 * was observed.
 */
export function secretToRead(side: KnownSide, identity: Identity): SecretToRead | undefined {
  const gateway = ownGateway(side, identity);
  if (gateway?.ref.namespace === undefined) return leftSecret(side);
  const { namespace, name: gatewayName } = gateway.ref;
  const wg = findWgGateway(gateway.object, side.wgGateways);
  const name = textAt(wg, 'status', 'secretRef', 'name') ?? gatewayChildName(gatewayName);
  return { ref: { kind: SECRET, namespace, name }, gatewayUID: uidOf(gateway.object) };
}

function leftSecret(side: KnownSide): SecretToRead | undefined {
  const gateways = [GATEWAY_SERVER, GATEWAY_CLIENT].flatMap((kind) => objectsOfKind(side, kind));
  const [tenant] = side.tenantNamespaces;
  const peerID = tenant?.metadata.labels?.[LABEL_REMOTE_CLUSTER_ID];
  if (tenant === undefined || peerID === undefined || gateways.length > 0) return undefined;
  const ref = { kind: SECRET, namespace: tenant.metadata.name, name: gatewayChildName(peerID) };
  return { ref, gatewayUID: undefined };
}
