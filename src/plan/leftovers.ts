import { gatewayUIDOf } from '../liqo/connection.ts';
import {
  CONFIGURATION,
  CONNECTION,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  NETWORK,
  PUBLIC_KEY,
  WG_GATEWAY_CLIENT,
  WG_GATEWAY_SERVER,
} from '../liqo/kinds.ts';
import { type KubeObject, type ResourceKind, refOf } from '../model/kube-object.ts';
import type { KnownSide } from './observation.ts';
import type { FoundObject } from './own-objects.ts';

const GATEWAY_KINDS: readonly string[] = [GATEWAY_SERVER.kind, GATEWAY_CLIENT.kind];

function uidsOf(objects: readonly KubeObject[]): ReadonlySet<string | undefined> {
  return new Set(objects.map(({ metadata }) => metadata.uid));
}

/** UIDs of the owners of these kinds. */
function ownerUIDs(object: KubeObject, kinds: readonly string[]): readonly string[] {
  return (object.metadata.ownerReferences ?? [])
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ uid }) => uid);
}

/** UIDs of the gateways that own a PublicKey. */
export function gatewayOwners(publicKey: KubeObject): readonly string[] {
  return ownerUIDs(publicKey, GATEWAY_KINDS);
}

/**
 * What gateways that are gone have left, and what is on its way out: WgGateways, Connections, PublicKeys. A gateway
 * made while these are there would take them for its own, and lose them with the old one's (NETWORK.md 9.3).
 */
export function gatewayLeftovers(side: KnownSide): readonly FoundObject[] {
  const living = uidsOf([...side.gatewayServers, ...side.gatewayClients, ...side.strangers]);
  const isLeft = (owners: readonly (string | undefined)[]): boolean =>
    owners.length > 0 && !owners.some((uid) => living.has(uid));
  return [
    ...side.wgGateways
      .filter((object) => isLeft(ownerUIDs(object, GATEWAY_KINDS)))
      .map((object) => found(wgKind(object), object)),
    ...side.connections
      .filter((object) => isLeft([gatewayUIDOf(object)]))
      .map((object) => found(CONNECTION, object)),
    ...side.publicKeys
      .filter((object) => isLeft(gatewayOwners(object)))
      .map((object) => found(PUBLIC_KEY, object)),
  ];
}

/** Networks of Configurations that are gone: a Configuration made now would take over their remap (NETWORK.md 9.3). */
export function configurationLeftovers(side: KnownSide): readonly FoundObject[] {
  const living = uidsOf([...side.configurations, ...side.strangers]);
  return side.networks
    .filter((object) => {
      const owners = ownerUIDs(object, [CONFIGURATION.kind]);
      return owners.length > 0 && !owners.some((uid) => living.has(uid));
    })
    .map((object) => found(NETWORK, object));
}

function wgKind(object: KubeObject): ResourceKind {
  return object.kind === WG_GATEWAY_SERVER.kind ? WG_GATEWAY_SERVER : WG_GATEWAY_CLIENT;
}

function found(kind: ResourceKind, object: KubeObject): FoundObject {
  return { ref: refOf(kind, object), object };
}
