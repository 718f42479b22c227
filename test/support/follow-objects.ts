import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import { signal } from './scenario-wait.ts';

/** Follows the objects of a kind from now on; the answer ends that, and gives every state that was told. */
export async function followObjects(
  client: KubeClient,
  kind: ResourceKind,
): Promise<() => Promise<readonly KubeObject[]>> {
  const watching = new AbortController();
  const { resourceVersion } = await client.list(kind, { signal });
  const states: KubeObject[] = [];
  const following = follow();

  async function follow(): Promise<void> {
    try {
      for await (const event of client.watch(kind, { resourceVersion, signal: watching.signal })) {
        if (event.type !== 'BOOKMARK') states.push(event.object);
      }
    } catch (error) {
      if (!watching.signal.aborted) throw error;
    }
  }

  return async () => {
    watching.abort();
    await following;
    return states;
  };
}
