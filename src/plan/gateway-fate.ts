import { isDeepStrictEqual } from 'node:util';
import { gatewayUIDOf } from '../liqo/connection.ts';
import { findWgGateway } from '../liqo/endpoint.ts';
import { fieldAt, numberAt, textAt, textsAt } from '../liqo/read-field.ts';
import type { TemplateRef } from '../liqo/objects.ts';
import { readRemote } from '../liqo/remap.ts';
import { supports } from '../liqo/version.ts';
import { type KubeObject, uidOf } from '../model/kube-object.ts';
import {
  desiredClient,
  desiredConfiguration,
  desiredServer,
  wantedTemplate,
} from './desired-objects.ts';
import { isUnchangedWish } from './keep-object.ts';
import { isOurs } from './ownership.ts';
import { fittingGateway, type PairSide } from './pair-side.ts';

/**
 * True when the peer's CIDRs changed and this version of Liqo does not look at a changed Configuration: it has to be
 * made again, without a gateway (NETWORK.md 12). A value that somebody else changed is simply put back: Liqo did not
 * look at that change either.
 */
export function mustRenewConfiguration(here: PairSide): boolean {
  const { stock, side, remote } = here;
  const { configuration } = stock;
  if (configuration === undefined || remote.kind !== 'known') return false;
  return (
    !supports(side.liqoVersion, 'remoteChangePropagates') &&
    !isDeepStrictEqual(readRemote(configuration), remote.cidrs) &&
    !isUnchangedWish(configuration, desiredConfiguration(here, remote.cidrs))
  );
}

/**
 * True when Liqo has named the gateway's key Secret and it is gone. Liqo does not make it again, and a running gateway
 * would not read a new one: only a new gateway helps (observed/README.md, Keys).
 */
function hasLostKey({ side }: PairSide, gateway: KubeObject): boolean {
  if (side.keySecret.kind !== 'absent') return false;
  const wg = findWgGateway(gateway, side.wgGateways);
  return textAt(wg, 'status', 'secretRef', 'name') !== undefined;
}

/**
 * The template that a gateway of ours was made from, where the wish names another one by now; else undefined. What
 * somebody else changed is no such thing: that is put back.
 */
function formerTemplate(here: PairSide, gateway: KubeObject): TemplateRef | undefined {
  if (!isOurs(gateway, here.identity)) return undefined;
  const field = here.role === 'server' ? 'serverTemplateRef' : 'clientTemplateRef';
  const found = fieldAt(gateway, 'spec', field);
  const name = textAt(found, 'name');
  const namespace = textAt(found, 'namespace');
  if (name === undefined || namespace === undefined) return undefined;
  const wanted = wantedTemplate(here);
  const isSame = name === wanted.name && namespace === wanted.namespace;
  if (isSame || isUnchangedWish(gateway, desiredAsItDials(here, gateway))) return undefined;
  return { name, namespace };
}

/**
 * The template that a gateway keeps although the wish names another one. In place Liqo would keep what the former one
 * gave, without a word, where there is no such template (NETWORK.md 14.6); made again, the gateway would cut a tunnel for
 * what may be a slip of the pen. So it stays until a person deletes it; unless Liqo has made nothing of it yet.
 */
export function keptTemplate(here: PairSide, gateway: KubeObject): TemplateRef | undefined {
  const { wgGateways, connections } = here.side;
  const isRunning =
    findWgGateway(gateway, wgGateways) !== undefined ||
    connections.some((connection) => gatewayUIDOf(connection) === uidOf(gateway));
  return isRunning ? formerTemplate(here, gateway) : undefined;
}

function desiredAsItDials(here: PairSide, gateway: KubeObject): KubeObject {
  if (here.role === 'server') return desiredServer(here);
  const endpoint = fieldAt(gateway, 'spec', 'endpoint');
  return desiredClient(here, {
    addresses: textsAt(endpoint, 'addresses'),
    port: numberAt(endpoint, 'port') ?? 0,
    protocol: textAt(endpoint, 'protocol') ?? '',
  });
}

/** Why the gateway that fits the role has to be made again, as a sentence; undefined when it may stay. */
export function findDoom(here: PairSide): string | undefined {
  const gateway = fittingGateway(here);
  if (gateway === undefined) return undefined;
  if (mustRenewConfiguration(here)) {
    return 'The Configuration has to be made again, and must not be missing under a gateway.';
  }
  if (hasLostKey(here, gateway)) return 'Its key Secret is lost.';
  const isOutdated =
    formerTemplate(here, gateway) !== undefined && keptTemplate(here, gateway) === undefined;
  return isOutdated ? 'It is to be made from another template.' : undefined;
}

/** The gateway that fits the role and stays. */
export function standingGateway(here: PairSide): KubeObject | undefined {
  const gateway = fittingGateway(here);
  const isGoing = gateway?.metadata.deletionTimestamp !== undefined || findDoom(here) !== undefined;
  return isGoing ? undefined : gateway;
}
