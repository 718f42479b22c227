/** A reference from an object to the object it belongs to (Kubernetes `metadata.ownerReferences`). */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** One entry of `metadata.managedFields`. `fieldsV1` stays opaque outside `kube/` and the sandbox. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: unknown;
}

/** The part of `metadata` that we read or write. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Any Kubernetes object, as JSON. Treat it as immutable: caches hand out the same instance to everybody. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** What is needed to address a kind of object: enough to build its URL without discovery. */
export interface ResourceKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The address of one object on one cluster. `namespace` is left out for cluster-scoped kinds. */
export interface ObjectRef {
  readonly kind: ResourceKind;
  readonly namespace?: string;
  readonly name: string;
}

/** The text form `Kind/namespace/name` (or `Kind/name`), used in messages, logs and reports. */
export function formatRef(ref: ObjectRef): string {
  return ref.namespace === undefined
    ? `${ref.kind.kind}/${ref.name}`
    : `${ref.kind.kind}/${ref.namespace}/${ref.name}`;
}

/** The address of an object that was read. */
export function refOf(kind: ResourceKind, object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return namespace === undefined ? { kind, name } : { kind, namespace, name };
}

/** The UID of an object; empty for one that was never stored, which is no object's UID. */
export function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? '';
}
