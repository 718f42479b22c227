/**
 * Where the API of the GitHub is that serves a repository: github.com, GitHub Enterprise Cloud with data residency
 * (`*.ghe.com`), or GitHub Enterprise Server.
 */
export function githubApiUrl({ protocol, host, hostname }: URL): URL {
  const isPublic = hostname === 'github.com' || hostname.endsWith('.ghe.com');
  return new URL(isPublic ? `https://api.${hostname}` : `${protocol}//${host}/api/v3`);
}
