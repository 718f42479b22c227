import { REVIEWS } from '../access/reviews.ts';
import type { JsonObject } from '../json.ts';
import type { Resource } from '../store/resource.ts';

/** The version that the server claims to be: the one whose behaviour was recorded. */
export const VERSION = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.4',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'go1.25',
  compiler: 'gc',
  platform: 'linux/amd64',
  emulationMajor: '1',
  emulationMinor: '35',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '34',
} as const;

const AUTHORIZATION = 'authorization.k8s.io';
const VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;

/** The order in which the API server names the verbs of custom resources. */
const CUSTOM_VERBS = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
] as const;

/** What can be done with the status of an object. */
export const STATUS_VERBS = ['get', 'patch', 'update'] as const;

/** A kind as discovery shows it. */
export type DiscoveredKind = Pick<
  Resource,
  'group' | 'version' | 'plural' | 'singular' | 'namespaced' | 'kind' | 'shortNames'
> &
  Pick<Resource, 'categories' | 'hasStatus' | 'custom'> & { readonly verbs: readonly string[] };

const REVIEW_KINDS = Object.entries(REVIEWS).map(([plural, kind]): DiscoveredKind => {
  const about = { group: AUTHORIZATION, version: 'v1', namespaced: false, hasStatus: false };
  const names = { plural, singular: kind.toLowerCase(), kind, shortNames: [], categories: [] };
  return { ...about, ...names, custom: false, verbs: ['create'] };
});

/** All kinds that clients can find: those that are stored, and the reviews. */
export function discoveredKinds(resources: readonly Resource[]): readonly DiscoveredKind[] {
  return [
    ...resources.map((resource) => ({
      ...resource,
      verbs: resource.custom
        ? CUSTOM_VERBS
        : VERBS.filter((verb) => verb !== 'deletecollection' || resource.deletesCollections),
    })),
    ...REVIEW_KINDS,
  ];
}

/** `/api`: versions of the core group. */
export function coreVersions(address: string): JsonObject {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

function groupOf(name: string, versions: readonly string[]): JsonObject {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function versionsByGroup(resources: readonly Resource[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>([[AUTHORIZATION, ['v1']]]);
  for (const { group, version } of resources.filter((resource) => resource.group !== '')) {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) groups.set(group, [...versions, version]);
  }
  return groups;
}

/** `/apis`: all groups with their versions. */
export function groupList(resources: readonly Resource[]): JsonObject {
  const groups = [...versionsByGroup(resources)].map(([name, versions]) => groupOf(name, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** `/apis/<group>`, or undefined when nobody has heard of it. */
export function oneGroup(resources: readonly Resource[], name: string): JsonObject | undefined {
  const versions = versionsByGroup(resources).get(name);
  if (versions === undefined) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(name, versions) };
}

function entriesOf(discovered: DiscoveredKind): readonly JsonObject[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = discovered;
  const entry = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
  };
  if (!discovered.hasStatus) return [entry];
  const status = { name: `${plural}/status`, singularName: '', namespaced, kind };
  return [entry, { ...status, verbs: STATUS_VERBS }];
}

/** `/api/v1`, `/apis/<group>/<version>`: the kinds of one version, or undefined when there are none. */
export function resourceList(
  resources: readonly Resource[],
  group: string,
  version: string,
): JsonObject | undefined {
  const entries = discoveredKinds(resources)
    .filter((kind) => kind.group === group && kind.version === version)
    .flatMap(entriesOf);
  if (entries.length === 0) return undefined;
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: entries };
}
