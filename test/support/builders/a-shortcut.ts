import type { ObjectMeta } from '../../../src/model/kube-object.ts';
import type { Shortcut, ShortcutSpec, ShortcutStatus } from '../../../src/model/shortcut.ts';

export interface ShortcutOverrides {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Partial<ShortcutSpec>;
  readonly status?: ShortcutStatus;
}

/** A Shortcut between rome and milan, as the API server would hand it out. */
export function aShortcut({ metadata, spec, status }: ShortcutOverrides = {}): Shortcut {
  return {
    apiVersion: 'shortcuts.liqo.io/v1alpha1',
    kind: 'Shortcut',
    metadata: {
      name: 'rome-milan',
      namespace: 'liqo-shortcuts',
      uid: '5c000000-0000-4000-8000-000000000001',
      generation: 1,
      ...metadata,
    },
    spec: { clusters: ['rome', 'milan'], ...spec },
    ...(status !== undefined && { status }),
  };
}
