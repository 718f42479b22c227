import type { ResourceKind } from '../../model/kube-object.ts';

const NETWORKING = 'networking.liqo.io/v1beta1';

function networking(kind: string, plural: string): ResourceKind {
  return { apiVersion: NETWORKING, kind, plural, namespaced: true };
}

/** Every kind that the simulated Liqo reads or writes (NETWORK.md section 3). */
export const CONFIGURATION = networking('Configuration', 'configurations');
export const GATEWAY_SERVER = networking('GatewayServer', 'gatewayservers');
export const GATEWAY_CLIENT = networking('GatewayClient', 'gatewayclients');
export const PUBLIC_KEY = networking('PublicKey', 'publickeies');
export const CONNECTION = networking('Connection', 'connections');
export const WG_GATEWAY_SERVER = networking('WgGatewayServer', 'wggatewayservers');
export const WG_GATEWAY_CLIENT = networking('WgGatewayClient', 'wggatewayclients');
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
export const NETWORK: ResourceKind = {
  apiVersion: 'ipam.liqo.io/v1alpha1',
  kind: 'Network',
  plural: 'networks',
  namespaced: true,
};
export const FOREIGN_CLUSTER: ResourceKind = {
  apiVersion: 'core.liqo.io/v1beta1',
  kind: 'ForeignCluster',
  plural: 'foreignclusters',
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
export const CUSTOM_RESOURCE_DEFINITION: ResourceKind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
