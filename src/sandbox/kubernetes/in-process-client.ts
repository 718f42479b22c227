import { ClusterUnreachableError } from '../../errors/errors.ts';
import { isAbort } from '../../errors/classify.ts';
import { messageOf, toKubeError } from '../../kube/map-error.ts';
import { parseAllowed } from '../../kube/parse-answer.ts';
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
} from '../../kube/kube-client.ts';
import {
  formatRef,
  type KubeObject,
  type ObjectRef,
  refOf,
  type ResourceKind,
} from '../../model/kube-object.ts';
import { formatRight, groupOf, type Right } from '../../model/right.ts';
import { ApiStatusError, pathNotFound, type Status } from './api-status-error.ts';
import type { Cluster } from './cluster.ts';
import type { Door } from './access/door.ts';
import { isJsonObject, overTheWire, textOrEmpty } from './json.ts';
import type { Caller, Target, WriteSettings } from './request.ts';
import { review } from './access/access-review.ts';
import { type AccessAddress, authorize } from './access/rbac.ts';
import { splitApiVersion } from './store/resource.ts';
import type { WatchFrame, WatchStream } from './store/watch-stream.ts';

export interface InProcessClientOptions {
  readonly clusterName: string;
  readonly cluster: Cluster;
  /** Asked at every call: rights can change. */
  readonly caller: () => Caller;
  readonly fieldManager: string;
  /** Where requests come in; left out for controllers inside the cluster, which no fault of the door concerns. */
  readonly door?: Door;
}

/** A KubeClient without a network in between: same rules, same errors as through HTTPS. */
export class InProcessClient implements KubeClient {
  readonly #options: InProcessClientOptions;
  readonly #closed = new AbortController();

  constructor(options: InProcessClientOptions) {
    this.#options = options;
  }

  get(ref: ObjectRef, { signal }: CallOptions): Promise<KubeObject> {
    return this.#call('get', ref, signal, (target) => this.#options.cluster.reader.get(target));
  }

  list(kind: ResourceKind, options: ListOptions): Promise<KubeList> {
    const ref = addressOf(kind, options.namespace);
    return this.#call('list', ref, options.signal, (target) => {
      const labelSelector = options.labelSelector ?? '';
      const page = this.#options.cluster.reader.list(target, { labelSelector, fieldSelector: '' });
      return { items: page.items, resourceVersion: page.resourceVersion };
    });
  }

  async *watch(kind: ResourceKind, options: WatchOptions): AsyncGenerator<WatchEvent> {
    const ref = addressOf(kind, options.namespace);
    const stream = await this.#call('watch', ref, options.signal, (target) => {
      const opened = this.#options.cluster.reader.watch(target, {
        labelSelector: options.labelSelector ?? '',
        fieldSelector: '',
        resourceVersion: options.resourceVersion,
        allowBookmarks: true,
        sendInitialEvents: false,
      });
      this.#options.door?.guard(opened);
      return opened;
    });
    options.onOpen?.();
    yield* this.#events(stream, kind, options.signal);
  }

  create(kind: ResourceKind, object: KubeObject, { signal }: CallOptions): Promise<KubeObject> {
    const ref = addressOf(kind, object.metadata.namespace);
    return this.#call('create', ref, signal, (target) =>
      this.#options.cluster.writer.create(target, overTheWire(object), this.#settings()),
    );
  }

  apply(kind: ResourceKind, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    const ref = withSubresource(refOf(kind, object), options);
    return this.#call('patch', ref, options.signal, (target) => {
      const settings = { ...this.#settings(), force: options.force };
      this.#authorizeCreation(target);
      return this.#options.cluster.writer.apply(target, overTheWire(object), settings).object;
    });
  }

  patch(ref: ObjectRef, body: unknown, options: WriteOptions): Promise<KubeObject> {
    return this.#call('patch', withSubresource(ref, options), options.signal, (target) =>
      this.#options.cluster.writer.patch(target, 'merge', overTheWire(body), this.#settings()),
    );
  }

  async delete(ref: ObjectRef, options: DeleteOptions): Promise<void> {
    const { signal, ...preconditions } = options;
    await this.#call('delete', ref, signal, (target) =>
      this.#options.cluster.writer.remove(target, { ...preconditions, dryRun: false }),
    );
  }

  isAllowed(right: Right, { signal }: CallOptions): Promise<boolean> {
    const { verb, kind, namespace, name } = right;
    const action = `ask for the right to ${formatRight(right)}`;
    const request = { verb: 'create', resource: 'selfsubjectaccessreviews', action };
    return this.#enter(request, signal, () => {
      const { clusterName, cluster, caller, door } = this.#options;
      const resourceAttributes = {
        verb,
        group: groupOf(kind),
        resource: kind.plural,
        namespace,
        name,
      };
      const answer = review(
        { store: cluster.store, caller: caller(), door },
        'selfsubjectaccessreviews',
        overTheWire({ spec: { resourceAttributes } }),
      );
      return parseAllowed(answer, { cluster: clusterName, action });
    });
  }

  close(): Promise<void> {
    this.#closed.abort();
    return Promise.resolve();
  }

  #settings(): WriteSettings {
    return {
      manager: this.#options.fieldManager,
      dryRun: false,
      fieldValidation: 'Ignore',
      warn: () => undefined,
    };
  }

  /** An apply that creates needs the right to create as well. */
  #authorizeCreation(target: Target): void {
    const { cluster, caller } = this.#options;
    if (!cluster.reader.has(target))
      authorize(cluster.store, caller(), 'create', accessAddress(target));
  }

  /** One call on a resource, as far as the caller has the right to it. */
  #call<T>(
    verb: string,
    ref: Address,
    callSignal: AbortSignal,
    carryOut: (target: Target) => T,
  ): Promise<T> {
    const request = { verb, resource: ref.kind.plural, action: `${verb} ${formatRef(ref)}` };
    return this.#enter(request, callSignal, () => {
      const { cluster, caller } = this.#options;
      const target = this.#target(ref);
      authorize(cluster.store, caller(), verb, accessAddress(target));
      return carryOut(target);
    });
  }

  /** Carries out one request: always a turn of the event loop later, and never after it was called off. */
  async #enter<T>(
    { verb, resource, action }: Request,
    callSignal: AbortSignal,
    carryOut: () => T,
  ): Promise<T> {
    const signal = AbortSignal.any([callSignal, this.#closed.signal]);
    signal.throwIfAborted();
    try {
      const { caller, door } = this.#options;
      await door?.enter({ user: caller().user, verb, resource }, signal);
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      return carryOut();
    } catch (error) {
      throw this.#asOurs(error, action);
    }
  }

  #target({ kind, namespace = '', name, ...rest }: Address): Target {
    const { group, version } = splitApiVersion(kind.apiVersion);
    const resource = this.#options.cluster.registry.find(group, version, kind.plural);
    if (resource === undefined) throw pathNotFound();
    return { resource, namespace, name, ...rest };
  }

  #asOurs(error: unknown, action: string): unknown {
    if (isAbort(error)) return error;
    const context = { cluster: this.#options.clusterName, action };
    if (error instanceof ApiStatusError) return toKubeError(error.status, context);
    const details = { cluster: context.cluster, action: context.action };
    const message = messageOf(context, 'the connection broke');
    return new ClusterUnreachableError(message, { details, cause: error });
  }

  async *#events(
    stream: WatchStream,
    kind: ResourceKind,
    callSignal: AbortSignal,
  ): AsyncGenerator<WatchEvent> {
    const signal = AbortSignal.any([callSignal, this.#closed.signal]);
    const stop = (): void => stream.end();
    signal.addEventListener('abort', stop);
    try {
      for await (const frame of stream) {
        signal.throwIfAborted();
        yield this.#event(frame, kind);
      }
      signal.throwIfAborted();
      if (stream.isBroken) throw this.#asOurs(undefined, `watch ${kind.kind}`);
    } finally {
      signal.removeEventListener('abort', stop);
      stream.end();
    }
  }

  #event({ type, object }: WatchFrame, kind: ResourceKind): WatchEvent {
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        return { type, object: object as KubeObject };
      case 'BOOKMARK': {
        const metadata = isJsonObject(object) ? object['metadata'] : undefined;
        const version = isJsonObject(metadata) ? metadata['resourceVersion'] : '';
        return { type, resourceVersion: textOrEmpty(version) };
      }
      case 'ERROR': {
        const action = `watch ${kind.kind}`;
        throw toKubeError(object as Status, { cluster: this.#options.clusterName, action });
      }
    }
  }
}

/** A request as the door and messages see it. */
interface Request {
  readonly verb: string;
  readonly resource: string;
  readonly action: string;
}

function accessAddress({ resource, ...address }: Target): AccessAddress {
  const { group, plural } = resource;
  return { ...address, group, plural };
}

function addressOf(kind: ResourceKind, namespace: string | undefined): ObjectRef {
  return namespace === undefined ? { kind, name: '' } : { kind, namespace, name: '' };
}

/** What a call is about: an object, or its status. */
type Address = ObjectRef & Pick<Target, 'subresource'>;

function withSubresource(ref: ObjectRef, { subresource }: WriteOptions): Address {
  return subresource === undefined ? ref : { ...ref, subresource };
}
