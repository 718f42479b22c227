import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { createKubeClient } from '../../src/kube/client-node-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import { CONNECTION } from '../../src/liqo/kinds.ts';
import type { Condition } from '../../src/model/condition.ts';
import { LEAF_CLUSTER, SHORTCUT } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { DEFAULT_NAMESPACE } from '../../src/model/names.ts';
import { createEngine, type Engine } from '../../src/reconcile/engine.ts';
import { STALE_AFTER_MS } from '../../src/reconcile/freshness.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { systemRandom } from '../../src/runtime/random.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { findObject, statusOf } from '../support/scenario-objects.ts';
import { eventually, signal, untilTrue } from '../support/scenario-wait.ts';
import { parse } from 'yaml';

/** Requests that nobody answers are given up soon, and the clock can be put on: the service itself waits much longer. */
describe('silence', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  let main: KubeClient;
  let engine: Engine;
  let ahead = 0;
  const clock: Clock = { ...systemClock, now: () => Date.now() + ahead };

  before(async () => {
    scenario = await startScenario({ service: false });
    const kubeconfig = await readFile(join(scenario.world.kubeconfigDir, 'service.yaml'), 'utf8');
    const connect = (credentials: ReturnType<typeof parseKubeconfig>, cluster: string) =>
      createKubeClient({ credentials, cluster, requestTimeoutMs: 1_000 });
    main = await connect(parseKubeconfig(kubeconfig, { cluster: 'main' }), 'main');
    engine = createEngine({
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
    for (const leaf of ['rome', 'milan', 'naples']) await create(leafFile(leaf));
    await create(shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }));
    await create(shortcutFile('milan-naples', { clusters: ['milan', 'naples'] }));
    await untilReadyIs('rome-milan', 'True', 'Connected');
    await untilReadyIs('milan-naples', 'True', 'Connected');
  });
  after(async () => {
    await engine.stop();
    await main.close();
    await scenario.stop();
  });

  async function create(text: string): Promise<void> {
    const object = parse(text) as KubeObject;
    const kind = object.kind === SHORTCUT.kind ? SHORTCUT : LEAF_CLUSTER;
    const metadata = { ...object.metadata, namespace: DEFAULT_NAMESPACE };
    await scenario.main().create(kind, { ...object, metadata }, { signal });
  }

  async function untilReadyIs(name: string, status: string, reason: string): Promise<Condition> {
    return eventually(`${name} is ${status}/${reason}`, async () => {
      const found = await findObject(scenario.main(), SHORTCUT, `${DEFAULT_NAMESPACE}/${name}`);
      const conditions = (statusOf(found)['conditions'] ?? []) as readonly Condition[];
      const ready = conditions.find(({ type }) => type === 'Ready');
      const isSo = ready?.status === status && ready.reason === reason;
      return isSo ? { done: ready } : { seen: conditions };
    });
  }

  it('pitfall 14: of a gateway makes its last word, Connected, count no longer than it is fresh', async () => {
    await scenario.world.fault('rome', 'gateway-stopped');
    // The other side notices first; by then the last word of this one has been heard.
    await untilReadyIs('rome-milan', 'False', 'ConnectionLost');
    await untilTrue('the last word is heard', async () => {
      const said = await findObject(
        scenario.leaf('rome'),
        CONNECTION,
        'liqo-tenant-milan/gw-milan',
      );
      const mirror = engine.registry.get('rome')?.leaf?.mirror;
      const heard = mirror?.get('connections', 'liqo-tenant-milan', 'gw-milan');
      return heard?.metadata.resourceVersion === said?.metadata.resourceVersion;
    });

    ahead += STALE_AFTER_MS + 1_000;
    engine.sweep();

    const { message } = await untilReadyIs('rome-milan', 'Unknown', 'ConnectionStale');
    expect(message).to.include('leaf "rome"');
  });

  it('that ends makes the tunnel count again', async () => {
    await scenario.world.fault('rome', 'gateway-stopped', { on: false });

    await untilReadyIs('rome-milan', 'True', 'Connected');
  });

  it('of an API server makes its leaf unknown, and nobody else', async () => {
    await scenario.world.fault('naples', 'hang');
    await scenario.world.fault('naples', 'drop-watches');

    await untilReadyIs('milan-naples', 'Unknown', 'LeafUnreachable');

    await untilReadyIs('rome-milan', 'True', 'Connected');
  });

  it('that ends there is noticed', async () => {
    await scenario.world.fault('naples', 'hang', { on: false });

    await untilReadyIs('milan-naples', 'True', 'Connected');
  });
});
