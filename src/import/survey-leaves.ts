import type { ClusterCredentials } from '../kube/credentials.ts';
import type { ParseKubeconfigOptions } from '../kube/parse-kubeconfig.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { createLeafRegistry, type LeafRegistry } from '../leaves/leaf-registry.ts';
import { observeSide } from '../leaves/observe-side.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { LeafCluster } from '../model/leaf-cluster.ts';
import { createFreshness } from '../reconcile/freshness.ts';
import type { Clock } from '../runtime/clock.ts';
import { silentLogger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { type GivenLeaf, givenLeafCluster, givenSecret } from './given-leaf.ts';
import { gatherLeaves } from './gather-leaves.ts';
import type { MainView } from './read-main.ts';
import type { Survey } from './survey.ts';

export interface SurveyOptions {
  readonly main: MainView;
  readonly given: readonly GivenLeaf[];
  /** Namespace of the installation, and the one in which Liqo lives on given leaves. */
  readonly namespace: string;
  readonly liqoNamespace: string;
  readonly connect: (credentials: ClusterCredentials, cluster: string) => Promise<KubeClient>;
  readonly parseKubeconfig: (text: string, options: ParseKubeconfigOptions) => ClusterCredentials;
  readonly clock: Clock;
  readonly random: Random;
  /** Leaves get this long to answer, in milliseconds, before they count as unreachable. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** Leaves are looked at this often, in memory. */
const LOOK_EVERY_MS = 50;
/** Nothing is listed again while a person waits. */
const RESYNC_MS = 3_600_000;

/**
 * Reads all leaves, just as the service does and with nothing but reads, and lets `use` look at them; it must keep nothing
 * of the survey, which ends with it.
 *
 * @throws what `use` throws, AbortError.
 */
export async function withSurvey<Result>(
  options: SurveyOptions,
  use: (survey: Survey) => Result,
): Promise<Result> {
  const { clock, random, main } = options;
  const contexts = new Map(options.given.map(({ name, context }) => [name, context]));
  const registry = createLeafRegistry({
    connect: options.connect,
    parseKubeconfig: (text, cluster) => {
      const context = contexts.get(cluster);
      return options.parseKubeconfig(text, { cluster, ...(context !== undefined && { context }) });
    },
    clock,
    random,
    logger: silentLogger,
    resyncMs: RESYNC_MS,
    onChange: () => undefined,
    onStateChange: () => undefined,
  });
  try {
    const { leafClusters, secretOf } = leavesOf(options);
    registry.update(leafClusters, secretOf);
    await settle(registry, options);
    const freshness = createFreshness(() => clock.now());
    return use({
      leaves: gatherLeaves(registry, options),
      wishes: main.wishes,
      shortcuts: main.shortcuts,
      mainClusterID: main.clusterID,
      isFresh: (connection) => freshness.isFresh(connection),
    });
  } finally {
    await registry.stop();
  }
}

/** Registered leaves, and those that were given; a kubeconfig that was given counts before that in the Secret. */
function leavesOf({ main, given, namespace, liqoNamespace }: SurveyOptions): {
  readonly leafClusters: readonly LeafCluster[];
  readonly secretOf: (leafCluster: LeafCluster) => KubeObject | undefined;
} {
  const registered = new Map(main.leafClusters.map((leaf) => [leaf.metadata.name, leaf]));
  const secrets = new Map<string, KubeObject>();
  for (const leaf of given) {
    const leafCluster =
      registered.get(leaf.name) ?? givenLeafCluster(leaf, { namespace, liqoNamespace });
    registered.set(leaf.name, leafCluster);
    secrets.set(leaf.name, givenSecret(leaf, leafCluster));
  }
  return {
    leafClusters: [...registered.values()],
    secretOf: (leaf) => secrets.get(leaf.metadata.name) ?? main.secretOf(leaf),
  };
}

/** Waits until every leaf is known, or has failed in a way that says more than "not yet"; then the same for each peer. */
async function settle(registry: LeafRegistry, options: SurveyOptions): Promise<void> {
  const { clock, patienceMs, signal, main } = options;
  const deadline = clock.now() + patienceMs;
  const until = async (isDone: () => boolean): Promise<void> => {
    while (!isDone() && clock.now() < deadline) await clock.sleep(LOOK_EVERY_MS, { signal });
  };
  await until(() => registry.all().every(({ state }) => !isPassing(state)));
  const ids = new Set([
    ...registry.all().flatMap(({ state }) => (state.kind === 'known' ? [state.clusterID] : [])),
    ...main.wishes.flatMap(({ client, server }) => [client, server]),
  ]);
  const peersOf = (name: string): readonly string[] => {
    const state = registry.get(name)?.state;
    return [...ids].filter((id) => state?.kind !== 'known' || state.clusterID !== id).sort();
  };
  const names = registry.all().map(({ leafCluster }) => leafCluster.metadata.name);
  for (const name of names) {
    registry.setPeers(
      name,
      peersOf(name).map((id) => ({ id })),
    );
  }
  await until(() =>
    names.every((name) =>
      peersOf(name).every((id) => !isPassing(observeSide(name, registry.get(name), id))),
    ),
  );
}

function isPassing(state: { readonly kind: string; readonly reason?: string }): boolean {
  return state.kind === 'unknown' && state.reason === 'Progressing';
}
