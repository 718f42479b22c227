import type { ResourceKind } from './kube-object.ts';

/** API version of our own kinds (DESIGN section 2). */
export const API_VERSION = 'shortcuts.liqo.io/v1alpha1';

export const SHORTCUT: ResourceKind = {
  apiVersion: API_VERSION,
  kind: 'Shortcut',
  plural: 'shortcuts',
  namespaced: true,
};

export const LEAF_CLUSTER: ResourceKind = {
  apiVersion: API_VERSION,
  kind: 'LeafCluster',
  plural: 'leafclusters',
  namespaced: true,
};

export const NAMESPACE: ResourceKind = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

export const SECRET: ResourceKind = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

export const CONFIG_MAP: ResourceKind = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

export const EVENT: ResourceKind = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

export const CUSTOM_RESOURCE_DEFINITION: ResourceKind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

/** Name of the definition that brings the kind Shortcut. */
export const SHORTCUT_DEFINITION = 'shortcuts.shortcuts.liqo.io';
