import type { Leaf } from '../leaves/leaf.ts';
import type { LeafRegistry } from '../leaves/leaf-registry.ts';
import { observeSide } from '../leaves/observe-side.ts';
import { LEAF_CLUSTER } from '../model/kinds.ts';
import type { LeafConditionType } from '../model/condition.ts';
import type { LeafCluster, LeafClusterStatus } from '../model/leaf-cluster.ts';
import type { ObjectEvent } from '../model/object-event.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { computeLeafStatus, type LeafStatusInput } from '../status/compute-leaf-status.ts';
import type { EventRecorder } from '../status/event-recorder.ts';
import { writeStatus } from '../status/write-status.ts';
import type { MainCluster } from './main-cluster.ts';
import { transitionEvent } from './transition-event.ts';

/** Keeps the status of the LeafClusters. */
export interface LeafKeeper {
  keep(name: string, options: { readonly signal: AbortSignal }): Promise<Outcome>;
}

export interface LeafKeeperOptions {
  readonly main: MainCluster;
  readonly registry: LeafRegistry;
  readonly clock: Clock;
  readonly events: Pick<EventRecorder, 'record'>;
}

/** A keeper that writes through the main cluster's client, and only what changed. */
export function createLeafKeeper({ main, registry, clock, events }: LeafKeeperOptions): LeafKeeper {
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
      if (stored === undefined || stored === leafCluster) return { kind: 'settled' };
      main.remember(LEAF_CLUSTER, stored);
      for (const event of eventsOf(leafCluster, status)) events.record(event);
      return { kind: 'settled' };
    },
  };
}

/** What an operator should hear of, besides reading it in the status. */
const TOLD: ReadonlySet<string> = new Set<LeafConditionType>(['Ready', 'CredentialExpiring']);

function eventsOf(leafCluster: LeafCluster, status: LeafClusterStatus): readonly ObjectEvent[] {
  const old = leafCluster.status?.conditions ?? [];
  return (status.conditions ?? []).flatMap((after) => {
    const before = old.find(({ type }) => type === after.type);
    const isSame = before?.status === after.status && before.reason === after.reason;
    return isSame || !TOLD.has(after.type) ? [] : [transitionEvent(leafCluster, before, after)];
  });
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
