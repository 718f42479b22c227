import { stringify } from 'yaml';
import type { LeafClusterSpec } from '../../src/model/leaf-cluster.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';

const API_VERSION = 'shortcuts.liqo.io/v1alpha1';

/** The YAML of a Shortcut. */
export function shortcutFile(
  name: string,
  spec: Partial<ShortcutSpec> & Pick<ShortcutSpec, 'clusters'>,
  annotations: Readonly<Record<string, string>> = {},
): string {
  const metadata = { name, annotations };
  return stringify({ apiVersion: API_VERSION, kind: 'Shortcut', metadata, spec });
}

/** The YAML of a LeafCluster of the embedded world. */
export function leafFile(
  name: string,
  gateway: LeafClusterSpec['gateway'] = { serviceType: 'NodePort' },
  liqoNamespace?: string,
): string {
  const spec = {
    liqoNamespace,
    kubeconfigSecretRef: { name: `${name}-kubeconfig` },
    gateway,
  };
  return stringify({ apiVersion: API_VERSION, kind: 'LeafCluster', metadata: { name }, spec });
}
