import type { ResourceKind } from '../../model/kube-object.ts';

export {
  CONFIGURATION,
  CONNECTION,
  FOREIGN_CLUSTER,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  NETWORK,
  PUBLIC_KEY,
  WG_GATEWAY_CLIENT,
  WG_GATEWAY_SERVER,
} from '../../liqo/kinds.ts';

function networking(kind: string, plural: string): ResourceKind {
  return { apiVersion: 'networking.liqo.io/v1beta1', kind, plural, namespaced: true };
}

/** The kinds that only Liqo and Kubernetes themselves write (NETWORK.md section 3.3); the product's are re-exported. */
export const WG_SERVER_TEMPLATE = networking('WgGatewayServerTemplate', 'wggatewayservertemplates');
export const WG_CLIENT_TEMPLATE = networking('WgGatewayClientTemplate', 'wggatewayclienttemplates');
export const INTERNAL_FABRIC = networking('InternalFabric', 'internalfabrics');
export const GENEVE_TUNNEL = networking('GeneveTunnel', 'genevetunnels');
export const ROUTE_CONFIGURATION = networking('RouteConfiguration', 'routeconfigurations');
export const FIREWALL_CONFIGURATION = networking('FirewallConfiguration', 'firewallconfigurations');
export const INTERNAL_NODE: ResourceKind = {
  ...networking('InternalNode', 'internalnodes'),
  namespaced: false,
};
export const DEPLOYMENT: ResourceKind = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
export const POD: ResourceKind = {
  apiVersion: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
};
export const SERVICE: ResourceKind = { ...POD, kind: 'Service', plural: 'services' };
export const SERVICE_ACCOUNT: ResourceKind = {
  ...POD,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
};
export const NODE: ResourceKind = { ...POD, kind: 'Node', plural: 'nodes', namespaced: false };
export const CLUSTER_ROLE_BINDING: ResourceKind = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
};
