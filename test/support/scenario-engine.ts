import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'yaml';
import { createKubeClient } from '../../src/kube/client-node-client.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import type { Condition } from '../../src/model/condition.ts';
import { LEAF_CLUSTER, SHORTCUT } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { DEFAULT_NAMESPACE } from '../../src/model/names.ts';
import { createEngine, type Engine } from '../../src/reconcile/engine.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { systemRandom } from '../../src/runtime/random.ts';
import type { Scenario } from './scenario.ts';
import { findObject, statusOf } from './scenario-objects.ts';
import { eventually, signal } from './scenario-wait.ts';

/** Stage two of the service alone, whose clock can be put on. */
export interface ScenarioEngine {
  readonly engine: Engine;
  /** Lets this much time have passed, and has everything looked at again. */
  putOn(ms: number): void;
  /** Creates a CR from its file. */
  create(text: string): Promise<void>;
  conditions(name: string): Promise<readonly Condition[]>;
  /** Waits until Ready of a Shortcut is this; answers with it. */
  untilReadyIs(name: string, status: string, reason: string): Promise<Condition>;
  /** Has every shortcut looked at once more, and waits until nothing is under way. */
  lookAgain(): Promise<void>;
  /** Deletes a Shortcut, and waits until it is gone. */
  remove(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it in a scenario without a service. Requests that nobody answers are given up after a second, unless said otherwise. */
export async function startEngine(
  scenario: Scenario,
  { requestTimeoutMs = 1_000 }: { readonly requestTimeoutMs?: number } = {},
): Promise<ScenarioEngine> {
  let ahead = 0;
  const clock: Clock = { ...systemClock, now: () => Date.now() + ahead };
  const kubeconfig = await readFile(join(scenario.world.kubeconfigDir, 'service.yaml'), 'utf8');
  const connect = (credentials: ReturnType<typeof parseKubeconfig>, cluster: string) =>
    createKubeClient({ credentials, cluster, requestTimeoutMs });
  const main = await connect(parseKubeconfig(kubeconfig, { cluster: 'main' }), 'main');
  const engine = createEngine({
    client: main,
    namespace: DEFAULT_NAMESPACE,
    installation: () => 'main',
    identity: 'turin-a',
    connect,
    parseKubeconfig: (text, cluster) => parseKubeconfig(text, { cluster }),
    clock,
    random: systemRandom,
    logger: silentLogger,
    resyncMs: 600_000,
  });
  await engine.start({ signal });
  engine.work();

  async function conditions(name: string): Promise<readonly Condition[]> {
    const found = await findObject(scenario.main(), SHORTCUT, `${DEFAULT_NAMESPACE}/${name}`);
    return (statusOf(found)['conditions'] ?? []) as readonly Condition[];
  }

  return {
    engine,
    putOn(ms) {
      ahead += ms;
      engine.sweep();
    },
    async create(text) {
      const object = parse(text) as KubeObject;
      const kind = object.kind === SHORTCUT.kind ? SHORTCUT : LEAF_CLUSTER;
      const metadata = { ...object.metadata, namespace: DEFAULT_NAMESPACE };
      await scenario.main().create(kind, { ...object, metadata }, { signal });
    },
    conditions,
    untilReadyIs: (name, status, reason) =>
      eventually(`${name} is ${status}/${reason}`, async () => {
        const seen = await conditions(name);
        const ready = seen.find(({ type }) => type === 'Ready');
        const isSo = ready?.status === status && ready.reason === reason;
        return isSo ? { done: ready } : { seen };
      }),
    lookAgain: async () => {
      engine.addAll('cluster-change');
      await engine.queue.idle();
    },
    remove: async (name) => {
      const ref = { kind: SHORTCUT, namespace: DEFAULT_NAMESPACE, name };
      await scenario.main().delete(ref, { signal });
      await scenario.gone(name);
    },
    async stop() {
      await engine.stop();
      await main.close();
    },
  };
}
