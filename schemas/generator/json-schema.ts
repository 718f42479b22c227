/** The part of JSON Schema 2020-12 that our schemas use, and our own extensions. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly readOnly?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly not?: JsonSchema;
  readonly examples?: readonly unknown[];
  /** Completes "must be …" in messages, where a pattern would say nothing to a reader. */
  readonly 'x-expected'?: string;
  /** What editors say in its place (yaml-language-server): "Must be …." with the same words. */
  readonly patternErrorMessage?: string;
  readonly 'x-crd'?: CrdNames;
  readonly [keyword: string]: unknown;
}

/** What a CRD needs beside its schema. */
interface CrdNames {
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly printerColumns: readonly Readonly<Record<string, unknown>>[];
}

/** Copies a schema, with every schema inside it replaced by what `change` makes of it (undefined: left out). */
export function mapSchema(
  schema: JsonSchema,
  change: (child: JsonSchema) => JsonSchema | undefined,
): JsonSchema {
  const copy: Record<string, unknown> = { ...schema };
  for (const keyword of ['items', 'not', 'propertyNames', 'additionalProperties']) {
    const child = schema[keyword];
    if (isSchema(child)) copy[keyword] = change(child);
  }
  for (const keyword of ['properties', 'patternProperties', '$defs'] as const) {
    const children = schema[keyword];
    if (children === undefined) continue;
    copy[keyword] = Object.fromEntries(
      Object.entries(children).flatMap(([name, child]) => {
        const changed = change(child);
        return changed === undefined ? [] : [[name, changed]];
      }),
    );
  }
  return copy;
}

/** The schema that a local `$ref` names; keywords beside the `$ref` win. */
export function resolveRef(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
  if (target === undefined) throw new Error(`nothing at ${schema.$ref}`);
  return { ...target, ...without(schema, '$ref') };
}

/** The schema with every local `$ref` replaced by what it names. */
export function inlineRefs(schema: JsonSchema, root: JsonSchema = schema): JsonSchema {
  const resolved = without(resolveRef(schema, root), '$defs');
  return mapSchema(resolved, (child) => inlineRefs(child, root));
}

/** The schema less one keyword. */
export function without(schema: JsonSchema, keyword: string): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== keyword));
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}
