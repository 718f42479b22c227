import type { JsonObject } from '../json.ts';
import type { Resource } from '../store/resource.ts';

const INFO = { title: 'Kubernetes', version: 'v1.35.4' } as const;

/** `/openapi/v2`: there, and empty; what is there now asks for version 3. */
export const OPENAPI_V2: JsonObject = { swagger: '2.0', info: INFO, paths: {}, definitions: {} };

function rootOf({ group, version }: Resource): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** `/openapi/v3`: where the documents of the single versions are. */
export function openapiIndex(resources: readonly Resource[]): JsonObject {
  const roots = [...new Set(resources.map(rootOf))];
  return {
    paths: Object.fromEntries(
      roots.map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}` }]),
    ),
  };
}

function schemaName({ group, version, kind }: Resource): string {
  const reversed = group === '' ? 'io.k8s.api.core' : group.split('.').reverse().join('.');
  return `${reversed}.${version}.${kind}`;
}

function groupVersionKind({ group, version, kind }: Resource): JsonObject {
  return { group, version, kind };
}

function queryParameter(name: string, type: string): JsonObject {
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}

/** kubectl looks here whether writes can be dry runs and whether fields are validated by the server. */
const WRITE_PARAMETERS = [
  queryParameter('dryRun', 'string'),
  queryParameter('fieldManager', 'string'),
  queryParameter('fieldValidation', 'string'),
  queryParameter('force', 'boolean'),
];

function pathOf(resource: Resource): readonly [string, JsonObject] {
  const { namespaced, plural } = resource;
  const scope = namespaced ? 'namespaces/{namespace}/' : '';
  const operation = (action: string): JsonObject => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(resource),
    parameters: WRITE_PARAMETERS,
    responses: {},
  });
  return [
    `/${rootOf(resource)}/${scope}${plural}/{name}`,
    { patch: operation('patch'), put: operation('put') },
  ];
}

/** `/openapi/v3/<group and version>`: schemas and write parameters of its kinds, or undefined when there are none. */
export function openapiDocument(
  resources: readonly Resource[],
  root: string,
): JsonObject | undefined {
  const here = resources.filter((resource) => rootOf(resource) === root);
  if (here.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: Object.fromEntries(here.map(pathOf)),
    components: {
      schemas: Object.fromEntries(
        here.map((resource) => [
          schemaName(resource),
          {
            ...resource.schema,
            'x-kubernetes-group-version-kind': [groupVersionKind(resource)],
          },
        ]),
      ),
    },
  };
}
