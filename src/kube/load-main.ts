import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { delimiter } from 'node:path';
import { type ClusterCredentials, refuseCredential } from './credentials.ts';
import { type InClusterOptions, loadInClusterCredentials } from './in-cluster.ts';
import { KUBECONFIG_SIZE_LIMIT, parseKubeconfig } from './parse-kubeconfig.ts';

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
  const field = kubeconfig === undefined ? 'the file in KUBECONFIG' : 'the file in --kubeconfig';
  return parseKubeconfig(await readKubeconfig(path, { cluster, field }), {
    cluster,
    ...(context !== undefined && { context }),
  });
}

function singlePath(value = '', cluster: string): string | undefined {
  const paths = value.split(delimiter).filter((path) => path !== '');
  if (paths.length > 1) refuseCredential(cluster, 'KUBECONFIG', 'lists several files; name one');
  return paths[0];
}

/**
 * No more is read than is looked at, since the path may lead anywhere, `/dev/zero` included. The path is not shown:
 * somebody may have given the kubeconfig itself.
 */
async function readKubeconfig(
  path: string,
  { cluster, field }: { readonly cluster: string; readonly field: string },
): Promise<string> {
  try {
    return (await buffer(createReadStream(path, { end: KUBECONFIG_SIZE_LIMIT }))).toString('utf8');
  } catch {
    return refuseCredential(cluster, field, 'cannot be read');
  }
}
