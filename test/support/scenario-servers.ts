import {
  type ApiServer,
  type ApiServerOptions,
  createApiServer,
} from '../../src/sandbox/kubernetes/api-server.ts';

type CreateServer = (options: ApiServerOptions) => ApiServer;

let create: CreateServer = createApiServer;

/** Lets all scenarios of this process stand on other API servers than the embedded ones. */
export function useServers(createServer: CreateServer): void {
  create = createServer;
}

/** Makes an API server of the kind that scenarios stand on. */
export const createScenarioServer: CreateServer = (options) => create(options);
