import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { renderKubeconfig } from '../../src/sandbox/kubernetes/http/kubeconfig.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import { type Fate, FrontProxy, type ProxiedRequest } from './front-proxy.ts';
import { TEST_CERTIFICATE } from './test-certificate.ts';

/** Decides what becomes of a request to one cluster. */
export type FateOf = (cluster: string, request: ProxiedRequest) => Fate | Promise<Fate>;

/**
 * The same API server, reached through a proxy that does to each request what it is told. Clients inside the cluster do
 * not pass through it.
 */
export function behindProxy(server: ApiServer, fateOf: FateOf): ApiServer & { cut(): void } {
  const proxy = new FrontProxy({
    upstream: () => server.url,
    upstreamCA: () => pemOf(parse(server.kubeconfig('admin')).caData),
    fateOf: (request) => fateOf(server.name, request),
  });

  function parse(kubeconfig: string) {
    return parseKubeconfig(kubeconfig, { cluster: server.name });
  }

  return {
    name: server.name,
    requests: server.requests,
    faults: server.faults,
    get url() {
      return proxy.url;
    },
    start: async () => {
      await server.start();
      await proxy.start();
    },
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
    cut: () => proxy.cut(),
    client: (options) => server.client(options),
    addUser: (name, groups) => server.addUser(name, groups),
    kubeconfig: (user) =>
      renderKubeconfig({
        cluster: server.name,
        url: proxy.url,
        certificate: TEST_CERTIFICATE,
        user,
        token: parse(server.kubeconfig(user)).token ?? '',
      }),
  };
}

function pemOf(data = ''): string {
  return Buffer.from(data, 'base64').toString();
}
