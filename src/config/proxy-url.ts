/** The address of a proxy, `host:port` or a URL as in `HTTPS_PROXY`; undefined for what is none. It may hold a credential. */
export function parseProxy(text: string): URL | undefined {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
  return url.pathname === '/' && url.search === '' && url.hash === '' ? url : undefined;
}
