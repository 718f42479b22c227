/** What lies at `path` inside a JSON value; undefined where the path leads nowhere. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found;
}

/** The text at `path`; undefined when there is none, or an empty one. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldAt(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The list of texts at `path`; empty when there is none. Entries that are not text read as `''`. */
export function textsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  const found = fieldAt(value, ...path);
  return Array.isArray(found)
    ? found.map((entry: unknown) => (typeof entry === 'string' ? entry : ''))
    : [];
}

/** The number at `path`; undefined when there is none. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
}
