import { stopRealServers } from './real-servers.ts';

/** Loaded by mocha before the tests (`npm run test:envtest`). */
export const mochaHooks = {
  afterAll: [stopRealServers],
};
