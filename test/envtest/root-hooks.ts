import { useServers } from '../support/scenario-servers.ts';
import { LEFT_OUT } from './left-out.ts';
import { createRealServer, stopRealServers } from './real-servers.ts';

/** Loaded by mocha before the tests (`mocha.config.js`): scenarios stand on real API servers. */
useServers(createRealServer);

/** Called once for a run, however many files run side by side. */
export function mochaGlobalSetup(): void {
  for (const [file, why] of Object.entries(LEFT_OUT)) {
    console.warn(`!! SKIPPED on real API servers: ${file}: ${why}`);
  }
}

export const mochaHooks = {
  afterAll: [stopRealServers],
};
