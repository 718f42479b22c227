import type { KubeObject } from './kube-object.ts';
import type { ClusterName } from './shortcut-key.ts';
import type { ShortcutSpec, ShortcutStatus } from './generated/shortcut.ts';

export type { ShortcutSpec, ShortcutStatus, SideStatus } from './generated/shortcut.ts';

/** One wished direct connection between two leaves: the CR in the main cluster (DESIGN section 2). */
export type Shortcut = KubeObject & {
  readonly spec: ShortcutSpec;
  readonly status?: ShortcutStatus;
};

/** The two leaves, in the order of the CR. The schema guarantees that there are exactly two. */
export function clustersOf(shortcut: Pick<Shortcut, 'spec'>): readonly [ClusterName, ClusterName] {
  return shortcut.spec.clusters;
}

/** The other end of a Shortcut of this leaf. */
export function otherOf(shortcut: Pick<Shortcut, 'spec'>, cluster: ClusterName): ClusterName {
  const [a, b] = clustersOf(shortcut);
  return a === cluster ? b : a;
}

/** `namespace/name`: how a Shortcut is addressed in queues, messages and URLs. */
export function nameOf({ metadata }: Pick<Shortcut, 'metadata'>): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
