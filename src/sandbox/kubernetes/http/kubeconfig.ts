import { stringify } from 'yaml';

/** What a kubeconfig needs to say. */
export interface KubeconfigParts {
  /** Name of the cluster and of the context. */
  readonly cluster: string;
  readonly url: string;
  /** PEM. */
  readonly certificate: string;
  readonly user: string;
  readonly token: string;
}

/** A kubeconfig file with everything inline, so that it works wherever it lies. */
export function renderKubeconfig(parts: KubeconfigParts): string {
  const { cluster, url, certificate, user, token } = parts;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: cluster,
        cluster: {
          server: url,
          'certificate-authority-data': Buffer.from(certificate).toString('base64'),
        },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: cluster, context: { cluster, user } }],
    'current-context': cluster,
  });
}
