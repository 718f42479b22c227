import definitions from './generated/core-schemas.json' with { type: 'json' };
import { isJsonObject, type JsonObject, textOrEmpty, without } from '../json.ts';
import { ANYTHING, OBJECT_META, type Schema } from './schema.ts';

const PREFIX = '#/components/schemas/';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Types that are no plain structures, by the names of their definitions. */
const SPECIAL: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': ANYTHING,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { 'x-kubernetes-int-or-string': true },
  [`${META}.ObjectMeta`]: OBJECT_META,
  [`${META}.FieldsV1`]: ANYTHING,
  [`${META}.Time`]: { type: 'string', format: 'date-time', nullable: true, title: 'Time' },
  [`${META}.MicroTime`]: {
    type: 'string',
    format: 'date-time',
    nullable: true,
    title: 'MicroTime',
  },
};

const DEFINITIONS: Readonly<Record<string, unknown>> = definitions;
const resolved = new Map<string, Schema>();

/**
 * The schema of a built-in kind, by the name of its definition in `/openapi/v3`, e.g. `io.k8s.api.core.v1.Secret`. They
 * were taken from a real kube-apiserver (generated/core-schemas.json).
 */
export function coreSchema(name: string): Schema {
  const known = SPECIAL[name] ?? resolved.get(name);
  if (known !== undefined) return known;
  const definition = DEFINITIONS[name];
  if (!isJsonObject(definition)) throw new Error(`no definition of ${name}`);
  const schema = { title: name.split('.').at(-1), ...resolve(definition) } as Schema;
  resolved.set(name, schema);
  return schema;
}

/** A schema with what it refers to in place of the references. */
function resolve(schema: JsonObject): JsonObject {
  const [part] = Array.isArray(schema['allOf']) ? (schema['allOf'] as readonly unknown[]) : [];
  const reference = isJsonObject(part) ? textOrEmpty(part['$ref']) : textOrEmpty(schema['$ref']);
  const referred = reference === '' ? {} : coreSchema(reference.slice(PREFIX.length));
  const own = without(without(schema, 'allOf'), '$ref');
  return {
    ...referred,
    ...Object.fromEntries(
      Object.entries(own).map(([member, value]) => [member, resolveMember(member, value)]),
    ),
  };
}

function resolveMember(member: string, value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  if (member !== 'properties') return resolve(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isJsonObject(inner) ? resolve(inner) : {}]),
  );
}
