import { review } from '../access/access-review.ts';
import { isReview, REVIEWS } from '../access/reviews.ts';
import { authorizePath } from '../access/rbac.ts';
import { type ApiPath, parseApiPath } from './api-path.ts';
import {
  ApiStatusError,
  methodNotAllowed,
  PageNotFoundError,
  pathNotFound,
  type Status,
} from '../api-status-error.ts';
import type { Cluster } from '../cluster.ts';
import { coreVersions, groupList, oneGroup, resourceList, VERSION } from './discovery.ts';
import { ConnectionBrokenError, type Door } from '../access/door.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { JsonObject } from '../json.ts';
import { AGGREGATED_TYPE, aggregatedDiscovery, isAggregated } from './aggregated-discovery.ts';
import { objectIn } from './request-body.ts';
import { OPENAPI_V2, openapiDocument, openapiIndex } from './openapi.ts';
import type { Resource } from '../store/resource.ts';
import { type ResourceHandler, verbOf } from './resource-handler.ts';
import type { Users } from '../access/users.ts';

export interface HttpRouterOptions {
  readonly cluster: Cluster;
  readonly door: Door;
  readonly users: Users;
  readonly resources: ResourceHandler;
}

const HEALTH_PATHS = ['/healthz', '/livez', '/readyz'];

/** Takes every request: who asks, what for, and what to answer when it fails. */
export class HttpRouter {
  readonly #options: HttpRouterOptions;

  constructor(options: HttpRouterOptions) {
    this.#options = options;
  }

  /** Answers one request. Never rejects. */
  async answer(exchange: HttpExchange): Promise<void> {
    try {
      await this.#route(exchange);
    } catch (error) {
      if (exchange.signal.aborted) return;
      if (exchange.hasBegun || error instanceof ConnectionBrokenError) exchange.break();
      else if (error instanceof PageNotFoundError) exchange.send(404, `${error.message}\n`);
      else exchange.refuse(failure(error));
    }
  }

  async #route(exchange: HttpExchange): Promise<void> {
    const { door, users, cluster, resources } = this.#options;
    const caller = users.callerWith(exchange.header('authorization'));
    const path = parseApiPath(exchange.url.pathname);
    const verb = path === undefined ? 'get' : verbOf(exchange, path);
    const resource = path?.plural ?? exchange.url.pathname;
    await door.enter({ user: caller.user, verb, resource }, exchange.signal);
    if (path === undefined) {
      authorizePath(cluster.store, caller, exchange.url.pathname);
      this.#general(exchange);
      return;
    }
    if (isReviewPath(path) && isReview(path.plural)) {
      if (verb !== 'create') throw methodNotAllowed();
      const body = objectIn(await exchange.body(), REVIEWS[path.plural]);
      exchange.send(201, review({ store: cluster.store, caller, door }, path.plural, body));
      return;
    }
    await resources.answer(exchange, caller, path);
  }

  /** Paths that name no resource: open to everybody who comes in. */
  #general(exchange: HttpExchange): void {
    const { pathname, host } = exchange.url;
    if (HEALTH_PATHS.includes(pathname)) {
      exchange.send(200, 'ok');
      return;
    }
    const path = pathname.replace(/\/$/, '');
    if (isAggregated(exchange)) {
      const list = aggregatedDiscovery(this.#options.cluster.registry.all(), path);
      if (list !== undefined) {
        exchange.send(200, list, AGGREGATED_TYPE);
        return;
      }
    }
    const document = this.#document(path, host);
    if (document !== undefined) {
      exchange.send(
        200,
        document,
        path === '/openapi/v3' ? 'text/plain; charset=utf-8' : undefined,
      );
      return;
    }
    if (path.startsWith('/openapi/')) exchange.send(404, '');
    else throw path.startsWith('/api/') ? pathNotFound() : new PageNotFoundError();
  }

  #document(path: string, host: string): unknown {
    const known = this.#options.cluster.registry.all();
    const [, root, ...rest] = path.split('/');
    switch (root) {
      case 'version':
        return VERSION;
      case 'api':
        return rest[0] === undefined ? coreVersions(host) : resourceList(known, '', rest[0]);
      case 'apis':
        return groupDocument(known, rest);
      case 'openapi':
        return openapiAt(known, rest);
      case undefined:
      default:
        return undefined;
    }
  }
}

function groupDocument(
  known: readonly Resource[],
  [group, version]: readonly string[],
): JsonObject | undefined {
  if (group === undefined) return groupList(known);
  return version === undefined ? oneGroup(known, group) : resourceList(known, group, version);
}

function openapiAt(
  known: readonly Resource[],
  [version, ...root]: readonly string[],
): JsonObject | undefined {
  if (version === 'v2') return OPENAPI_V2;
  if (version !== 'v3') return undefined;
  return root.length === 0 ? openapiIndex(known) : openapiDocument(known, root.join('/'));
}

function isReviewPath({ group, version }: ApiPath): boolean {
  return group === 'authorization.k8s.io' && version === 'v1';
}

function failure(error: unknown): Status {
  const known =
    error instanceof ApiStatusError
      ? error
      : new ApiStatusError(
          500,
          'InternalError',
          'an error on the server has prevented the request',
        );
  return known.status;
}
