import { isAbort, toOperatorError } from '../errors/classify.ts';
import { ClusterForbiddenError, NotFoundError } from '../errors/errors.ts';
import type { KubeReader } from '../kube/kube-client.ts';
import { parseClusterID } from '../liqo/cluster-id.ts';
import { CLUSTER_ID_SELECTOR } from '../liqo/labels.ts';
import { CONFIG_MAP, LEAF_CLUSTER, SECRET, SHORTCUT } from '../model/kinds.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import type { Shortcut } from '../model/shortcut.ts';
import {
  FOREIGN_CLUSTER_CONNECTION,
  type ForeignWish,
  readForeignClusterConnection,
} from './foreign-cluster-connection.ts';

/** What the main cluster tells of leaves and connections. */
export interface MainView {
  readonly shortcuts: readonly Shortcut[];
  readonly leafClusters: readonly LeafCluster[];
  readonly secretOf: (leafCluster: LeafCluster) => KubeObject | undefined;
  readonly wishes: readonly ForeignWish[];
  /** Liqo's cluster ID of the main cluster, where it could be read. */
  readonly clusterID: string | undefined;
  /** Sentences on what could not be read. */
  readonly problems: readonly string[];
}

/** Where no main cluster is asked. */
export const NO_MAIN: MainView = {
  shortcuts: [],
  leafClusters: [],
  secretOf: () => undefined,
  wishes: [],
  clusterID: undefined,
  problems: [],
};

export interface ReadMainOptions {
  readonly client: KubeReader;
  /** Of the installation. */
  readonly namespace: string;
  /** ForeignClusterConnections come from a file: those of the main cluster are left alone. */
  readonly skipsWishes: boolean;
  readonly signal: AbortSignal;
}

/**
 * Reads the main cluster, once. A kind that it does not have is none of it: neither Liqo Shortcuts nor what came before
 * has to be installed. What may not be read is told, and the rest goes on.
 *
 * @throws what the client throws, but for a refusal.
 */
export async function readMain(options: ReadMainOptions): Promise<MainView> {
  const { client, namespace, signal } = options;
  const problems: string[] = [];

  async function list(
    kind: ResourceKind,
    where: { readonly namespace?: string; readonly labelSelector?: string },
  ): Promise<readonly KubeObject[]> {
    try {
      return (await client.list(kind, { ...where, signal })).items;
    } catch (error) {
      if (isAbort(error)) throw error;
      if (error instanceof NotFoundError) return [];
      if (!(error instanceof ClusterForbiddenError)) throw error;
      problems.push(toOperatorError(error).message);
      return [];
    }
  }

  const liqo = { namespace: 'liqo', labelSelector: CLUSTER_ID_SELECTOR };
  const [shortcuts, leafClusters, configMaps, connections] = await Promise.all([
    list(SHORTCUT, { namespace }),
    list(LEAF_CLUSTER, { namespace }),
    list(CONFIG_MAP, liqo),
    options.skipsWishes ? [] : list(FOREIGN_CLUSTER_CONNECTION, {}),
  ]);
  const secrets = leafClusters.length === 0 ? [] : await list(SECRET, { namespace });
  const byName = new Map(secrets.map((secret) => [secret.metadata.name, secret]));
  const identity = parseClusterID(configMaps);
  const { wishes, problems: unread } = readWishes(connections);
  return {
    shortcuts: shortcuts as readonly Shortcut[],
    leafClusters: leafClusters as readonly LeafCluster[],
    secretOf: ({ spec }) => byName.get(spec.kubeconfigSecretRef.name),
    wishes,
    clusterID: identity.ok ? identity.clusterID : undefined,
    problems: [...problems, ...unread],
  };
}

/** What the objects ask for, and a sentence for each that cannot be understood. */
export function readWishes(objects: readonly KubeObject[]): {
  readonly wishes: readonly ForeignWish[];
  readonly problems: readonly string[];
} {
  const readings = objects.map(readForeignClusterConnection);
  return {
    wishes: readings.flatMap((reading) => (reading.kind === 'wish' ? [reading.wish] : [])),
    problems: readings.flatMap((reading) =>
      reading.kind === 'problem'
        ? [`ForeignClusterConnection ${reading.name}: ${reading.problem}`]
        : [],
    ),
  };
}
