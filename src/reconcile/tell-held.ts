import { LEAF_CLUSTER } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { HeldDeletion } from '../model/source-snapshot.ts';
import type { EventRecorder } from '../status/event-recorder.ts';
import type { MainCluster } from './main-cluster.ts';
import { heldEvent } from './shortcut-events.ts';

/**
 * Tells of deletions that the guard of stage one holds back, on the CRs that they concern: once, and not at every look. To be called
 * after each pass with all of them.
 */
export function createHeldTeller({
  main,
  events,
}: {
  readonly main: Pick<MainCluster, 'shortcut' | 'leafClusters'>;
  readonly events: Pick<EventRecorder, 'record'>;
}): (held: readonly HeldDeletion[]) => void {
  let told = new Set<string>();

  function find(resource: string): KubeObject | undefined {
    const [kind, ...name] = resource.split('/');
    if (kind !== LEAF_CLUSTER.kind) return main.shortcut(name.join('/'));
    return main.leafClusters().find(({ metadata }) => metadata.name === name[1]);
  }

  return (held) => {
    const now = new Set<string>();
    for (const { resource, reason, message } of held) {
      // The other reasons are somebody's wish, or pass with the next commit.
      if (reason !== 'deletion-guard') continue;
      now.add(resource);
      const regarding = told.has(resource) ? undefined : find(resource);
      if (regarding !== undefined) events.record(heldEvent(regarding, message));
    }
    told = now;
  };
}
