import type { ResourceKind } from '../model/kube-object.ts';

const NETWORKING = 'networking.liqo.io/v1beta1';

function networking(kind: string, plural: string): ResourceKind {
  return { apiVersion: NETWORKING, kind, plural, namespaced: true };
}

/** What self knows of the peer's CIDRs, and how it remaps them (NETWORK.md 3.1). */
export const CONFIGURATION: ResourceKind = networking('Configuration', 'configurations');

/** The listening end of a tunnel (NETWORK.md 3.1). */
export const GATEWAY_SERVER: ResourceKind = networking('GatewayServer', 'gatewayservers');

/** The dialling end of a tunnel (NETWORK.md 3.1). */
export const GATEWAY_CLIENT: ResourceKind = networking('GatewayClient', 'gatewayclients');

/** The peer's WireGuard public key, as stored on self. The odd plural is Liqo's (NETWORK.md 3.1). */
export const PUBLIC_KEY: ResourceKind = networking('PublicKey', 'publickeies');

/** State of the tunnel as one gateway pod sees it; read only for us (NETWORK.md 3.2). */
export const CONNECTION: ResourceKind = networking('Connection', 'connections');

/** What Liqo derives from a GatewayServer (NETWORK.md 3.3). Read only for us. */
export const WG_GATEWAY_SERVER: ResourceKind = networking('WgGatewayServer', 'wggatewayservers');

/** What Liqo derives from a GatewayClient (NETWORK.md 3.3). Read only for us. */
export const WG_GATEWAY_CLIENT: ResourceKind = networking('WgGatewayClient', 'wggatewayclients');

/** One prefix and what Liqo's IPAM made of it (NETWORK.md 2.4 and 3.3). Read only for us. */
export const NETWORK: ResourceKind = {
  apiVersion: 'ipam.liqo.io/v1alpha1',
  kind: 'Network',
  plural: 'networks',
  namespaced: true,
};

/** Liqo's own summary of one peer (NETWORK.md 8). Read only for us. */
export const FOREIGN_CLUSTER: ResourceKind = {
  apiVersion: 'core.liqo.io/v1beta1',
  kind: 'ForeignCluster',
  plural: 'foreignclusters',
  namespaced: false,
};
