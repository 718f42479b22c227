import { readFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { type ClusterCredentials, refuseCredential } from './credentials.ts';
import { type InClusterOptions, loadInClusterCredentials } from './in-cluster.ts';
import { parseKubeconfig } from './parse-kubeconfig.ts';

export interface LoadMainOptions extends InClusterOptions {
  /** Path given with `--kubeconfig`. */
  readonly kubeconfig?: string;
  /** Name given with `--context`. */
  readonly context?: string;
}

/**
 * Credentials of the main cluster: `--kubeconfig`, else `KUBECONFIG` (one path), else the Pod's service account, else
 * undefined (offline). `~/.kube/config` is never taken by itself. Throws CredentialInvalidError.
 */
export async function loadMainCredentials(
  options: LoadMainOptions,
): Promise<ClusterCredentials | undefined> {
  const { cluster, kubeconfig, context, environment } = options;
  const path = kubeconfig ?? singlePath(environment['KUBECONFIG'], cluster);
  if (path === undefined) return loadInClusterCredentials(options);
  return parseKubeconfig(await readKubeconfig(path, cluster), {
    cluster,
    ...(context !== undefined && { context }),
  });
}

function singlePath(value = '', cluster: string): string | undefined {
  const paths = value.split(delimiter).filter((path) => path !== '');
  if (paths.length > 1) refuseCredential(cluster, 'KUBECONFIG', 'lists several files; name one');
  return paths[0];
}

async function readKubeconfig(path: string, cluster: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return refuseCredential(cluster, `kubeconfig file ${path}`, 'cannot be read');
  }
}
