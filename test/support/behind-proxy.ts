import { randomUUID } from 'node:crypto';

import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { renderKubeconfig } from '../../src/sandbox/kubernetes/http/kubeconfig.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import { type Fate, FrontProxy, type ProxiedRequest } from './front-proxy.ts';
import { TEST_CERTIFICATE } from './test-certificate.ts';

/** Decides what becomes of a request to one cluster. */
export type FateOf = (cluster: string, request: ProxiedRequest) => Fate | Promise<Fate>;

/** Hears what a cluster answered to a request. */
export type OnAnswer = (cluster: string, request: ProxiedRequest, status: number) => void;

/** An API server behind a proxy. */
export interface ProxiedApiServer extends ApiServer {
  /** Cuts every connection. */
  cut(): void;
  /** Makes the user's token worthless; the next kubeconfig holds another one. */
  revoke(user: string): void;
}

/**
 * The same API server, reached through a proxy that does to each request what it is told. Clients inside the cluster do
 * not pass through it.
 */
export function behindProxy(
  server: ApiServer,
  fateOf: FateOf,
  onAnswer: OnAnswer = () => undefined,
): ProxiedApiServer {
  /** The tokens that kubeconfigs hold, and the server's own. */
  const tokens = new Map<string, string>();
  const shown = new Map<string, string>();
  const proxy = new FrontProxy({
    upstream: () => server.url,
    upstreamCA: () => pemOf(parse(server.kubeconfig('admin')).caData),
    authorize: (authorization) => tokens.get(authorization),
    fateOf: (request) => fateOf(server.name, request),
    onAnswer: (request, status) => onAnswer(server.name, request, status),
  });

  function issue(user: string): string {
    const token = `${user}-${randomUUID()}`;
    tokens.set(`Bearer ${token}`, `Bearer ${parse(server.kubeconfig(user)).token ?? ''}`);
    shown.set(user, token);
    return token;
  }

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
    revoke: (user) => {
      tokens.delete(`Bearer ${shown.get(user) ?? ''}`);
      shown.delete(user);
    },
    client: (options) => server.client(options),
    addUser: (name, groups) => server.addUser(name, groups),
    kubeconfig: (user) =>
      renderKubeconfig({
        cluster: server.name,
        url: proxy.url,
        certificate: TEST_CERTIFICATE,
        user,
        token: shown.get(user) ?? issue(user),
      }),
  };
}

function pemOf(data = ''): string {
  return Buffer.from(data, 'base64').toString();
}
