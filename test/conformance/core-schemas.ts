import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Json = Readonly<Record<string, unknown>>;

/** Where the schemas of the built-in kinds lie: taken from a real kube-apiserver, since nobody should write them by hand. */
const FILE = join(
  import.meta.dirname,
  '../../src/sandbox/kubernetes/schema/generated/core-schemas.json',
);

/** Documents of `/openapi/v3` that hold the kinds that the embedded server knows. */
export const CORE_DOCUMENTS = [
  'api/v1',
  'apis/apps/v1',
  'apis/coordination.k8s.io/v1',
  'apis/events.k8s.io/v1',
  'apis/rbac.authorization.k8s.io/v1',
];

const KINDS = [
  ...['ConfigMap', 'Event', 'Namespace', 'Node', 'Pod', 'Secret', 'Service', 'ServiceAccount'].map(
    (kind) => `io.k8s.api.core.v1.${kind}`,
  ),
  'io.k8s.api.apps.v1.Deployment',
  'io.k8s.api.coordination.v1.Lease',
  'io.k8s.api.events.v1.Event',
  ...['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'].map(
    (kind) => `io.k8s.api.rbac.v1.${kind}`,
  ),
];

/** Members of schemas that say what an object looks like; the rest is documentation, or checked otherwise. */
const KEPT = new Set([
  'type',
  'format',
  'properties',
  'additionalProperties',
  'items',
  'allOf',
  '$ref',
  'default',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-patch-merge-key',
]);

/** The schemas of the built-in kinds and of all that they refer to, from documents of `/openapi/v3`. */
export function coreSchemasOf(documents: readonly unknown[]): Json {
  const all = new Map<string, unknown>();
  for (const document of documents) {
    const { components } = document as { components: { schemas: Json } };
    for (const [name, schema] of Object.entries(components.schemas)) all.set(name, schema);
  }
  const found: Record<string, unknown> = {};
  const take = (name: string): void => {
    if (name in found) return;
    found[name] = trimmed(all.get(name));
    const text = JSON.stringify(found[name]);
    for (const [, other = ''] of text.matchAll(/#\/components\/schemas\/([^"]+)/g)) take(other);
  };
  KINDS.forEach(take);
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The schemas as the program knows them. */
export function knownCoreSchemas(): unknown {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

/** Replaces what the program knows. */
export function writeCoreSchemas(schemas: Json): void {
  mkdirSync(dirname(FILE), { recursive: true });
  const lines = Object.entries(schemas).map(
    ([name, schema]) => `${JSON.stringify(name)}: ${JSON.stringify(schema)}`,
  );
  writeFileSync(FILE, `{\n${lines.join(',\n')}\n}\n`);
}

function trimmed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(trimmed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema)
    .filter(([member, value]) => KEPT.has(member) && !isEmptyDefault(member, value))
    .map(([member, value]) => [
      member,
      member === 'properties'
        ? Object.fromEntries(
            Object.entries(value as Json).map(([name, inner]) => [name, trimmed(inner)]),
          )
        : trimmed(value),
    ]);
  return Object.fromEntries(entries) as unknown;
}

/** Go's zero values are written down as defaults, and fill in nothing. */
function isEmptyDefault(member: string, value: unknown): boolean {
  return member === 'default' && (typeof value === 'object' || value === '' || value === 0);
}
