import type { PrinterColumn, Resource } from './resource.ts';
import { splitApiVersion } from './resource.ts';
import { ANYTHING, OBJECT_META, type Schema } from '../schema/schema.ts';

function listMap(keys: readonly string[], items: Schema = ANYTHING): Schema {
  return {
    type: 'array',
    items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
  };
}

function open(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, 'x-kubernetes-preserve-unknown-fields': true };
}

const CONDITIONS = open({ conditions: listMap(['type']) });
const CONTAINERS = listMap(['name'], open({ env: listMap(['name']) }));
const POD_SPEC = open({
  containers: CONTAINERS,
  initContainers: CONTAINERS,
  volumes: listMap(['name']),
  imagePullSecrets: listMap(['name']),
});
const TEXTS: Schema = { type: 'object', additionalProperties: { type: 'string' } };
const BYTES: Schema = {
  type: 'object',
  additionalProperties: { type: 'string' },
};

interface Builtin {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly clusterScoped?: true;
  readonly status?: true;
  readonly generation?: true;
  readonly nameRule?: 'label' | 'path';
  /** What of the kind's own members needs to be described; the rest is kept as it comes. */
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly columns?: readonly PrinterColumn[];
}

function column(name: string, jsonPath: string, type = 'string'): PrinterColumn {
  return { name, type, jsonPath };
}

const RBAC = 'rbac.authorization.k8s.io/v1';

const BUILTINS: readonly Builtin[] = [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    clusterScoped: true,
    status: true,
    nameRule: 'label',
    columns: [column('Status', '.status.phase')],
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    plural: 'secrets',
    properties: { data: BYTES, stringData: TEXTS, type: { type: 'string' } },
    columns: [column('Type', '.type')],
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    properties: { data: TEXTS, binaryData: BYTES, immutable: { type: 'boolean' } },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    status: true,
    nameRule: 'label',
    properties: { spec: open({ ports: listMap(['port', 'protocol']) }), status: CONDITIONS },
    columns: [column('Type', '.spec.type'), column('Cluster-IP', '.spec.clusterIP')],
  },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
  },
  {
    apiVersion: 'v1',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    columns: [
      column('Type', '.type'),
      column('Reason', '.reason'),
      column('Object', '.involvedObject.name'),
      column('Message', '.message'),
    ],
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    status: true,
    properties: { spec: POD_SPEC, status: CONDITIONS },
    columns: [column('Status', '.status.phase'), column('IP', '.status.podIP')],
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    clusterScoped: true,
    status: true,
    properties: { status: CONDITIONS },
    columns: [column('Version', '.status.nodeInfo.kubeletVersion')],
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    status: true,
    generation: true,
    properties: {
      spec: open({ template: open({ metadata: OBJECT_META, spec: POD_SPEC }) }),
      status: CONDITIONS,
    },
    columns: [
      column('Ready', '.status.readyReplicas', 'integer'),
      column('Available', '.status.availableReplicas', 'integer'),
    ],
  },
  {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    plural: 'leases',
    columns: [column('Holder', '.spec.holderIdentity')],
  },
  { apiVersion: RBAC, kind: 'Role', plural: 'roles', nameRule: 'path' },
  {
    apiVersion: RBAC,
    kind: 'ClusterRole',
    plural: 'clusterroles',
    clusterScoped: true,
    nameRule: 'path',
  },
  {
    apiVersion: RBAC,
    kind: 'RoleBinding',
    plural: 'rolebindings',
    nameRule: 'path',
    columns: [column('Role', '.roleRef.name')],
  },
  {
    apiVersion: RBAC,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    clusterScoped: true,
    nameRule: 'path',
    columns: [column('Role', '.roleRef.name')],
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    clusterScoped: true,
    status: true,
    generation: true,
    properties: { status: CONDITIONS },
  },
];

const TYPE_META = { apiVersion: { type: 'string' }, kind: { type: 'string' } } as const;

function resourceOf(builtin: Builtin): Resource {
  const { apiVersion, kind, plural, properties = {} } = builtin;
  return {
    ...splitApiVersion(apiVersion),
    apiVersion,
    kind,
    plural,
    namespaced: builtin.clusterScoped !== true,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: builtin.shortNames ?? [],
    categories: [],
    hasStatus: builtin.status === true,
    tracksGeneration: builtin.generation === true,
    custom: false,
    nameRule: builtin.nameRule ?? 'subdomain',
    schema: open({ ...TYPE_META, metadata: OBJECT_META, ...properties }),
    columns: builtin.columns ?? [],
  };
}

/** The kinds of Kubernetes' own that the embedded world needs; validated loosely. */
export const BUILTIN_RESOURCES: readonly Resource[] = BUILTINS.map(resourceOf);
