import type { Leaf } from '../leaves/leaf.ts';
import type { LeafRegistry } from '../leaves/leaf-registry.ts';
import { observeSide } from '../leaves/observe-side.ts';
import { LEAF_CLUSTER } from '../model/kinds.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { computeLeafStatus, type LeafStatusInput } from '../status/compute-leaf-status.ts';
import { writeStatus } from '../status/write-status.ts';
import type { MainCluster } from './main-cluster.ts';

/** Keeps the status of the LeafClusters. */
export interface LeafKeeper {
  keep(name: string, options: { readonly signal: AbortSignal }): Promise<Outcome>;
}

export interface LeafKeeperOptions {
  readonly main: MainCluster;
  readonly registry: LeafRegistry;
  readonly clock: Clock;
}

/** A keeper that writes through the main cluster's client, and only what changed. */
export function createLeafKeeper({ main, registry, clock }: LeafKeeperOptions): LeafKeeper {
  return {
    keep: async (name, { signal }) => {
      const registered = registry.get(name);
      if (registered === undefined) return { kind: 'settled' };
      const { leafCluster, expiry } = registered;
      const side = observeSide(name, registered, undefined);
      const isBeingRead = side.kind === 'unknown' && side.reason === 'Progressing';
      // After a start the CR's own words are better than "not read yet".
      if (isBeingRead && leafCluster.status !== undefined) return { kind: 'settled' };
      const status = computeLeafStatus({
        leafCluster,
        ...(expiry === undefined ? {} : { expiry }),
        side,
        ...rightsOf(registered.leaf),
        shortcuts: main.shortcutsOfLeaf(name).length,
        now: new Date(clock.now()).toISOString(),
      });
      const stored = await writeStatus({
        writer: main.client,
        kind: LEAF_CLUSTER,
        object: leafCluster,
        status: { ...status },
        signal,
      });
      if (stored !== undefined && stored !== leafCluster) main.remember(LEAF_CLUSTER, stored);
      return { kind: 'settled' };
    },
  };
}

function rightsOf(
  leaf: Leaf | undefined,
): Pick<LeafStatusInput, 'permissionsMissing' | 'tidyMissing' | 'seesEverywhere'> {
  if (leaf === undefined) return { permissionsMissing: [] };
  const { seesEverywhere } = leaf;
  return {
    permissionsMissing: leaf.permissionsMissing(),
    tidyMissing: leaf.tidyMissing(),
    seesEverywhere,
  };
}
