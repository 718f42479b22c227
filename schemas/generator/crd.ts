import { stringify } from 'yaml';
import { inlineRefs, type JsonSchema, mapSchema } from './json-schema.ts';

/** Keywords that a structural schema of Kubernetes knows, and that we use. */
const STRUCTURAL_KEYWORDS = new Set([
  'type',
  'description',
  'properties',
  'required',
  'items',
  'enum',
  'default',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
]);

/** What a CRD may say about the name in `metadata`. */
const NAME_KEYWORDS = ['type', 'maxLength', 'pattern'];

/** The CustomResourceDefinition of a kind, as YAML. */
export function crdOf(schema: JsonSchema, banner: string): string {
  const names = schema['x-crd'];
  if (names === undefined || schema.title === undefined)
    throw new Error('x-crd or title is missing');
  const [group, version] = String(schema.properties?.['apiVersion']?.const).split('/');
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${String(group)}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: schema.title,
        listKind: `${schema.title}List`,
        plural: names.plural,
        singular: schema.title.toLowerCase(),
        shortNames: names.shortNames,
        categories: names.categories,
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: names.printerColumns,
          schema: { openAPIV3Schema: openApi(schema) },
        },
      ],
    },
  };
  return `# ${banner}\n${stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function openApi(schema: JsonSchema): JsonSchema {
  const { metadata, ...properties } = inlineRefs(schema).properties ?? {};
  const name = metadata?.properties?.['name'] ?? {};
  return {
    ...structural({ ...schema, properties }),
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object', properties: { name: pick(name, NAME_KEYWORDS) } },
      spec: structural(properties['spec'] ?? {}),
      status: structural(properties['status'] ?? {}),
    },
  };
}

function structural(schema: JsonSchema): JsonSchema {
  const keywords = Object.keys(schema).filter((keyword) => STRUCTURAL_KEYWORDS.has(keyword));
  const kept = pick(schema, keywords);
  // `additionalProperties: false` is what the API server does by pruning; only maps keep the keyword.
  const values = schema.additionalProperties;
  return mapSchema(
    typeof values === 'object' ? { ...kept, additionalProperties: values } : kept,
    structural,
  );
}

function pick(schema: JsonSchema, keywords: readonly string[]): JsonSchema {
  return Object.fromEntries(keywords.map((keyword) => [keyword, schema[keyword]]));
}
