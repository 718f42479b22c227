import type { KubeClient } from '../../src/kube/kube-client.ts';
import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../../src/liqo/kinds.ts';
import { SECRET, SHORTCUT } from '../../src/model/kinds.ts';
import type { ResourceKind } from '../../src/model/kube-object.ts';
import { DEFAULT_NAMESPACE } from '../../src/model/names.ts';
import type { Shortcut, ShortcutSpec } from '../../src/model/shortcut.ts';
import { SERVICE_USER } from '../../src/sandbox/world.ts';
import type { ProxiedApiServer } from './behind-proxy.ts';
import { shortcutFile } from './scenario-files.ts';
import { findObject } from './scenario-objects.ts';
import { eventually, signal } from './scenario-wait.ts';
import type { Edits, Scenario } from './scenario.ts';

/** What churn turns over, and with what. */
export interface ChurnOptions {
  readonly scenario: Scenario;
  readonly servers: ReadonlyMap<string, ProxiedApiServer>;
  /** Pairs of leaves whose shortcuts come and go. */
  readonly pairs: readonly (readonly [string, string])[];
  readonly random: () => number;
  /** Share of the steps that restart the service, from 0 to 1. */
  readonly restarts: number;
}

/** An installation that never comes to rest: each step does one thing that people or clusters do. */
export interface Churn {
  /** Does the next thing; answers with its name. */
  step(): Promise<string>;
  /** Makes every pair wanted or not as the seed says, and ends suspensions in the repository. */
  settle(): Promise<void>;
  /** Does what the status asks a person for: ends the suspension of what was removed while it was suspended. */
  resume(): Promise<void>;
  /** Names of the shortcuts that the repository asks for now. */
  wanted(): readonly string[];
}

/** As a supervisor does: a start that fails is tried again. */
async function startInTheEnd(scenario: Scenario): Promise<void> {
  await eventually('the service starts', async () => {
    try {
      await scenario.startService();
      return { done: true };
    } catch (error) {
      await scenario.stopService();
      return { seen: String(error) };
    }
  });
}

/** Begins with no shortcut of these pairs wanted. */
export function createChurn({ scenario, servers, pairs, random, restarts }: ChurnOptions): Churn {
  const specs = new Map<string, ShortcutSpec>();
  const { world } = scenario;

  function pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(random() * choices.length)]!;
  }

  async function commit(changed: readonly (readonly [string, string])[]): Promise<void> {
    const edits: Edits = Object.fromEntries(
      changed.map((pair) => {
        const name = pair.join('-');
        const spec = specs.get(name);
        return [
          `shortcuts/${name}.yaml`,
          spec === undefined ? undefined : shortcutFile(name, spec),
        ];
      }),
    );
    await scenario.commit(edits);
  }

  function aSpec([a, b]: readonly [string, string]): ShortcutSpec {
    return {
      clusters: [a, b],
      server: pick(['auto', a, b]),
      gateway: { mtu: pick([1340, 1400]), serviceType: pick(['NodePort', 'LoadBalancer']) },
    };
  }

  async function toggle(): Promise<void> {
    const pair = pick(pairs);
    const name = pair.join('-');
    if (specs.has(name)) specs.delete(name);
    else specs.set(name, aSpec(pair));
    await commit([pair]);
  }

  function wantedPairs(): readonly (readonly [string, string])[] {
    return pairs.filter((pair) => specs.has(pair.join('-')));
  }

  async function change(): Promise<void> {
    const [pair] = [...wantedPairs()].sort(() => random() - 0.5);
    if (pair === undefined) return toggle();
    specs.set(pair.join('-'), { ...aSpec(pair), suspend: random() < 0.2 });
    await commit([pair]);
  }

  /** The credential of a leaf is made anew, and the old one is worthless from then on. */
  async function rotateToken(): Promise<void> {
    const leaf = pick([...world.leaves.keys()]);
    servers.get(leaf)?.revoke(SERVICE_USER);
    const kubeconfig = world.leaves.get(leaf)?.server.kubeconfig(SERVICE_USER) ?? '';
    const data = { kubeconfig: Buffer.from(kubeconfig).toString('base64') };
    await scenario.patch('main', SECRET, `${DEFAULT_NAMESPACE}/${leaf}-kubeconfig`, { data });
  }

  /** Somebody deletes one of the objects that a connection is made of. */
  async function meddle(): Promise<void> {
    const [a, b] = pick(pairs);
    const [leaf, peer] = random() < 0.5 ? [a, b] : [b, a];
    const namespace = `liqo-tenant-${peer}`;
    const client = scenario.leaf(leaf);
    const kind = pick([CONFIGURATION, GATEWAY_SERVER, GATEWAY_CLIENT, PUBLIC_KEY, SECRET]);
    await remove(client, kind, `${namespace}/${kind === SECRET ? `gw-${peer}` : peer}`);
  }

  async function remove(client: KubeClient, kind: ResourceKind, address: string): Promise<void> {
    const found = await findObject(client, kind, address);
    if (found === undefined) return;
    const { name, namespace = '' } = found.metadata;
    await client.delete({ kind, name, namespace }, { signal });
  }

  async function resume(): Promise<void> {
    const { items } = await scenario.main().list(SHORTCUT, { signal });
    for (const { metadata, spec } of items as readonly Shortcut[]) {
      if (metadata.deletionTimestamp === undefined || spec.suspend !== true) continue;
      const body = { spec: { suspend: false } };
      await scenario.patch('main', SHORTCUT, `${DEFAULT_NAMESPACE}/${metadata.name}`, body);
    }
  }

  async function restart(): Promise<void> {
    await scenario.stopService();
    await startInTheEnd(scenario);
  }

  const steps = {
    toggle,
    'toggle again': toggle,
    change,
    'rotate token': rotateToken,
    meddle,
    resume,
    'move gateway': () => world.fault(pick([...world.leaves.keys()]), 'gateway-moved'),
    'cut connections': () => {
      servers.get(pick([...servers.keys()]))?.cut();
      return Promise.resolve();
    },
    'expire watches': () => world.fault(pick([...servers.keys()]), 'expire-watches'),
  };

  return {
    step: async () => {
      if (random() < restarts) {
        await restart();
        return 'restart service';
      }
      const name = pick(Object.keys(steps) as (keyof typeof steps)[]);
      await steps[name]();
      return name;
    },
    resume,
    settle: async () => {
      const before = wantedPairs();
      for (const pair of pairs) {
        if (random() < 0.5) specs.delete(pair.join('-'));
        else specs.set(pair.join('-'), aSpec(pair));
      }
      await commit([...new Set([...before, ...wantedPairs()])]);
    },
    wanted: () => [...specs.keys()],
  };
}
