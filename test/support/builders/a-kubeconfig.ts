import { stringify } from 'yaml';
import { TEST_CERTIFICATE_DATA } from '../test-certificate.ts';

export interface KubeconfigOverrides {
  readonly file?: object;
  readonly context?: object;
  readonly cluster?: object;
  readonly user?: object;
}

/** A good kubeconfig; what is given replaces or adds fields of its parts. */
export function aKubeconfig({ file, context, cluster, user }: KubeconfigOverrides = {}): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'admin@rome',
    preferences: {},
    clusters: [
      {
        name: 'rome',
        cluster: {
          server: 'https://192.0.2.1:6443',
          'certificate-authority-data': TEST_CERTIFICATE_DATA,
          ...cluster,
        },
      },
    ],
    users: [{ name: 'admin', user: { token: 'a-secret', ...user } }],
    contexts: [{ name: 'admin@rome', context: { cluster: 'rome', user: 'admin', ...context } }],
    ...file,
  });
}
