import { CredentialInvalidError } from '../errors/errors.ts';
import type { ClusterCredentials } from '../kube/credentials.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { ClusterName } from '../model/shortcut-key.ts';

/** Parses a kubeconfig; throws CredentialInvalidError. */
export type ParseKubeconfig = (text: string, cluster: ClusterName) => ClusterCredentials;

/** The credential of a leaf, or why there is none. Never a value in the message. */
export type LeafCredentials = ClusterCredentials | CredentialInvalidError;

/** Reads a leaf's kubeconfig out of its Secret; parses only what has changed. */
export interface LeafCredentialReader {
  read(leafCluster: LeafCluster, secret: KubeObject | undefined): LeafCredentials;
  /** Keeps nothing of leaves but these. */
  keepOnly(names: ReadonlySet<ClusterName>): void;
}

interface Parsed {
  /** As it stands in the Secret, in base64. */
  readonly encoded: string;
  readonly credentials: LeafCredentials;
}

/** A reader with an empty memory. */
export function createLeafCredentialReader(parse: ParseKubeconfig): LeafCredentialReader {
  const known = new Map<ClusterName, Parsed>();
  return {
    read: (leafCluster, secret) => {
      const encoded = findKubeconfig(leafCluster, secret);
      if (encoded instanceof CredentialInvalidError) return encoded;
      const cluster = leafCluster.metadata.name;
      const before = known.get(cluster);
      if (before?.encoded === encoded) return before.credentials;
      const text = Buffer.from(encoded, 'base64').toString('utf8');
      const credentials = parseOrRefusal(() => parse(text, cluster));
      known.set(cluster, { encoded, credentials });
      return credentials;
    },
    keepOnly: (names) => {
      for (const name of known.keys()) if (!names.has(name)) known.delete(name);
    },
  };
}

function findKubeconfig(
  leafCluster: LeafCluster,
  secret: KubeObject | undefined,
): string | CredentialInvalidError {
  const { name: cluster, namespace = '' } = leafCluster.metadata;
  const { name, key = 'kubeconfig' } = leafCluster.spec.kubeconfigSecretRef;
  if (secret === undefined) {
    return new CredentialInvalidError(
      `leaf "${cluster}": Secret "${namespace}/${name}" does not exist; create it with the kubeconfig under "${key}"`,
    );
  }
  const data = secret['data'] as Readonly<Record<string, string>> | undefined;
  return (
    data?.[key] ??
    new CredentialInvalidError(
      `leaf "${cluster}": Secret "${namespace}/${name}" has no key "${key}"`,
    )
  );
}

function parseOrRefusal(parse: () => ClusterCredentials): LeafCredentials {
  try {
    return parse();
  } catch (error) {
    if (error instanceof CredentialInvalidError) return error;
    throw error;
  }
}
