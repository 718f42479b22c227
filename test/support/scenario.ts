import { readFileSync } from 'node:fs';
import { rm, writeFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { composeService } from '../../src/app/compose.ts';
import type { Service } from '../../src/app/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { GivenFlags } from '../../src/config/flag-reader.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import type { ResourceKind } from '../../src/model/kube-object.ts';
import { DEFAULT_NAMESPACE } from '../../src/model/names.ts';
import { createLogger, silentLogger } from '../../src/runtime/logger.ts';
import { createWorld, type World, type WorldOptions } from '../../src/sandbox/world.ts';
import type { ShortcutDetail, Snapshot } from '../../src/status/snapshot.ts';
import { eventually, signal } from './scenario-wait.ts';
import { leafFile } from './scenario-files.ts';
import { refAt } from './scenario-objects.ts';
import type { HookDelivery } from './hook-deliveries.ts';
import { createScenarioServer } from './scenario-servers.ts';
import { makeTempDir, runGit } from './temp-git.ts';

export interface ScenarioOptions extends Partial<
  Pick<
    WorldOptions,
    'leaves' | 'versions' | 'liqoNamespaces' | 'steps' | 'pace' | 'clock' | 'createServer'
  >
> {
  /** Flags of the service, in the form that commander gives them. */
  readonly flags?: GivenFlags;
  /** Where the service's log goes; standard error unless said. */
  readonly log?: { write(line: string): void };
  /** False: the service is not started yet. */
  readonly service?: boolean;
}

/** Content by path; undefined removes the file. */
export type Edits = Readonly<Record<string, string | undefined>>;

/** A whole installation in this process: an embedded world, its Git repository and the service over HTTPS and HTTP. */
export interface Scenario {
  readonly world: World;
  /** Everything of this scenario on the disk. */
  readonly dir: string;
  /** Edits files and commits them; the service looks at once. Answers with the commit. */
  commit(edits: Edits): Promise<string>;
  /** Runs git in the repository. */
  git(...args: readonly string[]): Promise<string>;
  /** Tells the service to look at the repository now. */
  look(): void;
  /** `GET` of the service's API: the status and the JSON of the answer. */
  http(path: string): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Tells the service of a push, as a Git host does: the status of the answer. */
  hook(delivery: HookDelivery): Promise<number>;
  /** `GET` of the service: the body of the answer as it is. */
  text(path: string): Promise<string>;
  /** Where the service listens. */
  serviceUrl(): string;
  snapshot(): Promise<Snapshot>;
  /** As the service tells it over HTTP; undefined when it does not know it. */
  shortcut(name: string): Promise<ShortcutDetail | undefined>;
  /** Waits until a shortcut is Ready. */
  ready(...names: readonly string[]): Promise<void>;
  /** Waits until the CRs are gone from the main cluster. */
  gone(...names: readonly string[]): Promise<void>;
  /** Waits until Ready has this reason; answers with what the service then says. */
  reason(name: string, reason: string): Promise<ShortcutDetail>;
  /** Administrator of the main cluster. */
  main(): KubeClient;
  /** Administrator of a leaf. */
  leaf(name: string): KubeClient;
  /** Merge patch of the object `namespace/name` by its administrator, as with kubectl. */
  patch(cluster: string, kind: ResourceKind, address: string, body: object): Promise<void>;
  startService(flags?: GivenFlags): Promise<void>;
  stopService(): Promise<void>;
  stop(): Promise<void>;
}

/** Pings often enough that a lost link shows at once. */
export const FAST_PINGS = { pingInterval: 20, refreshInterval: 200 };

interface RunningService {
  readonly service: Service;
  readonly url: string;
  readonly stopping: AbortController;
}

/** Starts a world whose repository holds a LeafCluster for each leaf and nothing else, and the service. */
export async function startScenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const { flags = {}, service: isServing = true, log, ...worldOptions } = options;
  const dir = await makeTempDir();
  const world = createWorld({
    pace: 'instant',
    steps: FAST_PINGS,
    createServer: createScenarioServer,
    ...worldOptions,
    dir,
    fresh: true,
    logger: silentLogger,
  });
  let running: RunningService | undefined;
  await world.start();
  const git = (...args: readonly string[]): Promise<string> => runGit(world.repositoryDir, args);

  async function commit(edits: Edits): Promise<string> {
    for (const [path, content] of Object.entries(edits)) {
      const file = join(world.repositoryDir, path);
      await mkdir(dirname(file), { recursive: true });
      if (content === undefined) await rm(file, { recursive: true });
      else await writeFile(file, content);
    }
    await git('add', '-A');
    await git('commit', '-q', '--allow-empty', '-m', 'change');
    running?.service.hint();
    return git('rev-parse', 'HEAD');
  }

  function started(): RunningService {
    if (running === undefined) throw new Error('the service does not run');
    return running;
  }

  async function http(path: string): Promise<{ status: number; body: unknown }> {
    const response = await fetch(new URL(path, started().url), { signal });
    return { status: response.status, body: await response.json() };
  }

  async function shortcut(name: string): Promise<ShortcutDetail | undefined> {
    const { status, body } = await http(`/api/v1/shortcuts/${DEFAULT_NAMESPACE}/${name}`);
    if (status !== 200 && status !== 404) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return status === 200 ? (body as ShortcutDetail) : undefined;
  }

  function clientOf(cluster: string): KubeClient {
    if (cluster === 'main') return world.main.client({ fieldManager: 'kubectl-edit' });
    const leaf = world.leaves.get(cluster);
    if (leaf === undefined) throw new Error(`there is no cluster "${cluster}"`);
    return leaf.server.client({ fieldManager: 'kubectl-edit' });
  }

  async function until(name: string, what: string, isSo: (found: ShortcutDetail) => boolean) {
    return eventually(`${name} is ${what}`, async () => {
      const found = await shortcut(name);
      return found !== undefined && isSo(found) ? { done: found } : { seen: found?.conditions };
    });
  }

  async function stopService(): Promise<void> {
    const stopped = running;
    running = undefined;
    stopped?.stopping.abort();
    await stopped?.service.stop();
  }

  const scenario: Scenario = {
    world,
    dir,
    commit,
    git,
    look: () => started().service.hint(),
    http,
    hook: async (delivery) => {
      const url = new URL('/hooks/git', started().url);
      return (await fetch(url, { method: 'POST', ...delivery, signal })).status;
    },
    text: async (path) => (await fetch(new URL(path, started().url), { signal })).text(),
    serviceUrl: () => started().url,
    snapshot: async () => (await http('/api/v1/status')).body as Snapshot,
    shortcut,
    ready: async (...names) => {
      await Promise.all(names.map((name) => until(name, 'Ready', isReady)));
    },
    gone: async (...names) => {
      await eventually(`${names.join(', ')} gone`, async () => {
        const { items } = await world.main.client().list(SHORTCUT, { signal });
        const left = items.filter(({ metadata }) => names.includes(metadata.name));
        return left.length === 0 ? { done: true } : { seen: left.map((item) => item['status']) };
      });
    },
    reason: (name, reason) => until(name, reason, (found) => readyOf(found)?.reason === reason),
    main: () => clientOf('main'),
    leaf: clientOf,
    patch: async (cluster, kind, address, body) => {
      await clientOf(cluster).patch(refAt(kind, address), body, { signal });
    },
    startService: async (more = {}) => {
      const stopping = new AbortController();
      const given: GivenFlags = {
        source: world.repositoryDir,
        kubeconfig: join(world.kubeconfigDir, 'service.yaml'),
        http: '127.0.0.1:0',
        // Tests look again and again.
        httpRateLimit: '0',
        poll: '1s',
        logLevel: process.env['SCENARIO_LOG'] ?? 'silent',
        ...flags,
        ...more,
      };
      const config = loadConfig(given, {}, { read: (path) => readFileSync(path, 'utf8') });
      const logger = createLogger({ level: config.logLevel, destination: log ?? process.stderr });
      const composed = await composeService({
        config,
        environment: {},
        logger,
        signal: stopping.signal,
        nextFreePort: false,
      });
      running = { ...composed, stopping };
      await composed.service.start({ signal: stopping.signal });
    },
    stopService,
    stop: async () => {
      await stopService();
      await world.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  const leafFiles = [...world.leaves.keys()].map((name) => [
    `leaves/${name}.yaml`,
    leafFile(name, undefined, options.liqoNamespaces?.[name]),
  ]);
  await commit({
    leaves: undefined,
    shortcuts: undefined,
    ...(Object.fromEntries(leafFiles) as Edits),
  });
  if (isServing) await scenario.startService();
  return scenario;
}

function readyOf({ conditions }: ShortcutDetail): ShortcutDetail['conditions'][number] | undefined {
  return conditions.find(({ type }) => type === 'Ready');
}

function isReady(found: ShortcutDetail): boolean {
  return readyOf(found)?.status === 'True';
}
