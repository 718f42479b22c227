import type { KubeObject } from '../../../model/kube-object.ts';
import type { Clock } from '../../../runtime/clock.ts';
import {
  badRequest,
  methodNotAllowed,
  pathNotFound,
  type Status,
  unsupportedMediaType,
} from '../api-status-error.ts';
import type { ApiPath } from './api-path.ts';
import type { Cluster } from '../cluster.ts';
import type { Door } from '../access/door.ts';
import { invalid } from '../schema/field-error.ts';
import type { HttpExchange } from './http-exchange.ts';
import { isJsonObject, type JsonObject, objectOrEmpty, textOrEmpty } from '../json.ts';
import { inVersion } from '../store/object-reader.ts';
import type { PatchType } from '../apply/patch.ts';
import { presentationOf } from './presentation.ts';
import { authorize } from '../access/rbac.ts';
import type { Caller, DeleteSettings, FieldValidation, Target, WriteSettings } from '../request.ts';
import { type WatchingParts, watchOverHttp } from './watch-over-http.ts';

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
    const target = this.#target(path);
    const verb = verbOf(exchange, path);
    authorize(this.#cluster.store, caller, verb, target);
    switch (verb) {
      case 'get':
        this.#present(exchange, target, this.#cluster.reader.get(target));
        return;
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
        return this.#patch(exchange, caller, target);
      case 'delete':
        return this.#delete(exchange, target);
      case 'deletecollection':
        return this.#deleteCollection(exchange, target);
    }
  }

  #target({ group, version, plural, namespace, name, subresource }: ApiPath): Target {
    const resource = this.#cluster.registry.find(group, version, plural);
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
    const { query } = exchange;
    const page = this.#cluster.reader.list(target, {
      ...selectionOf(exchange),
      limit: Number(query.get('limit') ?? 0),
      resourceVersion: query.get('resourceVersion') ?? '',
      resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
      ...(query.get('continue') && { continue: query.get('continue') ?? '' }),
    });
    const { items, ...metadata } = page;
    const presentation = presentationOf(exchange, target.resource, this.#clock.now());
    exchange.send(200, presentation.many(items, metadata));
  }

  async #create(exchange: HttpExchange, target: Target): Promise<void> {
    if (target.name !== '') throw methodNotAllowed();
    const body = await exchange.body();
    const created = this.#cluster.writer.create(target, body, settingsOf(exchange));
    this.#present(exchange, target, created, 201);
  }

  async #update(exchange: HttpExchange, target: Target): Promise<void> {
    const body = await exchange.body();
    this.#present(
      exchange,
      target,
      this.#cluster.writer.update(target, body, settingsOf(exchange)),
    );
  }

  async #patch(exchange: HttpExchange, caller: Caller, target: Target): Promise<void> {
    const { contentType } = exchange;
    const body = await exchange.body();
    const type = PATCH_TYPES[contentType];
    if (type !== undefined) {
      assertNoForce(exchange);
      const object = this.#cluster.writer.patch(target, type, body, settingsOf(exchange));
      this.#present(exchange, target, object);
      return;
    }
    if (!APPLY_TYPES.includes(contentType)) {
      throw unsupportedMediaType([...Object.keys(PATCH_TYPES), ...APPLY_TYPES.slice(0, 1)]);
    }
    assertFieldManager(exchange);
    const { reader, store } = this.#cluster;
    if (!reader.has(target)) authorize(store, caller, 'create', target);
    const settings = { ...settingsOf(exchange), force: exchange.flag('force') };
    const { object, created } = this.#cluster.writer.apply(target, body, settings);
    this.#present(exchange, target, object, created ? 201 : 200);
  }

  async #delete(exchange: HttpExchange, target: Target): Promise<void> {
    const settings = deleteSettingsOf(exchange, await exchange.body());
    const { object, gone } = this.#cluster.writer.remove(target, settings);
    if (!gone) {
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
    const settings = deleteSettingsOf(exchange, await exchange.body());
    const { items, resourceVersion } = this.#cluster.reader.list(target, selectionOf(exchange));
    for (const { metadata } of items) {
      const one = { ...target, namespace: metadata.namespace ?? '', name: metadata.name };
      this.#cluster.writer.remove(one, settings);
    }
    const presentation = presentationOf(exchange, target.resource, this.#clock.now());
    exchange.send(200, presentation.many(items, { resourceVersion }));
  }
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

function selectionOf({ query }: HttpExchange): { labelSelector: string; fieldSelector: string } {
  return {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
  };
}

const FIELD_VALIDATIONS: readonly FieldValidation[] = ['Ignore', 'Warn', 'Strict'];

function settingsOf(exchange: HttpExchange): WriteSettings {
  const { query } = exchange;
  const asked = query.get('fieldValidation') ?? 'Warn';
  const program = exchange.header('user-agent').split('/')[0] ?? '';
  return {
    manager: query.get('fieldManager') ?? (program === '' ? 'unknown' : program),
    dryRun: isDryRun(query.get('dryRun')),
    fieldValidation: FIELD_VALIDATIONS.find((known) => known === asked) ?? 'Warn',
    warn: (text) => exchange.warnings.push(text),
  };
}

function isDryRun(asked: unknown): boolean {
  if (asked === undefined || asked === null || asked === '') return false;
  if (asked === 'All') return true;
  throw badRequest(`Invalid value for dryRun: Unsupported value: supported values: "All"`);
}

function deleteSettingsOf(exchange: HttpExchange, body: unknown): DeleteSettings {
  const options = objectOrEmpty(body);
  const preconditions: JsonObject = isJsonObject(options['preconditions'])
    ? options['preconditions']
    : {};
  const uid = textOrEmpty(preconditions['uid']);
  const resourceVersion = textOrEmpty(preconditions['resourceVersion']);
  const asked = options['propagationPolicy'] ?? exchange.query.get('propagationPolicy') ?? '';
  const policy = (['Background', 'Foreground', 'Orphan'] as const).find((known) => known === asked);
  const [dryRun] = Array.isArray(options['dryRun']) ? (options['dryRun'] as unknown[]) : [];
  return {
    ...(uid !== '' && { uid }),
    ...(resourceVersion !== '' && { resourceVersion }),
    ...(policy !== undefined && { propagationPolicy: policy }),
    dryRun: isDryRun(dryRun ?? exchange.query.get('dryRun')),
  };
}

const PATCH_OPTIONS = { group: 'meta.k8s.io', kind: 'PatchOptions', name: '' };

function assertNoForce(exchange: HttpExchange): void {
  if (!exchange.query.has('force')) return;
  const detail = 'may not be specified for non-apply patch';
  throw invalid(PATCH_OPTIONS, [{ type: 'FieldValueForbidden', field: 'force', detail }]);
}

function assertFieldManager(exchange: HttpExchange): void {
  if (exchange.query.get('fieldManager')) return;
  const detail = 'is required for apply patch';
  throw invalid(PATCH_OPTIONS, [{ type: 'FieldValueRequired', field: 'fieldManager', detail }]);
}
