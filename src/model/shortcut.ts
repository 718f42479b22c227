import type { KubeObject } from './kube-object.ts';
import type { ShortcutSpec, ShortcutStatus } from './generated/shortcut.ts';

export type { ShortcutSpec, ShortcutStatus, SideStatus } from './generated/shortcut.ts';

/** One wished direct connection between two leaves: the CR in the main cluster (DESIGN section 2). */
export type Shortcut = KubeObject & {
  readonly spec: ShortcutSpec;
  readonly status?: ShortcutStatus;
};
