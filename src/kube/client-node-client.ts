import { ExpiredError } from '../errors/errors.ts';
import {
  formatRef,
  type KubeObject,
  type ObjectRef,
  refOf,
  type ResourceKind,
} from '../model/kube-object.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import { formatRight, groupOf, type Right } from '../model/right.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { type Random, systemRandom } from '../runtime/random.ts';
import type { ClientNodeConnection } from './client-node-connection.ts';
import type { ClusterCredentials } from './credentials.ts';
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  KubeClient,
  KubeList,
  ListOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './kube-client.ts';
import { type ListPage, parseAllowed, parseList, parseObject } from './parse-answer.ts';
import { tooLarge } from './http-answer.ts';
import type { CallContext } from './map-error.ts';
import { collectionPath, objectPath } from './resource-path.ts';

export interface KubeClientOptions {
  readonly credentials: ClusterCredentials;
  /** Name of the cluster, for messages. */
  readonly cluster: string;
  /** Field manager of all writes. */
  readonly fieldManager?: string;
  /** Longest time for one request and its answer. 30 s when left out. */
  readonly requestTimeoutMs?: number;
  /** Longest silence of a watch: 150 s when left out, some of the API server's bookmarks. */
  readonly watchInactivityMs?: number;
  readonly userAgent?: string;
  readonly random?: Random;
  readonly clock?: Clock;
}

/** Objects in one page of a list. */
const PAGE_SIZE = 500;
/** A list that still goes on is none that we ask for. */
const MAX_PAGES = 200;

/**
 * A client of one cluster as one user. What is behind it takes a moment to load, so it is loaded here and not
 * earlier. Nothing is contacted yet.
 */
export async function createKubeClient({
  credentials,
  cluster,
  fieldManager = FIELD_MANAGER,
  requestTimeoutMs = 30_000,
  watchInactivityMs = 150_000,
  userAgent = 'liqo-shortcuts',
  random = systemRandom,
  clock = systemClock,
}: KubeClientOptions): Promise<KubeClient> {
  const { ClientNodeConnection } = await import('./client-node-connection.ts');
  const connection = new ClientNodeConnection({
    credentials,
    cluster,
    userAgent,
    requestTimeoutMs,
    watchInactivityMs,
    random,
    clock,
  });
  return new ClientNodeKubeClient(connection, { cluster, fieldManager });
}

class ClientNodeKubeClient implements KubeClient {
  readonly #connection: ClientNodeConnection;
  readonly #cluster: string;
  readonly #fieldManager: string;

  constructor(
    connection: ClientNodeConnection,
    { cluster, fieldManager }: { readonly cluster: string; readonly fieldManager: string },
  ) {
    this.#connection = connection;
    this.#cluster = cluster;
    this.#fieldManager = fieldManager;
  }

  async get(ref: ObjectRef, { signal }: CallOptions): Promise<KubeObject> {
    const action = `get ${formatRef(ref)}`;
    const answer = await this.#connection.send({
      method: 'GET',
      path: objectPath(ref),
      action,
      signal,
    });
    return this.#object(answer, action);
  }

  async list(kind: ResourceKind, options: ListOptions): Promise<KubeList> {
    const first = await this.#page(kind, options, { limit: `${PAGE_SIZE}` });
    const items = [...first.items];
    try {
      let page = first;
      for (let pages = 1; page.continue !== undefined; pages += 1) {
        if (pages === MAX_PAGES) throw tooLarge(this.#listing(kind));
        page = await this.#page(kind, options, { limit: `${PAGE_SIZE}`, continue: page.continue });
        items.push(...page.items);
      }
    } catch (error) {
      // The snapshot that the pages belong to is gone. In one piece it cannot expire.
      if (error instanceof ExpiredError) return this.#page(kind, options, {});
      throw error;
    }
    return { items, resourceVersion: first.resourceVersion };
  }

  watch(kind: ResourceKind, options: WatchOptions): AsyncIterable<WatchEvent> {
    const { namespace, labelSelector, resourceVersion, signal, onOpen } = options;
    return this.#connection.watch({
      path: collectionPath(kind, namespace),
      query: { labelSelector, resourceVersion },
      action: `watch ${kind.kind}`,
      signal,
      onOpen,
    });
  }

  async create(
    kind: ResourceKind,
    object: KubeObject,
    { signal }: CallOptions,
  ): Promise<KubeObject> {
    const action = `create ${formatRef(refOf(kind, object))}`;
    const answer = await this.#connection.send({
      method: 'POST',
      path: collectionPath(kind, object.metadata.namespace),
      query: { fieldManager: this.#fieldManager },
      body: object,
      action,
      signal,
    });
    return this.#object(answer, action);
  }

  async apply(kind: ResourceKind, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    const ref = refOf(kind, object);
    const action = `apply ${formatRef(ref)}`;
    const answer = await this.#connection.send({
      method: 'PATCH',
      path: objectPath(ref, options.subresource),
      query: { fieldManager: this.#fieldManager, force: `${options.force}` },
      body: object,
      contentType: 'application/apply-patch+yaml',
      action,
      signal: options.signal,
    });
    return this.#object(answer, action);
  }

  async patch(ref: ObjectRef, body: unknown, options: WriteOptions): Promise<KubeObject> {
    const action = `patch ${formatRef(ref)}`;
    const answer = await this.#connection.send({
      method: 'PATCH',
      path: objectPath(ref, options.subresource),
      query: { fieldManager: this.#fieldManager },
      body,
      contentType: 'application/merge-patch+json',
      action,
      signal: options.signal,
    });
    return this.#object(answer, action);
  }

  async delete(ref: ObjectRef, options: DeleteOptions): Promise<void> {
    const { uid, resourceVersion, propagationPolicy, signal } = options;
    await this.#connection.send({
      method: 'DELETE',
      path: objectPath(ref),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid, resourceVersion },
        propagationPolicy,
      },
      action: `delete ${formatRef(ref)}`,
      signal,
    });
  }

  async isAllowed(right: Right, { signal }: CallOptions): Promise<boolean> {
    const { verb, kind, namespace, name } = right;
    const action = `ask for the right to ${formatRight(right)}`;
    const resourceAttributes = {
      verb,
      group: groupOf(kind),
      resource: kind.plural,
      namespace,
      name,
    };
    const answer = await this.#connection.send({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      },
      action,
      signal,
    });
    return parseAllowed(answer, { cluster: this.#cluster, action });
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #page(
    kind: ResourceKind,
    { namespace, labelSelector, signal }: ListOptions,
    part: { readonly limit?: string; readonly continue?: string },
  ): Promise<ListPage> {
    const context = this.#listing(kind);
    const answer = await this.#connection.send({
      method: 'GET',
      path: collectionPath(kind, namespace),
      query: { labelSelector, ...part },
      action: context.action,
      signal,
    });
    return parseList(answer, kind, context);
  }

  #listing(kind: ResourceKind): CallContext {
    return { cluster: this.#cluster, action: `list ${kind.kind}` };
  }

  #object(answer: unknown, action: string): KubeObject {
    return parseObject(answer, { cluster: this.#cluster, action });
  }
}
