import type { KubeObject } from '../../../model/kube-object.ts';
import { type AccessAddress, authorize } from '../access/rbac.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { Door } from '../access/door.ts';
import {
  ApiStatusError,
  badRequest,
  methodNotAllowed,
  PageNotFoundError,
  pathNotFound,
  type Status,
  unsupportedMediaType,
} from '../api-status-error.ts';
import type { PatchType } from '../apply/patch.ts';
import type { Cluster } from '../cluster.ts';
import { type JsonObject, textOrEmpty } from '../json.ts';
import type { Caller, Target } from '../request.ts';
import { BUILTIN_RESOURCES } from '../store/builtin-resources.ts';
import { inVersion } from '../store/object-version.ts';
import type { Resource } from '../store/resource.ts';
import { selectedName } from '../store/selectors.ts';
import type { ApiPath } from './api-path.ts';
import type { HttpExchange } from './http-exchange.ts';
import { listSettingsOf, selectionOf } from './list-options.ts';
import { presentationOf } from './presentation.ts';
import { configurationIn, objectIn, optionsIn, patchIn } from './request-body.ts';
import { type WatchingParts, watchOverHttp } from './watch-over-http.ts';
import {
  assertFieldManager,
  assertNoForce,
  deleteSettingsOf,
  writeSettingsOf,
} from './write-options.ts';

export interface ResourceHandlerOptions {
  readonly cluster: Cluster;
  readonly door: Door;
  readonly clock: Clock;
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};
const APPLY_TYPES = ['application/apply-patch+yaml', 'application/apply-patch+json'];

/** Answers requests on resources over HTTP: finds the kind, asks RBAC, carries out the verb. */
export class ResourceHandler {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #watching: WatchingParts;

  constructor({ cluster, door, clock }: ResourceHandlerOptions) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#watching = { reader: cluster.reader, door, clock };
  }

  /** Throws ApiStatusError for whatever is refused. */
  async answer(exchange: HttpExchange, caller: Caller, path: ApiPath): Promise<void> {
    const verb = verbOf(exchange, path);
    authorize(this.#cluster.store, caller, verb, attributesOf(exchange, path));
    const target = this.#target(path);
    assertMeaningful(verb, target);
    switch (verb) {
      case 'get': {
        const version = exchange.query.get('resourceVersion') ?? '';
        this.#present(exchange, target, this.#cluster.reader.get(target, version));
        return;
      }
      case 'list':
        this.#list(exchange, target);
        return;
      case 'watch':
        return watchOverHttp(exchange, target, this.#watching);
      case 'create':
        return this.#create(exchange, target);
      case 'update':
        return this.#update(exchange, target);
      case 'patch':
        return this.#patch(exchange, target, () =>
          authorize(this.#cluster.store, caller, 'create', attributesOf(exchange, path)),
        );
      case 'delete':
        return this.#delete(exchange, target);
      case 'deletecollection':
        return this.#deleteCollection(exchange, target);
    }
  }

  /** Throws 404, where the path leads nowhere at all as a plain text. */
  #target({ group, version, plural, namespace, name, subresource }: ApiPath): Target {
    const resource = this.#cluster.registry.find(group, version, plural);
    if (resource === undefined && !isBuiltinVersion(group, version)) throw new PageNotFoundError();
    if (resource === undefined || (namespace !== '' && !resource.namespaced)) throw pathNotFound();
    if (subresource === '') return { resource, namespace, name };
    if (subresource !== 'status' || !resource.hasStatus) throw pathNotFound();
    return { resource, namespace, name, subresource };
  }

  #present(exchange: HttpExchange, target: Target, object: KubeObject, code = 200): void {
    const presentation = presentationOf(exchange, target.resource, this.#clock.now());
    exchange.send(code, presentation.one(inVersion(target.resource, object)));
  }

  #list(exchange: HttpExchange, target: Target): void {
    const page = this.#cluster.reader.list(target, listSettingsOf(exchange));
    const { items, ...metadata } = page;
    const presentation = presentationOf(exchange, target.resource, this.#clock.now());
    exchange.send(200, presentation.many(items, metadata));
  }

  async #create(exchange: HttpExchange, target: Target): Promise<void> {
    const settings = writeSettingsOf(exchange, 'CreateOptions');
    const body = objectIn(await exchange.body(), target.resource.kind);
    const created = this.#cluster.writer.create(target, body, settings);
    this.#present(exchange, target, created, 201);
  }

  async #update(exchange: HttpExchange, target: Target): Promise<void> {
    const settings = writeSettingsOf(exchange, 'UpdateOptions');
    const body = objectIn(await exchange.body(), target.resource.kind);
    const { object, created } = this.#cluster.writer.update(target, body, settings);
    this.#present(exchange, target, object, created ? 201 : 200);
  }

  async #patch(
    exchange: HttpExchange,
    target: Target,
    authorizeCreation: () => void,
  ): Promise<void> {
    const { contentType } = exchange;
    const type = PATCH_TYPES[contentType];
    const isApply = APPLY_TYPES.includes(contentType);
    if (type === undefined && !isApply) throw patchTypeUnknown(target.resource, contentType);
    const settings = writeSettingsOf(exchange, 'PatchOptions');
    const body = await exchange.body();
    if (type !== undefined) {
      assertNoForce(exchange);
      const object = this.#cluster.writer.patch(target, type, patchIn(body), settings);
      this.#present(exchange, target, object);
      return;
    }
    assertFieldManager(exchange);
    if (!this.#cluster.reader.has(target)) authorizeCreation();
    const configuration = configurationIn(body);
    assertKind(target.resource, configuration);
    const forced = { ...settings, force: exchange.flag('force') };
    const { object, created } = this.#cluster.writer.apply(target, configuration, forced);
    this.#present(exchange, target, object, created ? 201 : 200);
  }

  async #delete(exchange: HttpExchange, target: Target): Promise<void> {
    const settings = deleteSettingsOf(exchange, optionsIn(await exchange.body()));
    const { object, gone } = this.#cluster.writer.remove(target, settings);
    if (!gone || target.resource.showsDeleted) {
      this.#present(exchange, target, object);
      return;
    }
    const { group, plural } = target.resource;
    const { name, uid = '' } = object.metadata;
    exchange.send(200, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name, ...(group !== '' && { group }), kind: plural, uid },
      code: 200,
    } satisfies Status);
  }

  async #deleteCollection(exchange: HttpExchange, target: Target): Promise<void> {
    const settings = deleteSettingsOf(exchange, optionsIn(await exchange.body()));
    const { items, resourceVersion } = this.#cluster.reader.list(target, selectionOf(exchange));
    for (const { metadata } of items) {
      const one = { ...target, namespace: metadata.namespace ?? '', name: metadata.name };
      this.#cluster.writer.remove(one, settings);
    }
    const presentation = presentationOf(exchange, target.resource, this.#clock.now());
    exchange.send(200, presentation.many(items, { resourceVersion }));
  }
}

/** What RBAC is asked about. A list of one name is one of that object. */
function attributesOf(exchange: HttpExchange, path: ApiPath): AccessAddress {
  const { group, plural, namespace, subresource } = path;
  const name = path.name || selectedName(exchange.query.get('fieldSelector') ?? '');
  return { group, plural, namespace, name, ...(subresource !== '' && { subresource }) };
}

function isBuiltinVersion(group: string, version: string): boolean {
  return BUILTIN_RESOURCES.some(
    (resource) => resource.group === group && (group === '' || resource.version === version),
  );
}

/** Throws 405 for verbs that a path does not know. */
function assertMeaningful(verb: Verb, { resource, namespace, name }: Target): void {
  const isHomeless = verb === 'create' && resource.namespaced && namespace === '';
  const isUndeletable = verb === 'deletecollection' && !resource.deletesCollections;
  if (isHomeless || isUndeletable || (verb === 'create' && name !== '')) throw methodNotAllowed();
}

/** Throws 400: only an apply must say what it is for, and is told in these words. */
function assertKind({ apiVersion, kind }: Resource, body: JsonObject): void {
  const given = { apiVersion: textOrEmpty(body['apiVersion']), kind: textOrEmpty(body['kind']) };
  if (given.apiVersion === apiVersion && given.kind === kind) return;
  throw badRequest(`invalid object type: ${given.apiVersion || '/'}, Kind=${given.kind}`);
}

function patchTypeUnknown({ custom }: Resource, type: string): ApiStatusError {
  if (custom || type.endsWith('json') || type.endsWith('yaml')) {
    const known = Object.keys(PATCH_TYPES).filter(
      (one) => !custom || PATCH_TYPES[one] !== 'strategic',
    );
    return unsupportedMediaType([...known, ...APPLY_TYPES.slice(0, 1)]);
  }
  return new ApiStatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

type Verb =
  'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

const VERBS: Readonly<Record<string, { readonly one: Verb; readonly all: Verb }>> = {
  GET: { one: 'get', all: 'list' },
  POST: { one: 'create', all: 'create' },
  PUT: { one: 'update', all: 'update' },
  PATCH: { one: 'patch', all: 'patch' },
  DELETE: { one: 'delete', all: 'deletecollection' },
};

/** The verb that RBAC and the counters know a request by. Throws 405. */
export function verbOf(exchange: HttpExchange, path: ApiPath): Verb {
  const verbs = VERBS[exchange.method];
  if (verbs === undefined) throw methodNotAllowed();
  if (path.name !== '') return verbs.one;
  if (verbs.all === 'update' || verbs.all === 'patch') throw methodNotAllowed();
  return verbs.all === 'list' && exchange.flag('watch') ? 'watch' : verbs.all;
}
