/** What a request's path names. Members that it does not have are empty. */
export interface ApiPath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: string;
}

/**
 * Reads a path like `/apis/<group>/<version>/namespaces/<namespace>/<plural>/<name>/<subresource>`; undefined when it
 * names no resource. `/api/v1/namespaces/<name>` is the namespace itself.
 */
export function parseApiPath(path: string): ApiPath | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const [root] = parts;
  const start = root === 'api' ? 2 : 3;
  if ((root !== 'api' && root !== 'apis') || parts.length <= start) return undefined;
  const [group = '', version = ''] = root === 'api' ? ['', parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(start);
  const scoped = rest[0] === 'namespaces' && rest.length > 2 && !isPartOfNamespace(rest);
  const namespace = scoped ? (rest[1] ?? '') : '';
  const [plural = '', name = '', subresource = '', ...more] = scoped ? rest.slice(2) : rest;
  if (more.length > 0) return undefined;
  return { group, version, namespace, plural, name, subresource };
}

/** `namespaces/<name>/status` is a subresource, not a kind of object in a namespace. */
function isPartOfNamespace(rest: readonly string[]): boolean {
  return rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize');
}
