import type { KubeReader } from '../kube/kube-client.ts';
import { LEAF_CLUSTER, SHORTCUT } from '../model/kinds.ts';
import { FINALIZER } from '../model/names.ts';

/**
 * Whether a service has ever led in a namespace: who leads writes the status of every LeafCluster and Shortcut before
 * long, and nothing on a leaf before its finalizer is on the Shortcut. So where no object bears either, nobody has
 * anything on a leaf that two leaders could fight about.
 *
 * @throws what the client throws.
 */
export async function wasLed(
  client: KubeReader,
  namespace: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<boolean> {
  const lists = await Promise.all(
    [SHORTCUT, LEAF_CLUSTER].map((kind) => client.list(kind, { namespace, signal })),
  );
  return lists
    .flatMap(({ items }) => items)
    .some(({ metadata, ...object }) => {
      return object['status'] !== undefined || metadata.finalizers?.includes(FINALIZER) === true;
    });
}
