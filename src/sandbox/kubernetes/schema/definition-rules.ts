import type { KubeObject } from '../../../model/kube-object.ts';
import { isJsonObject, type JsonObject, listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';
import { unreadableRules } from './cel-rules.ts';
import type { FieldError } from './field-error.ts';

/** What is wrong with a CustomResourceDefinition: its name, its versions, and their schemas. */
export function definitionErrors(definition: KubeObject): readonly FieldError[] {
  const spec = objectOrEmpty(definition['spec']);
  const versions = listOrEmpty(spec['versions']).map(objectOrEmpty);
  return [
    ...nameErrors(definition.metadata.name, spec),
    ...storageErrors(versions),
    ...versions.flatMap((version, index) => versionErrors(version, index, versions.length)),
  ];
}

function nameErrors(name: string, spec: JsonObject): readonly FieldError[] {
  const plural = textOrEmpty(objectOrEmpty(spec['names'])['plural']);
  if (name === `${plural}.${textOrEmpty(spec['group'])}`) return [];
  const detail = 'must be spec.names.plural+"."+spec.group';
  return [{ type: 'FieldValueInvalid', field: 'metadata.name', value: name, detail }];
}

function storageErrors(versions: readonly JsonObject[]): readonly FieldError[] {
  const stored = versions.filter((version) => version['storage'] === true);
  if (stored.length === 1) return [];
  return [
    {
      type: 'FieldValueInvalid',
      field: 'spec.versions',
      value: versions,
      detail: 'must have exactly one version marked as storage version',
    },
    ...(stored.length > 0
      ? []
      : [
          {
            type: 'FieldValueInvalid',
            field: 'status.storedVersions',
            value: null,
            detail: 'must have at least one stored version',
          } as const,
        ]),
  ];
}

function versionErrors(version: JsonObject, index: number, count: number): readonly FieldError[] {
  const schema = objectOrEmpty(version['schema'])['openAPIV3Schema'];
  const path = `spec.versions[${index}].schema.openAPIV3Schema`;
  if (!isJsonObject(schema)) return [{ type: 'FieldValueRequired', field: path, detail: '' }];
  // The schema of an only version is told as that of all versions.
  const told = count === 1 ? 'spec.validation.openAPIV3Schema' : path;
  return [...typeErrors(schema, told), ...unreadableRules(schema, told)];
}

/** Every part of a structural schema says its type, unless it is kept as it comes. */
function typeErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const members = Object.entries(objectOrEmpty(schema['properties'])).map(
    ([name, member]) => [`${path}.properties[${name}]`, member] as const,
  );
  const inner = [
    ...members,
    [`${path}.items`, schema['items']] as const,
    [`${path}.additionalProperties`, schema['additionalProperties']] as const,
  ];
  const below = inner.flatMap(([at, part]) => (isJsonObject(part) ? typeErrors(part, at) : []));
  const isOpen =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isOpen || textOrEmpty(schema['type']) !== '') return below;
  const detail = path.includes('.properties')
    ? 'must not be empty for specified object fields'
    : 'must not be empty at the root';
  return [...below, { type: 'FieldValueRequired', field: `${path}.type`, detail }];
}
