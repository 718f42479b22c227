import type { ApiServer, ApiServerOptions } from '../../src/sandbox/kubernetes/api-server.ts';
import { type ControlPlanes, startControlPlanes } from './control-plane.ts';
import { createRealApiServer } from './real-api-server.ts';

let planes: Promise<ControlPlanes> | undefined;

/** Makes a real API server, over the one etcd of this run; `flags` are kube-apiserver's. */
export function createRealServer({
  name,
  flags = [],
}: Pick<ApiServerOptions, 'name'> & { readonly flags?: readonly string[] }): ApiServer {
  const startPlane = async () => (await (planes ??= startControlPlanes())).start(name, flags);
  return createRealApiServer({ name, startPlane });
}

/** Ends whatever is still there at the end of the run. */
export async function stopRealServers(): Promise<void> {
  const started = await planes;
  planes = undefined;
  await started?.stop();
}
