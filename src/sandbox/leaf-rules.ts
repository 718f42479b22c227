import type { Grants } from './rbac-objects.ts';

/**
 * The least rights that the service needs on a leaf: what was enough for a reconciler that watches and applies
 * (liqo/observed/rbac), the deletion of namespaces that it made, and touching a WgGateway to have its Secret made again.
 */
export const LEAF_GRANTS: Grants = {
  cluster: [
    {
      apiGroups: [''],
      resources: ['namespaces'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
    {
      apiGroups: ['core.liqo.io'],
      resources: ['foreignclusters'],
      verbs: ['get', 'list', 'watch'],
    },
    {
      apiGroups: ['networking.liqo.io'],
      resources: ['configurations', 'gatewayservers', 'gatewayclients', 'publickeies'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    {
      apiGroups: ['networking.liqo.io'],
      resources: ['connections'],
      verbs: ['get', 'list', 'watch'],
    },
    {
      apiGroups: ['networking.liqo.io'],
      resources: ['wggatewayservers', 'wggatewayclients'],
      verbs: ['get', 'list', 'watch', 'patch'],
    },
    { apiGroups: ['ipam.liqo.io'], resources: ['networks'], verbs: ['get', 'list', 'watch'] },
  ],
  namespaces: {
    liqo: [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] },
      {
        apiGroups: ['networking.liqo.io'],
        resources: ['wggatewayservertemplates', 'wggatewayclienttemplates'],
        verbs: ['get', 'list'],
      },
    ],
  },
};
