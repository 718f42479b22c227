import type { KubeObject } from '../../../model/kube-object.ts';
import type { Target } from '../request.ts';
import { convertEvent } from '../schema/event-versions.ts';
import type { ObjectStore } from './object-store.ts';
import { type Resource, storageOf } from './resource.ts';

/** An object in the version that was asked for; but for Events, versions differ by name only (conversion strategy None). */
export function inVersion({ apiVersion, storedAs }: Resource, object: KubeObject): KubeObject {
  if (object.apiVersion === apiVersion) return object;
  return storedAs === undefined ? { ...object, apiVersion } : convertEvent(object, apiVersion);
}

/** The stored object that a write is about: Events in the version of the request, all others as they were written. */
export function findStored(
  store: ObjectStore,
  { resource, namespace, name }: Target,
): KubeObject | undefined {
  const found = store.get(storageOf(resource), namespace, name);
  return found && resource.storedAs ? convertEvent(found, resource.apiVersion) : found;
}

/** Stores an object that was written in the version of a resource, and returns it in that version. */
export function putStored(store: ObjectStore, resource: Resource, object: KubeObject): KubeObject {
  const { storedAs, apiVersion } = resource;
  if (storedAs === undefined) return store.put(storageOf(resource), object);
  const stored = store.put(storedAs.storage, convertEvent(object, storedAs.apiVersion));
  return convertEvent(stored, apiVersion);
}
