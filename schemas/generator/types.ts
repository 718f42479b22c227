import { compile } from 'json-schema-to-typescript';
import ts from 'typescript';
import { type JsonSchema, mapSchema, resolveRef, without } from './json-schema.ts';

type CompilerInput = Parameters<typeof compile>[0];

/** TypeScript types of a schema: one interface for each titled object, everything readonly. */
export async function typesOf(schema: JsonSchema, banner: string): Promise<string> {
  const source = await compile(forCompiler(schema, schema) as CompilerInput, schema.title ?? '', {
    bannerComment: banner,
    // More than a pair is an array, not a union of tuples.
    maxItems: 2,
    style: { singleQuote: true, printWidth: 100 },
  });
  return withReadonly(source);
}

/**
 * What json-schema-to-typescript understands best: objects stay references, so that each becomes one interface;
 * everything else is inlined, so that no alias of `string` comes about.
 */
function forCompiler(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const target = resolveRef(schema, root);
  if (schema.$ref !== undefined && target.type === 'object') return { $ref: schema.$ref };
  // Patterns of keys only forbid; as types they would widen the values.
  return mapSchema(without(target, 'patternProperties'), (child) => forCompiler(child, root));
}

function withReadonly(source: string): string {
  const file = ts.createSourceFile('types.ts', source, ts.ScriptTarget.Latest, true);
  const positions: number[] = [];
  const visit = (node: ts.Node): void => {
    const isData =
      ts.isPropertySignature(node) ||
      ts.isIndexSignatureDeclaration(node) ||
      ts.isArrayTypeNode(node) ||
      ts.isTupleTypeNode(node);
    if (isData) positions.push(node.getStart());
    ts.forEachChild(node, visit);
  };
  visit(file);
  return positions
    .sort((a, b) => b - a)
    .reduce((text, at) => `${text.slice(0, at)}readonly ${text.slice(at)}`, source);
}
