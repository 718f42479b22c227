import type { KubeObject } from '../../../model/kube-object.ts';
import { type JsonObject, listOrEmpty, objectOrEmpty, textOrEmpty, without } from '../json.ts';
import type { Resource } from '../store/resource.ts';

type Filler = (object: KubeObject) => KubeObject;

/**
 * Fills in what the API server fills into objects of its own kinds as it reads them, beside what their schemas say. Whoever
 * writes such an object owns these fields too.
 */
export function withBuiltinDefaults({ custom, kind }: Resource, object: KubeObject): KubeObject {
  return custom ? object : (DEFAULTS[kind]?.(object) ?? object);
}

const DEFAULTS: Readonly<Record<string, Filler>> = {
  Namespace: withNameLabel,
  Secret: withSecretData,
  Service: withServiceSpec,
  RoleBinding: withSubjectGroups,
  ClusterRoleBinding: withSubjectGroups,
  CustomResourceDefinition: withNames,
};

function withNameLabel(namespace: KubeObject): KubeObject {
  const { metadata } = namespace;
  if (metadata.name === '') return namespace;
  const labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  return { ...namespace, metadata: { ...metadata, labels } };
}

function withSecretData(secret: KubeObject): KubeObject {
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

function withServiceSpec(service: KubeObject): KubeObject {
  const spec = objectOrEmpty(service['spec']);
  const ports = listOrEmpty(spec['ports']).map(objectOrEmpty);
  const filled = ports.map((port) => ({ targetPort: port['port'], ...port }));
  const isInternal = textOrEmpty(spec['type']) !== 'ExternalName';
  return {
    ...service,
    spec: {
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ...(isInternal && { internalTrafficPolicy: 'Cluster' }),
      ...(isOutward(spec) && { externalTrafficPolicy: 'Cluster' }),
      ...(spec['type'] === 'LoadBalancer' && { allocateLoadBalancerNodePorts: true }),
      ...spec,
      ...(ports.length > 0 && { ports: filled }),
    },
  };
}

function isOutward({ type }: JsonObject): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

const SUBJECT_GROUPS: Readonly<Record<string, string>> = {
  User: 'rbac.authorization.k8s.io',
  Group: 'rbac.authorization.k8s.io',
};

function withSubjectGroups(binding: KubeObject): KubeObject {
  const subjects = listOrEmpty(binding['subjects']).map((subject) => {
    const fields = objectOrEmpty(subject);
    const apiGroup = SUBJECT_GROUPS[textOrEmpty(fields['kind'])];
    return { ...(apiGroup !== undefined && { apiGroup }), ...fields };
  });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', ...objectOrEmpty(binding['roleRef']) };
  return { ...binding, ...(subjects.length > 0 && { subjects }), roleRef };
}

function withNames(definition: KubeObject): KubeObject {
  const spec = objectOrEmpty(definition['spec']);
  const given = objectOrEmpty(spec['names']);
  const kind = textOrEmpty(given['kind']);
  const names = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...given };
  return { ...definition, spec: { conversion: { strategy: 'None' }, ...spec, names } };
}
