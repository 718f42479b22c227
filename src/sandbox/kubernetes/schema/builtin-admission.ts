import type { KubeObject } from '../../../model/kube-object.ts';
import { unreadableRules } from './cel-rules.ts';
import type { FieldError } from './field-error.ts';
import { listOrEmpty, objectOrEmpty, textOrEmpty, without } from '../json.ts';
import type { Resource } from '../store/resource.ts';

/** What the API server itself adds to objects of its own kinds when they are created or changed. */
export function admitBuiltin(resource: Resource, object: KubeObject, now: string): KubeObject {
  if (resource.custom) return object;
  switch (resource.kind) {
    case 'Namespace':
      return admitNamespace(object);
    case 'Secret':
      return admitSecret(object);
    case 'CustomResourceDefinition':
      return admitDefinition(object, now);
    default:
      return object;
  }
}

function admitNamespace(namespace: KubeObject): KubeObject {
  const { metadata } = namespace;
  const labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  const status = objectOrEmpty(namespace['status']);
  const phase = metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating';
  return {
    ...namespace,
    metadata: { ...metadata, labels },
    spec: { finalizers: ['kubernetes'], ...objectOrEmpty(namespace['spec']) },
    status: { ...status, phase },
  };
}

function admitSecret(secret: KubeObject): KubeObject {
  const texts = Object.entries(objectOrEmpty(secret['stringData']));
  const added = texts.map(([key, text]) => [
    key,
    Buffer.from(textOrEmpty(text)).toString('base64'),
  ]);
  const data = { ...objectOrEmpty(secret['data']), ...(Object.fromEntries(added) as object) };
  return {
    ...(without(secret, 'stringData') as unknown as KubeObject),
    ...(Object.keys(data).length > 0 && { data }),
    type: secret['type'] ?? 'Opaque',
  };
}

function admitDefinition(definition: KubeObject, now: string): KubeObject {
  const spec = objectOrEmpty(definition['spec']);
  const given = objectOrEmpty(spec['names']);
  const kind = textOrEmpty(given['kind']);
  const names = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...given };
  const versions = listOrEmpty(spec['versions']).map(objectOrEmpty);
  const condition = (type: string, reason: string, message: string): object => ({
    type,
    status: 'True',
    lastTransitionTime: definition.metadata.creationTimestamp ?? now,
    reason,
    message,
  });
  return {
    ...definition,
    spec: { conversion: { strategy: 'None' }, ...spec, names },
    status: {
      acceptedNames: names,
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      storedVersions: versions
        .filter((version) => version['storage'] === true)
        .map((version) => version['name']),
    },
  };
}

/** Rules of single built-in kinds that no schema says. */
export function builtinErrors(resource: Resource, object: KubeObject): readonly FieldError[] {
  if (resource.custom || resource.kind !== 'CustomResourceDefinition') return [];
  const spec = objectOrEmpty(object['spec']);
  const plural = textOrEmpty(objectOrEmpty(spec['names'])['plural']);
  const rules = listOrEmpty(spec['versions']).flatMap((version, index) => {
    const schema = objectOrEmpty(objectOrEmpty(version)['schema'])['openAPIV3Schema'];
    const path = `spec.versions[${index}].schema.openAPIV3Schema`;
    return unreadableRules(objectOrEmpty(schema), path);
  });
  if (object.metadata.name === `${plural}.${textOrEmpty(spec['group'])}`) return rules;
  const detail = 'must be spec.names.plural+"."+spec.group';
  const { name } = object.metadata;
  return [{ type: 'FieldValueInvalid', field: 'metadata.name', value: name, detail }, ...rules];
}
