import type { KubeClient } from '../../../src/kube/kube-client.ts';
import {
  CONNECTION,
  GATEWAY_CLIENT,
  GATEWAY_SERVER,
  PUBLIC_KEY,
  WG_GATEWAY_SERVER,
} from '../../../src/liqo/kinds.ts';
import { LABEL_REMOTE_CLUSTER_ID } from '../../../src/liqo/labels.ts';
import { readConnection } from '../../../src/liqo/connection.ts';
import { textsAt } from '../../../src/liqo/read-field.ts';
import { NAMESPACE, SECRET } from '../../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../../src/model/kube-object.ts';
import { type Milestone, preciseNow, type Side } from './channel.ts';

interface Sign {
  readonly kind: ResourceKind;
  readonly what: Milestone['what'];
  /** Whether the object says that the milestone is reached; always when left out. */
  readonly isReached?: (object: KubeObject) => boolean;
}

const SIGNS: readonly Sign[] = [
  { kind: NAMESPACE, what: 'namespace' },
  { kind: GATEWAY_SERVER, what: 'gateway' },
  { kind: GATEWAY_CLIENT, what: 'gateway' },
  { kind: PUBLIC_KEY, what: 'publicKey' },
  { kind: SECRET, what: 'secret' },
  {
    kind: WG_GATEWAY_SERVER,
    what: 'endpoint',
    isReached: (object) => textsAt(object, 'status', 'endpoint', 'addresses').length > 0,
  },
  {
    kind: CONNECTION,
    what: 'connected',
    isReached: (object) => readConnection(object).value === 'Connected',
  },
];

/**
 * Notes on one leaf when each step of one pair's connection is there, as the API server itself sees it: in its process
 * and with its store's events. `end` answers with the milestones so far.
 */
export async function followPair(
  { leaf, peer }: Side,
  client: KubeClient,
): Promise<{ end(): Promise<readonly Milestone[]> }> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const milestones = new Map<Milestone['what'], Milestone>();
  const labelSelector = `${LABEL_REMOTE_CLUSTER_ID}=${peer}`;

  function note({ what, isReached }: Sign, object: KubeObject): void {
    if (milestones.has(what) || isReached?.(object) === false) return;
    milestones.set(what, { leaf, what, at: preciseNow() });
  }

  async function watch(sign: Sign, resourceVersion: string): Promise<void> {
    try {
      const events = client.watch(sign.kind, { labelSelector, resourceVersion, signal });
      for await (const event of events) if (event.type !== 'BOOKMARK') note(sign, event.object);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  const watches = await Promise.all(
    SIGNS.map(async (sign) => {
      const { resourceVersion } = await client.list(sign.kind, { labelSelector, signal });
      return { done: watch(sign, resourceVersion) };
    }),
  );
  return {
    end: async () => {
      stopping.abort();
      await Promise.all(watches.map(({ done }) => done));
      return [...milestones.values()];
    },
  };
}
