import type { KubeObject, ObjectRef, ResourceKind } from '../model/kube-object.ts';
import type { Right } from '../model/right.ts';

/** Every call can be called off. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

export interface ListOptions extends CallOptions {
  /** Left out: all namespaces. */
  readonly namespace?: string;
  /** Kubernetes label selector syntax, e.g. `liqo.io/remote-cluster-id=rome,liqo.io/tenant-namespace`. */
  readonly labelSelector?: string;
}

export interface WatchOptions extends ListOptions {
  /** Where to start: the version of a list, or of the last event seen. */
  readonly resourceVersion: string;
  /** Called once, when the server has accepted the watch, which can be long before the first event. */
  readonly onOpen?: () => void;
}

export interface KubeList {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WriteOptions extends CallOptions {
  readonly subresource?: 'status';
}

export interface ApplyOptions extends WriteOptions {
  /** Take over fields that another manager owns. Only ever on objects that are ours. */
  readonly force: boolean;
}

export interface DeleteOptions extends CallOptions {
  /** Preconditions: 409 (WriteConflictError) when the object is another one by now. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

/**
 * One cluster's API, read side. All methods throw our own errors only (errors/errors.ts): NotFoundError (404, with
 * `details.kindMissing` when the kind itself is unknown), ClusterForbiddenError, ClusterUnauthorizedError,
 * ClusterUnreachableError, ThrottledError, ExpiredError (410), TimeoutError; and AbortError when called off.
 */
export interface KubeReader {
  get(ref: ObjectRef, options: CallOptions): Promise<KubeObject>;
  /** Complete list (chunked inside). Items carry apiVersion and kind. */
  list(kind: ResourceKind, options: ListOptions): Promise<KubeList>;
  /**
   * Events from `resourceVersion` on, bookmarks included. Ends (returns) when the server closes the watch, throws
   * ExpiredError when the version is too old, ClusterUnreachableError when the connection broke or stayed silent.
   */
  watch(kind: ResourceKind, options: WatchOptions): AsyncIterable<WatchEvent>;
}

/**
 * One cluster's API, write side. Returns the object as stored. Besides the errors of the read side:
 * AlreadyExistsError, WriteConflictError (409), RejectedByApiError (422, 400, and the 500 of a failed typed patch).
 * All writes carry the field manager `liqo-shortcuts` unless the client was made with another.
 */
export interface KubeWriter {
  create(kind: ResourceKind, object: KubeObject, options: CallOptions): Promise<KubeObject>;
  /** Server-side apply. `metadata.uid` in the object is a precondition. */
  apply(kind: ResourceKind, object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  /** JSON merge patch (RFC 7386). `metadata.uid` / `metadata.resourceVersion` in the body are preconditions. */
  patch(ref: ObjectRef, body: unknown, options: WriteOptions): Promise<KubeObject>;
  /** Resolves when the API server took the deletion, which is not when the object is gone. */
  delete(ref: ObjectRef, options: DeleteOptions): Promise<void>;
}

/** What the user of one cluster may do there. Errors as on the read side. */
export interface KubeAccess {
  /** Whether the API server would allow it: a SelfSubjectAccessReview, which every user may ask for. */
  isAllowed(right: Right, options: CallOptions): Promise<boolean>;
}

/** One cluster as one user. */
export interface KubeClient extends KubeReader, KubeWriter, KubeAccess {
  /** Ends all connections. Reads under way are called off; writes are waited for, as long as their own time limit. */
  close(): Promise<void>;
}
