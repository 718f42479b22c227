import type { ForgeKind } from '../model/forge.ts';

/** Where the API of a repository is, and what the repository is called there. */
export interface ReportTarget {
  readonly apiUrl: string;
  readonly repository: string;
}

/**
 * Derives the API from the address of a repository, as the hosts have it by default: `https` or `ssh` URL, or
 * `user@host:path`. Undefined where that tells nothing: a local path, or a path that is no `owner/name`.
 */
export function deriveTarget(kind: ForgeKind, location: string): ReportTarget | undefined {
  const url = parseAddress(location);
  if (url === undefined) return undefined;
  const repository = url.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  const segments = repository.split('/');
  const isPath = segments.length >= 2 && segments.every((segment) => /^[\w.-]+$/.test(segment));
  if (!isPath || (kind !== 'gitlab' && segments.length !== 2)) return undefined;
  return { apiUrl: apiOf(kind, url), repository };
}

/** Over ssh the port is that of ssh: the API is at the usual one of https. */
function parseAddress(location: string): URL | undefined {
  const [, host, path] = /^[^/@]+@([^/:]+):(?!\/\/)(.+)$/.exec(location) ?? [];
  const text = host === undefined || path === undefined ? location : `ssh://${host}/${path}`;
  const url = URL.parse(text);
  if (url === null) return undefined;
  if (url.protocol === 'ssh:') {
    return URL.parse(`https://${url.hostname}${url.pathname}`) ?? undefined;
  }
  return url.protocol === 'https:' || isLoopback(url) ? url : undefined;
}

/** Without TLS a token goes nowhere but to this machine. */
export function isLoopback(url: URL | null): boolean {
  return url?.protocol === 'http:' && /^(127(\.\d+){3}|\[::1\]|localhost)$/.test(url.hostname);
}

function apiOf(kind: ForgeKind, { origin, host }: URL): string {
  switch (kind) {
    case 'github':
      if (host === 'github.com') return 'https://api.github.com';
      return host.endsWith('.ghe.com') ? `https://api.${host}` : `${origin}/api/v3`;
    case 'gitlab':
      return `${origin}/api/v4`;
    case 'gitea':
      return `${origin}/api/v1`;
  }
}
