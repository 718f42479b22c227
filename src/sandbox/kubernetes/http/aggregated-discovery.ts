import type { JsonObject } from '../json.ts';
import type { Resource } from '../store/resource.ts';
import { type DiscoveredKind, discoveredKinds, STATUS_VERBS } from './discovery.ts';
import type { HttpExchange } from './http-exchange.ts';

/** Media type of discovery in one answer. */
export const AGGREGATED_TYPE =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Whether a client asks for all kinds of all groups at once. */
export function isAggregated(exchange: HttpExchange): boolean {
  const accepted = exchange.header('accept').split(',');
  return accepted.some((type) => type.trim() === AGGREGATED_TYPE);
}

/** `/api` and `/apis` in one answer for each (apidiscovery.k8s.io/v2); undefined for other paths. */
export function aggregatedDiscovery(
  resources: readonly Resource[],
  path: string,
): JsonObject | undefined {
  if (path !== '/api' && path !== '/apis') return undefined;
  const isCore = path === '/api';
  const own = discoveredKinds(resources);
  const groups = [...new Set(own.map(({ group }) => group))].filter(
    (group) => (group === '') === isCore,
  );
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versionsOf(own.filter((resource) => resource.group === group)),
    })),
  };
}

function versionsOf(resources: readonly DiscoveredKind[]): readonly JsonObject[] {
  const versions = [...new Set(resources.map(({ version }) => version))];
  return versions.map((version) => ({
    version,
    resources: resources.filter((resource) => resource.version === version).map(discovered),
    freshness: 'Current',
  }));
}

function discovered(resource: DiscoveredKind): JsonObject {
  const { plural, singular, namespaced, verbs, shortNames, categories, hasStatus } = resource;
  // Core kinds are told without saying of which group and version they are.
  const { group, version } = resource.custom ? resource : { group: '', version: '' };
  const responseKind = { group, version, kind: resource.kind };
  const status = { subresource: 'status', responseKind, verbs: STATUS_VERBS };
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(hasStatus && { subresources: [status] }),
  };
}
