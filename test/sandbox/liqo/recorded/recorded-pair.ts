import { HttpCaller } from '../../kubernetes/http-caller.ts';
import type { LiqoLeafOptions } from '../../../../src/sandbox/liqo/liqo-leaf.ts';
import { createTunnelNetwork } from '../../../../src/sandbox/liqo/tunnel-network.ts';
import { startLeaf, stopAll, type TestLeaf } from '../leaf-pair.ts';
import type { LiqoctlSide } from './liqoctl.ts';

/** rome (client) and milan (server) as they were when the recordings were made, each with its API server on HTTPS. */
export interface RecordedPair {
  readonly rome: TestLeaf;
  readonly milan: TestLeaf;
  readonly client: LiqoctlSide;
  readonly server: LiqoctlSide;
  stop(): Promise<void>;
}

export async function startRecordedPair(
  options: Partial<LiqoLeafOptions> = {},
  user?: string,
): Promise<RecordedPair> {
  const network = createTunnelNetwork();
  const [rome, milan] = await Promise.all([
    startLeaf('rome', network, {
      address: '172.30.0.12',
      options: { steps: {}, serviceCIDR: '10.111.0.0/16', ...options },
    }),
    startLeaf('milan', network, {
      address: '172.30.0.13',
      options: { steps: {}, serviceCIDR: '10.112.0.0/16', ...options },
    }),
  ]);
  const sides: LiqoctlSide[] = [];
  for (const { id, server } of [rome, milan]) {
    await server.start();
    if (user !== undefined) server.addUser(user);
    sides.push({ id, caller: new HttpCaller(server, user), requests: [] });
  }
  const [client, server] = sides as [LiqoctlSide, LiqoctlSide];
  return {
    rome,
    milan,
    client,
    server,
    async stop() {
      for (const { caller } of sides) await caller.close();
      await stopAll(rome, milan);
      for (const leaf of [rome, milan]) await leaf.server.stop();
    },
  };
}
