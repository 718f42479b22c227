import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ConfigError, InvariantError } from '../errors/errors.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { CONFIG_MAP, CUSTOM_RESOURCE_DEFINITION, NAMESPACE, SECRET } from '../model/kinds.ts';
import type { KubeObject, ResourceKind } from '../model/kube-object.ts';
import { DEFAULT_NAMESPACE } from '../model/names.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { createDemoRepository } from './demo-repository.ts';
import { applyFault, type FaultArguments, type FaultName } from './faults.ts';
import { type ApiServer, type ApiServerOptions, createApiServer } from './kubernetes/api-server.ts';
import type { RequestSnapshot } from './kubernetes/access/request-counts.ts';
import { DEFAULT_LEAVES, type LeafPlan, planLeaves } from './leaf-plan.ts';
import { leafGrants } from './leaf-rules.ts';
import type { LiqoVersion } from './liqo/liqo-version.ts';
import { LIQO_NAMESPACE } from './liqo/names.ts';
import { createLiqoLeaf, type LiqoLeaf } from './liqo/liqo-leaf.ts';
import type { Pace, PaceTable } from './liqo/pace.ts';
import { createTunnelNetwork, type TunnelNetwork } from './liqo/tunnel-network.ts';
import { MAIN_GRANTS } from './main-rules.ts';
import { type Grants, rbacObjects } from './rbac-objects.ts';

export interface WorldOptions {
  /** Everything lives below this folder. */
  readonly dir: string;
  readonly pace: Pace;
  /** Single steps at another speed, e.g. a shorter ping. */
  readonly steps?: Partial<PaceTable>;
  /** Names, which are the cluster IDs too; rome, milan and naples unless said otherwise. */
  readonly leaves?: readonly string[];
  /** Liqo's version by leaf; 1.2 where nothing is said. */
  readonly versions?: Readonly<Record<string, LiqoVersion>>;
  /** Namespace in which Liqo lives, by leaf; `liqo` where nothing is said. */
  readonly liqoNamespaces?: Readonly<Record<string, string>>;
  /** Position of the first leaf, from which addresses follow; more than 0 where other worlds hold leaves as well. */
  readonly firstLeaf?: number;
  /** The wire between the leaves; left out, they have one of their own. */
  readonly network?: TunnelNetwork;
  /** Forget what an earlier run left in `dir`. */
  readonly fresh: boolean;
  /** False: nothing outlives `stop()`, and nothing is written for it. */
  readonly keepsState?: boolean;
  readonly clock?: Clock;
  readonly logger: Logger;
  /** Makes the API servers; the embedded ones unless given. */
  readonly createServer?: (options: ApiServerOptions) => ApiServer;
}

interface WorldLeaf {
  readonly server: ApiServer;
  readonly liqo: LiqoLeaf;
  /** An administrator on the leaf. */
  readonly client: KubeClient;
}

/** A main cluster, leaves with simulated Liqo, and a Git repository: what a real installation has around the service. */
export interface World {
  /** Once only; what reads below throws before it. A clean-up after a failed start is `stop()`'s. */
  start(): Promise<void>;
  /** Ends all; the state stays in `dir` for another world that is not `fresh`. */
  stop(): Promise<void>;
  readonly main: ApiServer;
  readonly leaves: ReadonlyMap<string, WorldLeaf>;
  readonly network: TunnelNetwork;
  readonly repositoryDir: string;
  readonly kubeconfigDir: string;
  /** Makes something go wrong. `cluster` is a leaf, or `main`. Throws a ConfigError for an unknown name. */
  fault(cluster: string, fault: FaultName, args?: FaultArguments): Promise<void>;
  /** What was asked of each cluster since the last reset. */
  requests(): Readonly<Record<string, RequestSnapshot>>;
  resetRequests(): void;
}

/** The service's user, on the main cluster and on the leaves. */
export const SERVICE_USER = 'liqo-shortcuts';
const MAIN = 'main';
const CRD_FOLDER = join(import.meta.dirname, '../../deploy/crds');

/** The clusters of one run. They read their kept state when they are made, so not before `start()`. */
interface Clusters {
  readonly main: ApiServer;
  readonly leaves: ReadonlyMap<string, WorldLeaf>;
  readonly servers: ReadonlyMap<string, ApiServer>;
}

export function createWorld(options: WorldOptions): World {
  const { dir, clock = systemClock, logger, createServer = createApiServer } = options;
  const repositoryDir = join(dir, 'repository');
  const kubeconfigDir = join(dir, 'kubeconfig');
  const stateDir = join(dir, 'state');
  const network = options.network ?? createTunnelNetwork();
  const stopping = new AbortController();
  const { signal } = stopping;
  let clusters: Clusters | undefined;

  const liqoNamespaceOf = (leaf: string): string =>
    options.liqoNamespaces?.[leaf] ?? LIQO_NAMESPACE;

  function running(): Clusters {
    if (clusters === undefined) throw new InvariantError('the world has not been started');
    return clusters;
  }

  function createClusters(): Clusters {
    const main = apiServer(MAIN);
    const plans = planLeaves(options.leaves ?? DEFAULT_LEAVES, options.firstLeaf);
    const leaves = new Map(plans.map((plan) => [plan.name, createLeaf(plan)]));
    const leafServers = [...leaves].map(([name, { server }]) => [name, server] as const);
    return { main, leaves, servers: new Map([[MAIN, main], ...leafServers]) };
  }

  function apiServer(name: string): ApiServer {
    const stateFile = join(stateDir, `${name}.json`);
    return createServer({ name, clock, ...(options.keepsState !== false && { stateFile }) });
  }

  function createLeaf(plan: LeafPlan): WorldLeaf {
    const server = apiServer(plan.name);
    const liqo = createLiqoLeaf({
      client: server.client({ fieldManager: 'liqo-controller-manager' }),
      clusterID: plan.name,
      version: options.versions?.[plan.name] ?? '1.2',
      liqoNamespace: liqoNamespaceOf(plan.name),
      podCIDRs: [plan.podCIDR],
      externalCIDR: '10.70.0.0/16',
      nodes: plan.nodes,
      loadBalancerPrefix: plan.loadBalancerPrefix,
      pace: options.pace,
      steps: options.steps ?? {},
      network,
      clock,
      logger: logger.child({ cluster: plan.name }),
    });
    return { server, liqo, client: server.client() };
  }

  async function prepareFolders(): Promise<void> {
    const dataDir = join(dir, 'data');
    const kept = [repositoryDir, kubeconfigDir, stateDir, dataDir];
    for (const folder of options.fresh ? kept : []) {
      await rm(folder, { recursive: true, force: true });
    }
    for (const folder of [kubeconfigDir, stateDir]) await mkdir(folder, { recursive: true });
  }

  async function startLeaf(name: string, { server, liqo, client }: WorldLeaf): Promise<void> {
    await server.start();
    await liqo.install({ signal });
    await liqo.start();
    await grant(client, leafGrants(liqoNamespaceOf(name)));
    server.addUser(SERVICE_USER);
    await writePrivate(join(kubeconfigDir, `${name}.yaml`), server.kubeconfig('admin'));
  }

  async function startMain(main: ApiServer): Promise<void> {
    await main.start();
    const client = main.client();
    for (const crd of await productCRDs()) await apply(client, CUSTOM_RESOURCE_DEFINITION, crd);
    for (const name of [DEFAULT_NAMESPACE, 'liqo']) {
      await apply(client, NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    await apply(client, CONFIG_MAP, MAIN_CLUSTER_ID);
    await grant(client, MAIN_GRANTS);
    main.addUser(SERVICE_USER);
    await writePrivate(join(kubeconfigDir, `${MAIN}.yaml`), main.kubeconfig('admin'));
    await writePrivate(join(kubeconfigDir, 'service.yaml'), main.kubeconfig(SERVICE_USER));
  }

  async function apply(client: KubeClient, kind: ResourceKind, object: KubeObject): Promise<void> {
    await client.apply(kind, object, { force: true, signal });
  }

  async function grant(client: KubeClient, grants: Grants): Promise<void> {
    for (const { kind, object } of rbacObjects(SERVICE_USER, grants)) {
      await apply(client, kind, object);
    }
  }

  return {
    network,
    repositoryDir,
    kubeconfigDir,
    get main() {
      return running().main;
    },
    get leaves() {
      return running().leaves;
    },
    async start() {
      if (clusters !== undefined) throw new InvariantError('the world has been started already');
      await prepareFolders();
      clusters = createClusters();
      const { main, leaves } = clusters;
      await Promise.all([
        createDemoRepository(repositoryDir),
        startMain(main),
        ...[...leaves].map(([name, leaf]) => startLeaf(name, leaf)),
      ]);
      for (const [name, { server }] of leaves) {
        await apply(main.client(), SECRET, kubeconfigSecret(name, server.kubeconfig(SERVICE_USER)));
      }
    },
    async stop() {
      stopping.abort();
      if (clusters === undefined) return;
      for (const { liqo } of clusters.leaves.values()) await liqo.stop();
      for (const server of clusters.servers.values()) await server.stop();
    },
    async fault(cluster, fault, args = {}) {
      const { servers, leaves } = running();
      const server = servers.get(cluster);
      if (server === undefined) throw new ConfigError(`the sandbox has no cluster "${cluster}"`);
      await applyFault(fault, { server, liqo: leaves.get(cluster)?.liqo }, args);
    },
    requests: () =>
      Object.fromEntries(
        [...running().servers].map(([name, { requests }]) => [name, requests.snapshot()]),
      ),
    resetRequests() {
      for (const { requests } of running().servers.values()) requests.reset();
    },
  };
}

/** The main cluster runs Liqo too: its cluster ID names the installation (NETWORK.md section 2.2). */
const MAIN_CLUSTER_ID: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'liqo-clusterid-configmap',
    namespace: 'liqo',
    labels: { 'app.kubernetes.io/name': 'clusterid-configmap' },
  },
  data: { CLUSTER_ID: MAIN },
};

function kubeconfigSecret(leaf: string, kubeconfig: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: `${leaf}-kubeconfig`, namespace: DEFAULT_NAMESPACE },
    data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') },
  };
}

async function productCRDs(): Promise<readonly KubeObject[]> {
  const files = (await readdir(CRD_FOLDER)).filter((file) => file.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(CRD_FOLDER, file), 'utf8')));
  return texts.map((text) => parse(text) as KubeObject);
}

/** A file that only its owner can read; one of an earlier run is replaced, whatever its mode. */
async function writePrivate(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o600 });
}
