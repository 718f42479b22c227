import type { KubeObject } from '../../../model/kube-object.ts';
import { listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';
import { withEventGaps } from './event-versions.ts';
import type { Resource } from '../store/resource.ts';

/**
 * What the API server itself adds to objects of its own kinds when they are created or changed. Nobody owns it: ownership
 * is settled before.
 */
export function admitBuiltin(resource: Resource, object: KubeObject, now: string): KubeObject {
  if (resource.custom) return object;
  switch (resource.kind) {
    case 'Namespace':
      return admitNamespace(object);
    case 'Service':
      return admitService(object);
    case 'Event':
      return withEventGaps(object);
    case 'Role':
    case 'ClusterRole':
      return { rules: null, ...object };
    case 'CustomResourceDefinition':
      return admitDefinition(object, now);
    default:
      return object;
  }
}

function admitNamespace(namespace: KubeObject): KubeObject {
  const status = objectOrEmpty(namespace['status']);
  const phase = namespace.metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating';
  return {
    ...namespace,
    spec: { finalizers: ['kubernetes'], ...objectOrEmpty(namespace['spec']) },
    status: { ...status, phase },
  };
}

/** Families and lists of addresses follow from the one that there is; none is allocated. */
function admitService(service: KubeObject): KubeObject {
  const spec = objectOrEmpty(service['spec']);
  const clusterIP = textOrEmpty(spec['clusterIP']);
  const status = { loadBalancer: {}, ...objectOrEmpty(service['status']) };
  if (clusterIP === '') return { ...service, status };
  // A headless Service without Pods of its own may have endpoints of both families.
  const isOpen = clusterIP === 'None' && spec['selector'] === undefined;
  const families = isOpen
    ? { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' }
    : { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
  return { ...service, spec: { ...families, ...spec, clusterIPs: [clusterIP] }, status };
}

function going(now: string): object {
  const message = 'CustomResource deletion is in progress';
  const cause = { reason: 'InstanceDeletionInProgress', message };
  return { type: 'Terminating', status: 'True', lastTransitionTime: now, ...cause };
}

function admitDefinition(definition: KubeObject, now: string): KubeObject {
  const spec = objectOrEmpty(definition['spec']);
  const condition = (type: string, reason: string, message: string): object => ({
    type,
    status: 'True',
    lastTransitionTime: definition.metadata.creationTimestamp ?? now,
    reason,
    message,
  });
  return {
    ...definition,
    status: {
      conditions: [
        ...(definition.metadata.deletionTimestamp === undefined ? [] : [going(now)]),
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      acceptedNames: spec['names'],
      storedVersions: listOrEmpty(spec['versions'])
        .map(objectOrEmpty)
        .filter((version) => version['storage'] === true)
        .map((version) => version['name']),
    },
  };
}
