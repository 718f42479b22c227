import { inlineRefs, type JsonSchema } from './json-schema.ts';

interface Row {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** The reference page of all kinds, as Markdown. */
export function referencePage(schemas: readonly JsonSchema[], banner: string): string {
  const sections = schemas.map((schema) => {
    const rows = rowsOf(inlineRefs(schema), '').map(renderRow);
    return [
      `## ${String(schema.title)}`,
      String(schema.description),
      ...(schema.examples ?? []).map(
        (example) => `\`\`\`json\n${JSON.stringify(example, undefined, 2)}\n\`\`\``,
      ),
      ['| field | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    ].join('\n\n');
  });
  return [
    `<!-- ${banner} -->`,
    '# Kinds: reference',
    'Fields marked with * are required. `[]` stands for every item of a list.',
    ...sections,
    '',
  ].join('\n\n');
}

function rowsOf(schema: JsonSchema, path: string): readonly Row[] {
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const row = {
      path: path === '' ? name : `${path}.${name}`,
      schema: child,
      required: schema.required?.includes(name) === true,
    };
    return [row, ...rowsOf(child, row.path)];
  });
  return schema.items === undefined ? properties : rowsOf(schema.items, `${path}[]`);
}

function renderRow({ path, schema, required }: Row): string {
  const fallback = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
  const cells = [`\`${path}\`${required ? '*' : ''}`, typeText(schema), fallback, meaning(schema)];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return 'map of strings';
  const { minimum, maximum } = schema;
  const range = maximum === undefined ? '' : ` ${String(minimum)}–${String(maximum)}`;
  return `${String(schema.type)}${range}`;
}

function meaning(schema: JsonSchema): string {
  const example = schema.examples?.[0];
  const isPlain = typeof example === 'string' || typeof example === 'number';
  const hasExample = isPlain && schema.const === undefined && schema.enum === undefined;
  return `${String(schema.description)}${hasExample ? ` Example: \`${String(example)}\`.` : ''}`;
}
