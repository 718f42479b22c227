import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { checkServer } from './check-server.ts';
import { type ClusterCredentials, createCredentials, refuseCredential } from './credentials.ts';

/** Environment variables, injected: only the edge of the program reads `process.env`. */
type Environment = Readonly<Record<string, string | undefined>>;

export interface InClusterOptions {
  readonly cluster: string;
  readonly environment: Environment;
  /** Where the service account is mounted. */
  readonly directory?: string;
}

/** Where Kubernetes mounts the service account of a Pod. */
const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The Pod's own service account, or undefined outside a cluster. The token is projected and rotates: its path is kept,
 * not its content. Throws CredentialInvalidError when the files are not there or not readable.
 */
export async function loadInClusterCredentials({
  cluster,
  environment,
  directory = SERVICE_ACCOUNT_DIRECTORY,
}: InClusterOptions): Promise<ClusterCredentials | undefined> {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || port === undefined) return undefined;
  const tokenFile = join(directory, 'token');
  const [ca] = await Promise.all([
    readServiceAccountFile(join(directory, 'ca.crt'), cluster),
    readServiceAccountFile(tokenFile, cluster),
  ]);
  return createCredentials(
    {
      server: checkServer(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`, {
        cluster,
        field: 'KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT',
        allowLoopbackHttp: false,
      }),
      caData: ca.toString('base64'),
      tokenFile,
    },
    cluster,
  );
}

async function readServiceAccountFile(path: string, cluster: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch {
    return refuseCredential(cluster, path, 'cannot be read');
  }
}
