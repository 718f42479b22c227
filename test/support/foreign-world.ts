import type { KubeObject } from '../../src/model/kube-object.ts';
import type { ShortcutSpec } from '../../src/model/shortcut.ts';
import { aShortcut } from './builders/a-shortcut.ts';
import type { ModelLeaf } from './model-leaf.ts';
import { ModelWorld } from './model-world.ts';

const KINDS = ['Configuration', 'GatewayServer', 'GatewayClient', 'PublicKey'];

/** A connection with rome as the server, as `liqoctl network connect` leaves it: of nobody that we know. */
export function foreignWorld(
  gateway: NonNullable<ShortcutSpec['gateway']> = { serviceType: 'NodePort' },
  version = 'v1.2.0',
): ModelWorld {
  const world = new ModelWorld({ version }, { version });
  world.run(aShortcut({ spec: { server: 'rome', gateway } }));
  for (const leaf of world.leaves) {
    for (const object of leaf.ofKind('Namespace', ...KINDS)) disown(leaf, object);
    leaf.writes = 0;
  }
  return world;
}

function disown(leaf: ModelLeaf, object: KubeObject): void {
  leaf.edit(object, {
    metadata: {
      annotations: null,
      labels: {
        'app.kubernetes.io/managed-by': null,
        'shortcuts.liqo.io/installation': null,
        'shortcuts.liqo.io/shortcut': null,
      },
    },
  });
}

/** UIDs of all that was written: another one where something was made again. */
export function uidsOf(world: ModelWorld): readonly unknown[] {
  return world.leaves.flatMap((leaf) => leaf.ofKind(...KINDS).map(({ metadata }) => metadata.uid));
}
