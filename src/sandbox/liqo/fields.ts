import type { KubeObject, OwnerReference } from '../../model/kube-object.ts';

/** The value below a dotted path (`spec.endpoint.port`), or undefined where the path ends early. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value ?? undefined;
}

/** The text below a path; undefined when it is absent, empty or no text. */
export function textAt(object: unknown, path: string): string | undefined {
  const value = valueAt(object, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberAt(object: unknown, path: string): number | undefined {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : undefined;
}

export function listAt(object: unknown, path: string): readonly unknown[] {
  const value = valueAt(object, path);
  return Array.isArray(value) ? value : [];
}

export function textsAt(object: unknown, path: string): readonly string[] {
  return listAt(object, path).filter((item) => typeof item === 'string');
}

/** A label's value. */
export function labelOf(object: KubeObject, label: string): string | undefined {
  return object.metadata.labels?.[label];
}

/** True when the object carries all these labels with these values. */
export function hasLabels(object: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => labelOf(object, key) === value);
}

export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** The UID of an object that came from the API server. */
export function uidOf(object: KubeObject): string {
  return object.metadata.uid ?? '';
}

/** The key `namespace/name` (or `/name`) by which queues and caches know an object. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const at = key.indexOf('/');
  return { namespace: key.slice(0, at), name: key.slice(at + 1) };
}

/** The owner of this kind, if any. Liqo maps events to owners by kind and name, never by UID (NETWORK.md section 9.3). */
export function ownerOfKind(object: KubeObject, kind: string): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.kind === kind);
}

/** A reference that ties `object`'s dependants to it. Controllers' references block its deletion, plain ones do not. */
export function ownedBy(object: KubeObject, as: 'controller' | 'plain'): OwnerReference {
  const { apiVersion, kind, metadata } = object;
  const reference = { apiVersion, kind, name: metadata.name, uid: uidOf(object) };
  return as === 'plain' ? reference : { ...reference, controller: true, blockOwnerDeletion: true };
}

/** True when everything in `wanted` is in `actual` with the same value; lists compare whole. */
export function covers(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, index) => covers(actual[index], item))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return actual === (wanted ?? undefined);
  const fields = (actual ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(wanted).every(([key, value]) => covers(fields[key] ?? undefined, value));
}

/** The JSON merge patch that makes `actual` into `wanted`: what is not wanted is taken out by name. */
export function mergePatchTo(actual: unknown, wanted: unknown): unknown {
  if (!isMap(actual) || !isMap(wanted)) return wanted;
  const gone = Object.keys(actual).filter((key) => wanted[key] === undefined);
  return {
    ...Object.fromEntries(gone.map((key) => [key, null])),
    ...Object.fromEntries(
      Object.entries(wanted).map(([key, value]) => [key, mergePatchTo(actual[key], value)]),
    ),
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
