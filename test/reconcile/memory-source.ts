import { GitPathNotFoundError } from '../../src/errors/errors.ts';
import type { Source } from '../../src/git/source.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** A source whose files are given by path; undefined: the folder is not there. */
export function createMemorySource(
  files: Readonly<Record<string, string>> | undefined,
  commit = COMMIT,
): Source {
  const revision = `main@sha1:${commit}`;
  return {
    location: 'memory',
    ref: 'main',
    path: '.',
    verifies: false,
    accept: () => Promise.resolve(),
    resolve: () => Promise.resolve({ revision, commit }),
    descent: () => Promise.resolve('descends'),
    read: () => {
      if (files === undefined) {
        return Promise.reject(new GitPathNotFoundError('the folder "." is not there'));
      }
      const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
      return Promise.resolve({
        revision,
        commit,
        path: '.',
        files: entries.map(([path, text]) => {
          const bytes = Buffer.from(text);
          return { path, kind: 'file', size: bytes.length, bytes } as const;
        }),
      });
    },
  };
}

/** A file that holds a LeafCluster. */
export function leafFile(name: string): string {
  return `apiVersion: shortcuts.liqo.io/v1alpha1
kind: LeafCluster
metadata: { name: ${name} }
spec: { kubeconfigSecretRef: { name: ${name}-kubeconfig }, gateway: { serviceType: NodePort } }
`;
}

/** A file that holds a Shortcut. */
export function shortcutFile(a: string, b: string, server = 'auto'): string {
  return `apiVersion: shortcuts.liqo.io/v1alpha1
kind: Shortcut
metadata: { name: ${a}-${b} }
spec: { clusters: [${a}, ${b}], server: ${server} }
`;
}
