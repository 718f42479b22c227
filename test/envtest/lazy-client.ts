import type { KubeClient } from '../../src/kube/kube-client.ts';

/** A client that waits for the real one before its first call, where a server must still come up. */
export function lazyClient(connect: () => Promise<KubeClient>): KubeClient {
  let connected: Promise<KubeClient> | undefined;
  const client = (): Promise<KubeClient> => (connected ??= connect());
  return {
    get: async (...args) => (await client()).get(...args),
    list: async (...args) => (await client()).list(...args),
    async *watch(...args) {
      yield* (await client()).watch(...args);
    },
    create: async (...args) => (await client()).create(...args),
    apply: async (...args) => (await client()).apply(...args),
    patch: async (...args) => (await client()).patch(...args),
    delete: async (...args) => (await client()).delete(...args),
    isAllowed: async (...args) => (await client()).isAllowed(...args),
    close: async () => (await connected)?.close(),
  };
}
