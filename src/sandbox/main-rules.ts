import { SHORTCUT_DEFINITION } from '../model/kinds.ts';
import { DEFAULT_NAMESPACE } from '../model/names.ts';
import type { Grants } from './rbac-objects.ts';

/** The least rights that the service needs on the main cluster: its own kinds, Secrets, events and lease in one namespace. */
export const MAIN_GRANTS: Grants = {
  cluster: [
    {
      apiGroups: [''],
      resources: ['namespaces'],
      resourceNames: [DEFAULT_NAMESPACE],
      verbs: ['get'],
    },
    // Tells the deletion of a Shortcut from that of all of them.
    {
      apiGroups: ['apiextensions.k8s.io'],
      resources: ['customresourcedefinitions'],
      resourceNames: [SHORTCUT_DEFINITION],
      verbs: ['get'],
    },
  ],
  namespaces: {
    [DEFAULT_NAMESPACE]: [
      {
        apiGroups: ['shortcuts.liqo.io'],
        resources: ['shortcuts', 'leafclusters'],
        verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
      },
      {
        apiGroups: ['shortcuts.liqo.io'],
        resources: ['shortcuts/status', 'leafclusters/status'],
        verbs: ['get', 'update', 'patch'],
      },
      { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: ['liqo-shortcuts'],
        verbs: ['get', 'patch'],
      },
      // A name cannot restrict this one: Kubernetes does not know it yet when it asks.
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
    ],
    liqo: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }],
  },
};
