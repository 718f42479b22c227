import { SHORTCUT_DEFINITION } from '../model/kinds.ts';
import { DEFAULT_NAMESPACE } from '../model/names.ts';
import { HINT_NAME } from '../reconcile/hint-relay.ts';
import type { Grants } from './rbac-objects.ts';

/** The least rights that the service needs on the main cluster: exactly the requests of its whole life. */
export const MAIN_GRANTS: Grants = {
  cluster: [
    // Its UID names the installation where the main cluster has no Liqo, and its end takes every Shortcut with it. A
    // Role within it would be gone when that has to be told.
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
        verbs: ['list', 'watch', 'create', 'patch', 'delete'],
      },
      {
        apiGroups: ['shortcuts.liqo.io'],
        resources: ['shortcuts/status', 'leafclusters/status'],
        verbs: ['patch'],
      },
      // Of all Secrets there: which ones hold kubeconfigs is said by the LeafClusters.
      { apiGroups: [''], resources: ['secrets'], verbs: ['list', 'watch'] },
      // Brings a webhook that reached a process that does not lead to the one that does.
      { apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch', 'create'] },
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: [HINT_NAME],
        verbs: ['patch'],
      },
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
    // Liqo's ID of the main cluster names the installation.
    liqo: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
  },
};
