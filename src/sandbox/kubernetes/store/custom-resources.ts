import type { KubeObject } from '../../../model/kube-object.ts';
import { isJsonObject, listOrEmpty, objectOrEmpty, textOrEmpty } from '../json.ts';
import { NAME } from './builtin-columns.ts';
import type { PrinterColumn, Resource } from './resource.ts';
import { ANYTHING, OBJECT_META, type Schema } from '../schema/schema.ts';

function texts(value: unknown): readonly string[] {
  return listOrEmpty(value).map(textOrEmpty);
}

/** What kubectl shows when a definition names no columns; the name comes first in any case. */
const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

function rootSchema(version: Readonly<Record<string, unknown>>): Schema {
  const declared = objectOrEmpty(version['schema'])['openAPIV3Schema'];
  // A definition is checked for being an object only: its schema is taken at its word.
  const schema: Schema = isJsonObject(declared) ? declared : ANYTHING;
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: withNameRules(schema.properties?.['metadata']),
    },
  };
}

/** Of its metadata a definition may restrict names only. */
function withNameRules(declared: Schema | undefined): Schema {
  const { name, generateName } = declared?.properties ?? {};
  const rules = { ...(name && { name }), ...(generateName && { generateName }) };
  return { ...OBJECT_META, properties: { ...OBJECT_META.properties, ...rules } };
}

/** The kinds that a CustomResourceDefinition brings, one for each version it serves. */
export function customResources(definition: KubeObject): readonly Resource[] {
  const spec = objectOrEmpty(definition['spec']);
  const names = objectOrEmpty(spec['names']);
  const group = textOrEmpty(spec['group']);
  const kind = textOrEmpty(names['kind']);
  return listOrEmpty(spec['versions'])
    .map(objectOrEmpty)
    .filter((version) => version['served'] === true)
    .map((version) => ({
      group,
      version: textOrEmpty(version['name']),
      apiVersion: `${group}/${textOrEmpty(version['name'])}`,
      kind,
      plural: textOrEmpty(names['plural']),
      singular: textOrEmpty(names['singular']) || kind.toLowerCase(),
      listKind: textOrEmpty(names['listKind']) || `${kind}List`,
      shortNames: texts(names['shortNames']),
      categories: texts(names['categories']),
      namespaced: spec['scope'] === 'Namespaced',
      hasStatus: 'status' in objectOrEmpty(version['subresources']),
      tracksGeneration: true,
      custom: true,
      isGoing: definition.metadata.deletionTimestamp !== undefined,
      nameRule: 'subdomain' as const,
      schema: rootSchema(version),
      columns: [
        NAME,
        ...((version['additionalPrinterColumns'] as readonly PrinterColumn[] | undefined) ?? [AGE]),
      ],
      fields: listOrEmpty(version['selectableFields'])
        .map((field) => textOrEmpty(objectOrEmpty(field)['jsonPath']))
        .map((path) => path.replace(/^\./, '')),
      showsDeleted: false,
      updateCreates: false,
      deletesCollections: true,
    }));
}
