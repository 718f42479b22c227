import type { Endpoint } from '../liqo/endpoint.ts';
import {
  configuration,
  gatewayClient,
  gatewayServer,
  type Place,
  publicKey,
  type TemplateRef,
  tenantNamespace,
} from '../liqo/objects.ts';
import type { ClusterCIDRs } from '../liqo/own-cidrs.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { withOwnership } from './ownership.ts';
import type { PairSide } from './pair-side.ts';
import { DEFAULT_MTU, DEFAULT_PORT, serviceTypeOf } from './server-settings.ts';

/** An object keeps the name that it has (NETWORK.md 14.4); a new one is named after the peer. */
function placeFor({ tenantName, peer }: PairSide, current: KubeObject | undefined): Place {
  const peerID = peer.clusterID;
  return { namespace: tenantName, name: current?.metadata.name ?? peerID, peerID };
}

function owned({ identity }: PairSide, object: KubeObject): KubeObject {
  return withOwnership(object, identity);
}

/** The tenant namespace, for a side on which we made it. */
export function desiredTenant(here: PairSide): KubeObject {
  const { tenantName, peer, side } = here;
  return owned(here, tenantNamespace(tenantName, peer.clusterID, side.liqoVersion));
}

/** What the side has to know of the peer's CIDRs. */
export function desiredConfiguration(here: PairSide, remote: ClusterCIDRs): KubeObject {
  return owned(here, configuration(placeFor(here, here.stock.configuration), remote));
}

/** The template of the side's gateway: what the wish names, else that of the side's own Liqo (NETWORK.md 14.6). */
export function wantedTemplate({ role, shortcut, side }: PairSide): TemplateRef {
  const { serverTemplate, clientTemplate } = shortcut.spec.gateway ?? {};
  const asked = role === 'server' ? serverTemplate : clientTemplate;
  return {
    name: asked?.name ?? `wireguard-${role}`,
    namespace: asked?.namespace ?? side.liqoNamespace,
  };
}

/** The listening gateway. */
export function desiredServer(here: PairSide, template = wantedTemplate(here)): KubeObject {
  const { shortcut, side, stock } = here;
  const { mtu, port, nodePort, loadBalancerIP, serviceAnnotations } = shortcut.spec.gateway ?? {};
  const settings = {
    mtu: mtu ?? DEFAULT_MTU,
    port: port ?? DEFAULT_PORT,
    serviceType: serviceTypeOf(shortcut.spec, side),
    nodePort,
    loadBalancerIP,
    serviceAnnotations,
    template,
  };
  return owned(here, gatewayServer(placeFor(here, stock.server), settings));
}

/** The dialling gateway. */
export function desiredClient(
  here: PairSide,
  endpoint: Endpoint,
  template = wantedTemplate(here),
): KubeObject {
  const { shortcut, stock } = here;
  const mtu = shortcut.spec.gateway?.mtu ?? DEFAULT_MTU;
  const settings = { mtu, endpoint, template };
  return owned(here, gatewayClient(placeFor(here, stock.client), settings));
}

/** The peer's public key, for the side's own gateway. */
export function desiredPublicKey(here: PairSide, key: string, gateway: KubeObject): KubeObject {
  return owned(here, publicKey(placeFor(here, here.stock.publicKey), key, gateway));
}
