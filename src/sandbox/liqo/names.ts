/** Labels, finalizers and names as Liqo writes them (NETWORK.md section 2.1 and the recordings). */

export const LIQO_NAMESPACE = 'liqo';

export const LABEL_REMOTE_ID = 'liqo.io/remote-cluster-id';
export const LABEL_GATEWAY_RESOURCE = 'networking.liqo.io/gateway-resource';
export const LABEL_GATEWAY_NAME = 'networking.liqo.io/gateway-name';
export const LABEL_GATEWAY_NAMESPACE = 'networking.liqo.io/gateway-namespace';
export const LABEL_COMPONENT = 'networking.liqo.io/component';
export const LABEL_ACTIVE = 'networking.liqo.io/active';
export const LABEL_CONFIGURED = 'configuration.liqo.io/configured';
export const LABEL_CIDR_TYPE = 'configuration.liqo.io/cidr-type';
export const LABEL_NETWORK_TYPE = 'ipam.liqo.io/network-type';

export const LABEL_ROUTE_CATEGORY = 'networking.liqo.io/route-category';
export const LABEL_ROUTE_SUBCATEGORY = 'networking.liqo.io/route-subcategory';
export const LABEL_ROUTE_UNIQUE = 'networking.liqo.io/route-unique';
export const LABEL_FIREWALL_CATEGORY = 'networking.liqo.io/firewall-category';
export const LABEL_FIREWALL_SUBCATEGORY = 'networking.liqo.io/firewall-subcategory';
export const LABEL_FIREWALL_UNIQUE = 'networking.liqo.io/firewall-unique';

/** What the controllers put on everything that they create (the chart's default global label). */
export const MANAGED = { 'liqo.io/managed': 'true' } as const;

export const FINALIZER_NETWORK = 'network.ipam.liqo.io/finalizer';
export const FINALIZER_CLUSTER_ROLE_BINDING = 'networking.liqo.io/clusterrolebinding';
export const FINALIZER_FABRIC = 'networking.liqo.io/internal-fabric-geneve-tunnel-finalizer';
export const FINALIZER_INTERNAL_NODE = 'internalnodes-route.liqo.io/finalizer';

/** `10.200.0.0/16` as it appears inside names: `10-200-0-0-16`. */
export function escapeCIDR(cidr: string): string {
  return cidr.replaceAll(/[./]/g, '-');
}

/** Secret, Deployment, Service and Connection of a gateway. */
export function gatewayObjectName(gateway: string): string {
  return `gw-${gateway}`;
}
