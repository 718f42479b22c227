import { LEAF_CLUSTER } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import type { HeldDeletion } from '../model/source-snapshot.ts';
import type { EventRecorder } from '../status/event-recorder.ts';
import type { MainCluster } from './main-cluster.ts';
import { heldEvent } from './source-events.ts';

/** Of many, these are examples enough: `/api/v1/status` lists all. */
const MOST_TOLD = 25;

/** The other reasons are somebody's wish, or pass with the next commit. */
const TOLD: ReadonlySet<HeldDeletion['reason']> = new Set(['deletion-guard', 'invalid-files']);

/**
 * Tells of deletions that stage one holds back, on the CRs that they concern: once, and not at every look. To be called
 * after each pass with all of them, and with the problems of the revision.
 */
export function createHeldTeller({
  main,
  events,
}: {
  readonly main: Pick<MainCluster, 'shortcut' | 'leafClusters'>;
  readonly events: Pick<EventRecorder, 'record'>;
}): (held: readonly HeldDeletion[], problems: readonly Problem[]) => void {
  let told = new Set<string>();

  function find(resource: string): KubeObject | undefined {
    const [kind, ...name] = resource.split('/');
    if (kind !== LEAF_CLUSTER.kind) return main.shortcut(name.join('/'));
    return main.leafClusters().find(({ metadata }) => metadata.name === name[1]);
  }

  return (held, problems) => {
    const now = new Set<string>();
    for (const one of held.filter(({ reason }) => TOLD.has(reason)).slice(0, MOST_TOLD)) {
      const key = `${one.reason} ${one.resource}`;
      now.add(key);
      const regarding = told.has(key) ? undefined : find(one.resource);
      if (regarding !== undefined) events.record(heldEvent(regarding, one, problems));
    }
    told = now;
  };
}
