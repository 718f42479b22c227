import type { KubeClient } from '../../src/kube/kube-client.ts';
import { LEAF_CLUSTER, SHORTCUT } from '../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../../src/liqo/kinds.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { createEngine, type Engine } from '../../src/reconcile/engine.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { createLogger, type Logger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { createLiqoLeaf, type LiqoLeaf } from '../../src/sandbox/liqo/liqo-leaf.ts';
import { createTunnelNetwork, type TunnelNetwork } from '../../src/sandbox/liqo/tunnel-network.ts';
import { createLeafCluster, createMainServer } from './main-server.ts';

const { signal } = new AbortController();

/** A leaf of the small world. */
export interface SmallLeaf {
  readonly server: ApiServer;
  readonly liqo: LiqoLeaf;
}

export interface SmallWorldOptions {
  /** The leaves that have a LeafCluster and a Secret from the beginning; all unless said otherwise. */
  readonly registered?: readonly string[];
  /** The engine's clock. The leaves live in real time. */
  readonly clock?: Clock;
}

/** A main cluster, the registered leaves rome and milan, and an engine between them that does not run yet. */
export class SmallWorld {
  readonly main: ApiServer;
  readonly leaves: Readonly<Record<string, SmallLeaf>>;
  readonly network: TunnelNetwork;
  readonly log: string[] = [];
  readonly #clock: Clock;
  engine: Engine;

  constructor(
    main: ApiServer,
    leaves: Readonly<Record<string, SmallLeaf>>,
    network: TunnelNetwork,
    clock: Clock,
  ) {
    this.main = main;
    this.leaves = leaves;
    this.network = network;
    this.#clock = clock;
    this.engine = this.createEngine();
  }

  /** Another process with no memory of the one before. */
  createEngine(): Engine {
    return createEngine({
      client: this.main.client({ outside: true }),
      namespace: 'liqo-shortcuts',
      installation: () => 'turin',
      identity: 'turin-a',
      connect: (_credentials, cluster) => Promise.resolve(this.clientOf(cluster)),
      parseKubeconfig: (text) => ({ server: 'https://leaf.example', fingerprint: text }),
      clock: this.#clock,
      random: () => 0.5,
      logger: this.#logger(),
      resyncMs: 600_000,
    });
  }

  #logger(): Logger {
    return createLogger({
      level: 'debug',
      destination: { write: (line) => void this.log.push(line) },
    });
  }

  clientOf(cluster: string): KubeClient {
    return this.leaf(cluster).server.client({ outside: true });
  }

  leaf(cluster: string): SmallLeaf {
    const leaf = this.leaves[cluster];
    if (leaf === undefined) throw new Error(`there is no leaf "${cluster}"`);
    return leaf;
  }

  async start(): Promise<void> {
    await this.engine.start({ signal });
    this.engine.work();
  }

  /** Starts, and waits until both leaves are known. */
  async startKnown(): Promise<void> {
    await this.start();
    await this.untilLeaf('rome', 'known');
    await this.untilLeaf('milan', 'known');
  }

  async untilLeaf(cluster: string, kind: 'known' | 'unknown'): Promise<void> {
    await eventually(`${cluster} is ${kind}`, () =>
      Promise.resolve(this.engine.registry.get(cluster)?.state.kind === kind),
    );
  }

  async stop(): Promise<void> {
    await this.engine.stop();
    for (const { liqo } of Object.values(this.leaves)) await liqo.stop();
  }

  async shortcut(name = 'rome-milan'): Promise<Shortcut | undefined> {
    const { items } = await this.main.client().list(SHORTCUT, { signal });
    return items.find(({ metadata }) => metadata.name === name) as Shortcut | undefined;
  }

  async readyReason(name?: string): Promise<string | undefined> {
    return (await this.shortcut(name))?.status?.conditions?.find(({ type }) => type === 'Ready')
      ?.reason;
  }

  async untilReason(reason: string, name?: string): Promise<void> {
    await eventually(`Ready for ${reason}`, async () => (await this.readyReason(name)) === reason);
  }

  async leafConditions(cluster: string): Promise<readonly string[]> {
    const { items } = await this.main.client().list(LEAF_CLUSTER, { signal });
    const leaf = items.find(({ metadata }) => metadata.name === cluster);
    const status = leaf?.['status'] as
      { conditions?: { type: string; status: string }[] } | undefined;
    return (status?.conditions ?? []).map(({ type, status: value }) => `${type} ${value}`);
  }

  /** Everything of ours on a leaf, as `Kind/name`. */
  async ours(cluster: string): Promise<readonly string[]> {
    const labelSelector = 'shortcuts.liqo.io/installation=turin';
    const kinds: readonly ResourceKind[] = [
      NAMESPACE,
      CONFIGURATION,
      GATEWAY_SERVER,
      GATEWAY_CLIENT,
      PUBLIC_KEY,
    ];
    const found: KubeObject[] = [];
    for (const kind of kinds) {
      const { server } = this.leaf(cluster);
      found.push(...(await server.client().list(kind, { labelSelector, signal })).items);
    }
    return found.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  }

  /** Write requests to all API servers since the last reset. */
  writes(): number {
    return [this.main, ...Object.values(this.leaves).map(({ server }) => server)]
      .map(({ requests }) => requests.snapshot().writes)
      .reduce((sum, writes) => sum + writes, 0);
  }

  resetRequests(): void {
    this.main.requests.reset();
    for (const { server } of Object.values(this.leaves)) server.requests.reset();
  }
}

/** Builds the world; both leaves have the same pod CIDR, so that remapping shows. */
export async function createSmallWorld(options: SmallWorldOptions = {}): Promise<SmallWorld> {
  const { registered = ['rome', 'milan'], clock = systemClock } = options;
  const network = createTunnelNetwork();
  const main = await createMainServer();
  const leaves: Record<string, SmallLeaf> = {};
  for (const [index, name] of ['rome', 'milan'].entries()) {
    leaves[name] = await createSmallLeaf(name, network, index);
    await leaves[name].liqo.start();
    if (!registered.includes(name)) continue;
    await createLeafCluster(main, name, { spec: { gateway: { serviceType: 'NodePort' } } });
  }
  return new SmallWorld(main, leaves, network, clock);
}

async function createSmallLeaf(
  name: string,
  network: TunnelNetwork,
  index: number,
): Promise<SmallLeaf> {
  const server = createApiServer({ name });
  const liqo = createLiqoLeaf({
    client: server.client({ fieldManager: 'liqo-controller-manager' }),
    clusterID: name,
    version: '1.2',
    podCIDRs: ['10.200.0.0/16'],
    externalCIDR: '10.70.0.0/16',
    nodes: [{ name: `${name}-node`, address: `172.30.0.${12 + index}` }],
    pace: 'instant',
    steps: { pingInterval: 10, refreshInterval: 40 },
    network,
    logger: createLogger({ level: 'silent' }),
  });
  await liqo.install({ signal });
  return { server, liqo };
}

/** A clock that runs so many times as fast as the machine's, so that long periods need no long tests. */
export function createHurriedClock(speed: number): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * speed,
    sleep: (ms, options) => systemClock.sleep(ms / speed, options),
  };
}

/** Waits for a condition in real time, as long as a healthy machine may ever need. */
export async function eventually(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await systemClock.sleep(5, { signal });
  }
}
