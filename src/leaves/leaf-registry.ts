import { reasonOf } from '../errors/classify.ts';
import { CredentialInvalidError } from '../errors/errors.ts';
import type { ClusterCredentials } from '../kube/credentials.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { ClusterName } from '../model/shortcut-key.ts';
import type { CacheChange } from '../kube/watch-cache.ts';
import { createLeaf, type Leaf, type LeafOptions, type LeafState } from './leaf.ts';
import type { Watched } from './leaf-mirror.ts';

/** A registered leaf as others see it, whether or not it could be connected. */
export interface RegisteredLeaf {
  readonly leafCluster: LeafCluster;
  readonly state: LeafState;
  /** Undefined while the credential is missing or invalid. */
  readonly leaf: Leaf | undefined;
}

/** Compares the LeafCluster objects and their Secrets with the leaves that run: adds, rebuilds, removes. */
export interface LeafRegistry {
  /** Makes the leaves match. `secretOf` finds the kubeconfig Secret of a LeafCluster in the main cluster. */
  update(
    leafClusters: readonly LeafCluster[],
    secretOf: (leafCluster: LeafCluster) => KubeObject | undefined,
  ): void;
  get(name: ClusterName): RegisteredLeaf | undefined;
  all(): readonly RegisteredLeaf[];
  stop(): Promise<void>;
}

type LeafFactoryOptions = Omit<
  LeafOptions,
  'leafCluster' | 'credentials' | 'onChange' | 'onStateChange'
>;

export interface LeafRegistryOptions extends LeafFactoryOptions {
  /** Parses a kubeconfig; throws CredentialInvalidError. */
  readonly parseKubeconfig: (text: string, cluster: ClusterName) => ClusterCredentials;
  readonly onChange: (leaf: ClusterName, change: CacheChange, watched: Watched) => void;
  /** A leaf was added or removed, or became known or unknown. */
  readonly onStateChange: (leaf: ClusterName) => void;
}

interface Entry {
  leafCluster: LeafCluster;
  /** What the running leaf was built from: another value means another leaf. */
  readonly identity: string;
  readonly leaf: Leaf | undefined;
  readonly problem: LeafState | undefined;
}

/** An empty registry; nothing runs before the first `update`. */
export function createLeafRegistry(options: LeafRegistryOptions): LeafRegistry {
  const entries = new Map<ClusterName, Entry>();
  const stopping = new Set<Promise<void>>();

  function stopLeaf(leaf: Leaf | undefined): void {
    if (leaf === undefined) return;
    const stopped = leaf
      .stop()
      .catch((err: unknown) =>
        options.logger.warn({ err, cluster: leaf.name }, 'Closing leaf failed'),
      )
      .finally(() => stopping.delete(stopped));
    stopping.add(stopped);
  }

  function startLeaf(leafCluster: LeafCluster, credentials: ClusterCredentials): Leaf {
    const { name } = leafCluster.metadata;
    const leaf = createLeaf({
      ...options,
      leafCluster,
      credentials,
      onChange: (change, watched) => options.onChange(name, change, watched),
      onStateChange: () => options.onStateChange(name),
    });
    leaf.start();
    return leaf;
  }

  function updateOne(leafCluster: LeafCluster, secret: KubeObject | undefined): void {
    const { name } = leafCluster.metadata;
    const existing = entries.get(name);
    const credentials = readCredentials(leafCluster, secret, options.parseKubeconfig);
    const identity = identityOf(leafCluster, credentials);
    if (existing?.identity === identity) {
      existing.leafCluster = leafCluster;
      return;
    }
    stopLeaf(existing?.leaf);
    const entry =
      credentials instanceof CredentialInvalidError
        ? { leaf: undefined, problem: problemOf(credentials) }
        : { leaf: startLeaf(leafCluster, credentials), problem: undefined };
    entries.set(name, { leafCluster, identity, ...entry });
    options.onStateChange(name);
  }

  function toRegistered({ leafCluster, leaf, problem }: Entry): RegisteredLeaf {
    const state =
      leaf?.state() ?? problem ?? problemOf(new CredentialInvalidError('no credential'));
    return { leafCluster, leaf, state };
  }

  return {
    update: (leafClusters, secretOf) => {
      const wanted = new Set(leafClusters.map((leafCluster) => leafCluster.metadata.name));
      for (const [name, entry] of entries) {
        if (wanted.has(name)) continue;
        entries.delete(name);
        stopLeaf(entry.leaf);
        options.onStateChange(name);
      }
      for (const leafCluster of leafClusters) updateOne(leafCluster, secretOf(leafCluster));
    },
    get: (name) => {
      const entry = entries.get(name);
      return entry === undefined ? undefined : toRegistered(entry);
    },
    all: () => [...entries.values()].map(toRegistered),
    stop: async () => {
      for (const { leaf } of entries.values()) stopLeaf(leaf);
      entries.clear();
      await Promise.all(stopping);
    },
  };
}

/** The credential in the Secret, or why there is none. Never a value in the message. */
function readCredentials(
  leafCluster: LeafCluster,
  secret: KubeObject | undefined,
  parse: (text: string, cluster: ClusterName) => ClusterCredentials,
): ClusterCredentials | CredentialInvalidError {
  const { name: cluster, namespace = '' } = leafCluster.metadata;
  const { name, key = 'kubeconfig' } = leafCluster.spec.kubeconfigSecretRef;
  if (secret === undefined) {
    return new CredentialInvalidError(
      `leaf "${cluster}": Secret "${namespace}/${name}" does not exist; create it with the kubeconfig under "${key}"`,
    );
  }
  const data = secret['data'] as Readonly<Record<string, string>> | undefined;
  const encoded = data?.[key];
  if (encoded === undefined) {
    return new CredentialInvalidError(
      `leaf "${cluster}": Secret "${namespace}/${name}" has no key "${key}"`,
    );
  }
  try {
    return parse(Buffer.from(encoded, 'base64').toString('utf8'), cluster);
  } catch (error) {
    if (error instanceof CredentialInvalidError) return error;
    throw error;
  }
}

function identityOf(
  leafCluster: LeafCluster,
  credentials: ClusterCredentials | CredentialInvalidError,
): string {
  const { liqoNamespace, clusterID } = leafCluster.spec;
  const credential =
    credentials instanceof CredentialInvalidError ? credentials.message : credentials.fingerprint;
  return JSON.stringify([leafCluster.metadata.uid, liqoNamespace, clusterID, credential]);
}

function problemOf(error: CredentialInvalidError): LeafState {
  return { kind: 'unknown', reason: reasonOf(error), message: error.message };
}
