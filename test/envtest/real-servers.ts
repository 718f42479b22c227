import type { ApiServer, ApiServerOptions } from '../../src/sandbox/kubernetes/api-server.ts';
import { type ControlPlanes, startControlPlanes } from './control-plane.ts';
import { createRealApiServer } from './real-api-server.ts';

let planes: Promise<ControlPlanes> | undefined;

/** Makes a real API server, over the one etcd of this run. */
export function createRealServer({ name }: Pick<ApiServerOptions, 'name'>): ApiServer {
  return createRealApiServer({ name, planes: () => (planes ??= startControlPlanes()) });
}

/** Ends whatever is still there at the end of the run. */
export async function stopRealServers(): Promise<void> {
  const started = await planes;
  planes = undefined;
  await started?.stop();
}
