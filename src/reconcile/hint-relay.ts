import { randomUUID } from 'node:crypto';
import { isAbort } from '../errors/classify.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { createWatchCache } from '../kube/watch-cache.ts';
import { CONFIG_MAP } from '../model/kinds.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { FIELD_MANAGER, LABEL_MANAGED_BY } from '../model/names.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { createWorkQueue } from '../runtime/work-queue.ts';

/** Name of the ConfigMap that changes with every hint. Nothing is read from it but that it changed. */
export const HINT_NAME = 'liqo-shortcuts-hint';

const BACKOFF = { baseMs: 500, capMs: 60_000 };
const STOP_GRACE_MS = 1_000;

/** Tells all processes of an installation, over the main cluster, that the source may have changed. */
export interface HintRelay {
  /** Begins to listen, and to tell. */
  start(onHint: () => void): void;
  /** At once; telling comes later, and again until the main cluster has taken it. Many at once are told as one. */
  send(): void;
  stop(): Promise<void>;
}

export interface HintRelayOptions {
  /** Past the fence: who follows must tell as well. */
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A relay that is still. Whoever begins to lead looks at the source by itself, so no hint waits for a leader. */
export function createHintRelay(options: HintRelayOptions): HintRelay {
  const { client, namespace, clock, random, logger } = options;
  const labels = { [LABEL_MANAGED_BY]: FIELD_MANAGER };
  const labelSelector = `${LABEL_MANAGED_BY}=${FIELD_MANAGER}`;
  const common = { client, namespace, clock, random, logger };
  const hints = createWatchCache({ ...common, cluster: 'main', kind: CONFIG_MAP, labelSelector });
  const queue = createWorkQueue<'hint'>({
    work: async (_key, { signal }) => {
      try {
        await client.apply(CONFIG_MAP, newHint(), { force: true, signal });
        return { kind: 'settled' };
      } catch (err) {
        if (!isAbort(err)) logger.warn({ err }, 'Telling the leader of a webhook failed');
        return { kind: 'backoff' };
      }
    },
    concurrency: 1,
    clock,
    random,
    logger,
    backoff: BACKOFF,
  });

  function newHint(): KubeObject {
    const { apiVersion, kind } = CONFIG_MAP;
    const metadata = { name: HINT_NAME, namespace, labels };
    return { apiVersion, kind, metadata, data: { hint: randomUUID() } };
  }

  return {
    start: (onHint) => {
      hints.onChange(({ type, object }) => {
        if (type !== 'deleted' && object.metadata.name === HINT_NAME) onHint();
      });
      hints.onState((state) => {
        if (state.kind !== 'failed') return;
        logger.warn({ err: state.error }, 'Webhooks of other replicas cannot be heard of');
      });
      hints.start();
      queue.start();
    },
    send: () => queue.add('hint', 'git'),
    stop: async () => {
      await Promise.all([hints.stop(), queue.stop({ graceMs: STOP_GRACE_MS })]);
    },
  };
}
