import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import {
  createLeaderElector,
  type LeaderElector,
  type Leadership,
} from '../kube/leader-elector.ts';
import { createSoleLeader } from '../kube/sole-leader.ts';
import { createWriteFence, type WriteFence } from '../kube/write-fence.ts';
import { LEASE_NAME } from '../model/names.ts';
import { systemClock, systemSteadyNow } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { systemRandom } from '../runtime/random.ts';
import { wasLed } from './was-led.ts';

/** An Event has room for 128 characters, of which the UUID takes 37. */
const MAX_HOST = 63;

/** A name that no other process has, nor has ever had: the host's (in a Pod, the Pod's) and something of its own. */
export function createIdentity(): string {
  return `${hostname().slice(0, MAX_HOST)}_${randomUUID()}`;
}

/** Who may write, and what sees to it. */
export interface Election {
  readonly elector: LeaderElector;
  /** In the way of every write, on the main cluster and on the leaves. */
  readonly fence: WriteFence;
}

/** By a Lease in the installation's namespace; with `--leader-elect false` this process leads without asking. */
export function composeElection(options: {
  readonly config: Pick<Config, 'leaderElect' | 'namespace'>;
  readonly client: KubeClient;
  readonly identity: string;
  readonly logger: Logger;
  readonly onChange: (leadership: Leadership) => void;
}): Election {
  const { config, client, identity, logger, onChange } = options;
  const [clock, steadyNow] = [systemClock, systemSteadyNow];
  const elector = config.leaderElect
    ? createLeaderElector({
        ...{ client, identity, clock, steadyNow, logger, onChange },
        namespace: config.namespace,
        name: LEASE_NAME,
        random: systemRandom,
        wasLed: (call) => wasLed(client, config.namespace, call),
      })
    : createSoleLeader({ identity, onChange });
  const fence = createWriteFence({ mayWrite: () => elector.mayWrite(), clock, steadyNow });
  return { elector, fence };
}

/** Writes that are under way at the end get this long: when all are answered, the next leader need not wait. */
const DRAIN_MS = 2_000;

/** Ends an election. From the call on nothing more is written. */
export async function letGo({ elector, fence }: Election): Promise<void> {
  fence.close();
  const release = await fence.drained(DRAIN_MS);
  await elector.stop({ release });
}
