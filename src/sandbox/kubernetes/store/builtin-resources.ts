import { coreSchema } from '../schema/core-schemas.ts';
import { convertEvent } from '../schema/event-versions.ts';
import type { NameRule } from '../schema/metadata-validation.ts';
import { ANYTHING, OBJECT_META, type Schema } from '../schema/schema.ts';
import { BUILTIN_COLUMNS } from './builtin-columns.ts';
import { type PrinterColumn, type Resource, splitApiVersion } from './resource.ts';

interface Builtin {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly clusterScoped?: true;
  readonly status?: true;
  readonly generation?: true;
  readonly nameRule?: NameRule;
  /** Fields to select by, beside name and namespace. */
  readonly fields?: readonly string[];
  /** What a deletion shows: usually a `Status`, of some kinds the object. */
  readonly showsDeleted?: true;
  /** An update creates what does not exist. */
  readonly updateCreates?: true;
  readonly noDeleteCollection?: true;
  /** The other version in which the same objects are known. */
  readonly storedAs?: Resource['storedAs'];
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
    fields: ['status.phase'],
    noDeleteCollection: true,
  },
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', fields: ['type'] },
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
  {
    apiVersion: 'v1',
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    status: true,
    nameRule: 'dns1035',
    fields: ['spec.clusterIP', 'spec.type'],
    showsDeleted: true,
  },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    showsDeleted: true,
  },
  {
    apiVersion: 'v1',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    fields: [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
    updateCreates: true,
  },
  {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    storedAs: { storage: 'events', apiVersion: 'v1' },
    fields: [
      'regarding.kind',
      'regarding.namespace',
      'regarding.name',
      'regarding.uid',
      'regarding.apiVersion',
      'regarding.resourceVersion',
      'regarding.fieldPath',
      'reason',
      'reportingController',
      'type',
    ],
    updateCreates: true,
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    status: true,
    fields: ['spec.nodeName', 'status.phase'],
    showsDeleted: true,
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    clusterScoped: true,
    status: true,
    fields: ['spec.unschedulable'],
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    status: true,
    generation: true,
  },
  {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    plural: 'leases',
    updateCreates: true,
  },
  {
    apiVersion: RBAC,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    clusterScoped: true,
    nameRule: 'path',
    updateCreates: true,
  },
  {
    apiVersion: RBAC,
    kind: 'ClusterRole',
    plural: 'clusterroles',
    clusterScoped: true,
    nameRule: 'path',
    updateCreates: true,
  },
  {
    apiVersion: RBAC,
    kind: 'RoleBinding',
    plural: 'rolebindings',
    nameRule: 'path',
    updateCreates: true,
  },
  { apiVersion: RBAC, kind: 'Role', plural: 'roles', nameRule: 'path', updateCreates: true },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    clusterScoped: true,
    status: true,
    generation: true,
    showsDeleted: true,
  },
];

/** A definition is not described by a schema here: what it says is checked by rules (definition-rules.ts). */
const DEFINITION: Schema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: OBJECT_META,
    spec: ANYTHING,
    status: {
      'x-kubernetes-preserve-unknown-fields': true,
      properties: {
        conditions: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
          'x-kubernetes-patch-strategy': 'merge',
          'x-kubernetes-patch-merge-key': 'type',
        },
      },
    },
  },
};

function schemaOf(apiVersion: string, kind: string): Schema {
  if (kind === 'CustomResourceDefinition') return DEFINITION;
  const { group, version } = splitApiVersion(apiVersion);
  const family = group === '' ? 'core' : (group.split('.')[0] ?? '');
  return coreSchema(`io.k8s.api.${family}.${version}.${kind}`);
}

/** Columns read an object in the version in which it is stored. */
function columnsOf({ kind, storedAs }: Builtin): readonly PrinterColumn[] {
  const columns = BUILTIN_COLUMNS[kind] ?? [];
  if (storedAs === undefined) return columns;
  return columns.map(({ show, ...column }) => ({
    ...column,
    ...(show && { show: (object, now) => show(convertEvent(object, storedAs.apiVersion), now) }),
  }));
}

function resourceOf(builtin: Builtin): Resource {
  const { apiVersion, kind, plural, storedAs } = builtin;
  return {
    ...splitApiVersion(apiVersion),
    apiVersion,
    kind,
    plural,
    namespaced: builtin.clusterScoped !== true,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: builtin.shortNames ?? [],
    categories: builtin.categories ?? [],
    hasStatus: builtin.status === true,
    tracksGeneration: builtin.generation === true,
    custom: false,
    nameRule: builtin.nameRule ?? 'subdomain',
    ...(storedAs !== undefined && { storedAs }),
    schema: schemaOf(apiVersion, kind),
    columns: columnsOf(builtin),
    fields: builtin.fields ?? [],
    showsDeleted: builtin.showsDeleted === true,
    updateCreates: builtin.updateCreates === true,
    deletesCollections: builtin.noDeleteCollection !== true,
  };
}

/** The kinds of Kubernetes' own that the embedded world needs. */
export const BUILTIN_RESOURCES: readonly Resource[] = BUILTINS.map(resourceOf);
