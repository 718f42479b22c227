import { type Document, isScalar, parseDocument, visit } from 'yaml';

export type PlainYaml =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'problem'; readonly problem: string };

/**
 * One YAML document without aliases, tags or doubled keys, every scalar a string. Whatever the text, the effort grows
 * with its length alone. The parser's own messages quote the text: not one of them is kept. Throws nothing.
 */
export function parsePlainYaml(text: string): PlainYaml {
  try {
    const document = parseDocument(text, {
      schema: 'failsafe',
      stringKeys: true,
      resolveKnownTags: false,
      logLevel: 'error',
      // Both would take time in the square of the number of keys or errors: what one Secret holds must not hold us up.
      prettyErrors: false,
      uniqueKeys: false,
    });
    if (document.errors.length > 0 || document.warnings.length > 0 || hasDoubledKey(document)) {
      return { kind: 'problem', problem: 'is not one plain YAML document' };
    }
    return { kind: 'value', value: document.toJS({ maxAliasCount: 0 }) as unknown };
  } catch {
    return { kind: 'problem', problem: 'holds a YAML alias, or is nested too deeply' };
  }
}

function hasDoubledKey(document: Document): boolean {
  let isDoubled = false;
  visit(document, {
    Map: (_key, { items }) => {
      const keys = new Set(items.map(({ key }) => (isScalar(key) ? key.value : key)));
      if (keys.size === items.length) return undefined;
      isDoubled = true;
      return visit.BREAK;
    },
  });
  return isDoubled;
}
