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
  const [root, ...parts] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  if (root === 'api') return below('', parts);
  return root === 'apis' ? below(parts[0] ?? '', parts.slice(1)) : undefined;
}

function below(group: string, parts: readonly string[]): ApiPath | undefined {
  const version = part(parts, 0);
  const rest = parts.slice(1);
  if (rest.length === 0) return undefined;
  const scoped = rest[0] === 'namespaces' && rest.length > 2 && !isPartOfNamespace(rest);
  const address = scoped ? rest.slice(2) : rest;
  if (address.length > 3) return undefined;
  return {
    group,
    version,
    namespace: scoped ? part(rest, 1) : '',
    plural: part(address, 0),
    name: part(address, 1),
    subresource: part(address, 2),
  };
}

function part(parts: readonly string[], index: number): string {
  return parts[index] ?? '';
}

/** `namespaces/<name>/status` is a subresource, not a kind of object in a namespace. */
function isPartOfNamespace(rest: readonly string[]): boolean {
  return rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize');
}
