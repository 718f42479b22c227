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

function entriesOf(resource: Resource): readonly JsonObject[] {
  const { plural, singular, namespaced, kind, shortNames, categories } = resource;
  const entry = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: VERBS,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
  };
  if (!resource.hasStatus) return [entry];
  const verbs = ['get', 'patch', 'update'];
  return [entry, { name: `${plural}/status`, singularName: '', namespaced, kind, verbs }];
}

const REVIEW_ENTRIES: readonly JsonObject[] = Object.entries(REVIEWS).map(([name, kind]) => ({
  name,
  singularName: kind.toLowerCase(),
  namespaced: false,
  kind,
  verbs: ['create'],
}));

/** `/api/v1`, `/apis/<group>/<version>`: the kinds of one version, or undefined when there are none. */
export function resourceList(
  resources: readonly Resource[],
  group: string,
  version: string,
): JsonObject | undefined {
  const isAuthorization = group === AUTHORIZATION && version === 'v1';
  const entries = isAuthorization
    ? REVIEW_ENTRIES
    : resources
        .filter((resource) => resource.group === group && resource.version === version)
        .flatMap(entriesOf);
  if (entries.length === 0) return undefined;
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: entries };
}
