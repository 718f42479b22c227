import type { ApiServer, ApiServerOptions } from '../../src/sandbox/kubernetes/api-server.ts';
import { isReview } from '../../src/sandbox/kubernetes/access/reviews.ts';
import { parseApiPath } from '../../src/sandbox/kubernetes/http/api-path.ts';
import { behindProxy } from './behind-proxy.ts';
import type { ProxiedRequest } from './front-proxy.ts';
import { type GrantedRight, textOf } from './granted-right.ts';
import { createScenarioServer } from './scenario-servers.ts';

/** Verbs by method: of one object, and of all of a kind. */
const VERBS: Readonly<Record<string, readonly [one: string, all: string]>> = {
  GET: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

/** How what was granted differs from what was used. */
export interface RightsComparison {
  /** Used, and not granted. */
  readonly missing: readonly string[];
  /** Granted, and never used. */
  readonly unused: readonly string[];
}

type ByText = ReadonlyMap<string, GrantedRight>;

/** Rights that requests from outside took on API servers. */
export class UsedRights {
  readonly #used = new Map<string, ByText>();
  readonly #refused = new Map<string, ByText>();

  /** Makes an API server that tells of each request. */
  readonly createServer = (options: ApiServerOptions): ApiServer =>
    behindProxy(
      createScenarioServer(options),
      () => ({ kind: 'pass' }),
      (cluster, request, status) => this.#take(cluster, request, status),
    );

  /** What was asked of a cluster, and answered with 403. */
  refusedOn(cluster: string): readonly string[] {
    return [...(this.#refused.get(cluster)?.keys() ?? [])];
  }

  /** What was granted on a cluster beside what was used there without a refusal. */
  compare(cluster: string, granted: readonly GrantedRight[]): RightsComparison {
    const used = [...(this.#used.get(cluster)?.values() ?? [])];
    return {
      missing: used.filter((one) => !granted.some((right) => covers(right, one))).map(textOf),
      unused: granted.filter((right) => !used.some((one) => covers(right, one))).map(textOf),
    };
  }

  #take(cluster: string, request: ProxiedRequest, status: number): void {
    const book = status === 403 ? this.#refused : this.#used;
    for (const right of rightsFor(request, status)) {
      book.set(cluster, new Map([...(book.get(cluster) ?? []), [textOf(right), right]]));
    }
  }
}

/** None for what everybody may do who comes in: questions for rights, and paths that name no resource. */
function rightsFor({ method, path, isWatch }: ProxiedRequest, status: number): GrantedRight[] {
  const address = parseApiPath(path);
  if (address === undefined || isReview(address.plural)) return [];
  const { group, plural, name, subresource } = address;
  const [one, all] = VERBS[method] ?? [method, method];
  const right = {
    // A namespace lies within itself.
    namespace: (plural === 'namespaces' ? name : address.namespace) || undefined,
    verb: isWatch ? 'watch' : name === '' ? all : one,
    group,
    resource: subresource === '' ? plural : `${plural}/${subresource}`,
    name: name || undefined,
  };
  // An apply that made something needed the right to create as well; a name is of no account for that.
  const isCreation = method === 'PATCH' && status === 201;
  return isCreation ? [right, { ...right, verb: 'create' }] : [right];
}

/** Whether a grant allows a use. */
function covers(granted: GrantedRight, used: GrantedRight): boolean {
  return (
    granted.verb === used.verb &&
    granted.group === used.group &&
    granted.resource === used.resource &&
    (granted.namespace ?? used.namespace) === used.namespace &&
    (granted.name ?? used.name) === used.name
  );
}
