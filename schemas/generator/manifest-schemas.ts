import { inlineRefs, type JsonSchema, mapSchema } from './json-schema.ts';

/**
 * Keywords that say nothing about validity, or are there for editors only: we have words of our own for what is wrong
 * (`x-expected`; two equal clusters are a `self-link`).
 */
const DROPPED_KEYWORDS =
  /^(\$schema|\$id|title|description|examples|readOnly|uniqueItems|patternErrorMessage|x-crd|x-kubernetes-.*)$/;

/** The schemas by which files are validated: without prose, and without what only the service writes. */
export function manifestSchemasOf(schemas: readonly JsonSchema[], banner: string): string {
  const constants = schemas.map((schema) => {
    const title = String(schema.title);
    const name = `${title.charAt(0).toLowerCase()}${title.slice(1)}ManifestSchema`;
    const address = `/** Where editors find the schema of a ${title}. */\nexport const ${name.replace('ManifestSchema', 'SchemaAddress')} = ${JSON.stringify(schema['$id'])};\n`;
    return `/** Validates a ${title} as it stands in a file. */\nexport const ${name} = ${JSON.stringify(strip(inlineRefs(schema)), undefined, 2)};\n\n${address}`;
  });
  return `${banner}\n\n${constants.join('\n')}`;
}

function strip(schema: JsonSchema): JsonSchema {
  const kept = Object.entries(schema).filter(([keyword]) => !DROPPED_KEYWORDS.test(keyword));
  return mapSchema(Object.fromEntries(kept), (child) =>
    child.readOnly === true ? undefined : strip(child),
  );
}
