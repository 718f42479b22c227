import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  CUSTOM_RESOURCE_DEFINITION,
  LEAF_CLUSTER,
  NAMESPACE,
  SECRET,
  SHORTCUT,
} from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { LeafCluster } from '../../src/model/leaf-cluster.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { type ApiServer, createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { aLeafCluster, type LeafClusterOverrides } from '../support/builders/a-leaf-cluster.ts';
import { aShortcut, type ShortcutOverrides } from '../support/builders/a-shortcut.ts';
import { without } from '../status/without.ts';

const CRD_FOLDER = join(import.meta.dirname, '../../deploy/crds');
const { signal } = new AbortController();

/** An embedded main cluster with our kinds and the installation's namespace. */
export async function createMainServer(): Promise<ApiServer> {
  const server = createApiServer({ name: 'main' });
  const client = server.client();
  for (const file of (await readdir(CRD_FOLDER)).filter((name) => name.endsWith('.yaml'))) {
    const crd = parse(await readFile(join(CRD_FOLDER, file), 'utf8')) as KubeObject;
    await client.create(CUSTOM_RESOURCE_DEFINITION, crd, { signal });
  }
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'liqo-shortcuts' } };
  await client.create(NAMESPACE, namespace, { signal });
  return server;
}

/** Stores a Shortcut, as somebody with kubectl would. */
export async function createShortcut(
  server: ApiServer,
  overrides: ShortcutOverrides = {},
): Promise<Shortcut> {
  const object = asWritten(aShortcut(overrides));
  return (await server.client().create(SHORTCUT, object, { signal })) as Shortcut;
}

/** Stores a LeafCluster, and the Secret with its (pretended) kubeconfig. */
export async function createLeafCluster(
  server: ApiServer,
  name: string,
  overrides: LeafClusterOverrides = {},
): Promise<LeafCluster> {
  await writeKubeconfig(server, name, name);
  const object = asWritten(
    aLeafCluster({ ...overrides, metadata: { ...overrides.metadata, name } }),
  );
  return (await server.client().create(LEAF_CLUSTER, object, { signal })) as LeafCluster;
}

/** Makes or replaces the kubeconfig Secret of a leaf. */
export async function writeKubeconfig(
  server: ApiServer,
  cluster: string,
  text: string,
): Promise<KubeObject> {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${cluster}-kubeconfig`, namespace: 'liqo-shortcuts' },
    data: { kubeconfig: Buffer.from(text).toString('base64') },
  };
  return server.client().apply(SECRET, secret, { force: true, signal });
}

/** Without what only the API server sets. */
function asWritten(object: KubeObject): KubeObject {
  return { ...object, metadata: without(object.metadata, 'uid', 'generation') };
}
