import type { Config } from '../config/config.ts';
import type { SourceConfig } from '../config/source-config.ts';
import { ConfigError } from '../errors/errors.ts';
import { createHttpServer } from '../http/http-server.ts';
import { createKubeClient } from '../kube/client-node-client.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { loadMainCredentials } from '../kube/load-main.ts';
import { parseKubeconfig } from '../kube/parse-kubeconfig.ts';
import type { LeaderElector } from '../kube/leader-elector.ts';
import type { WriteFence } from '../kube/write-fence.ts';
import { createMirror, type Mirror } from '../mirror/mirror.ts';
import type { SourceSnapshot } from '../model/source-snapshot.ts';
import { createEngine, type Engine } from '../reconcile/engine.ts';
import { createSnapshotReader } from '../reconcile/snapshot-reader.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { systemRandom } from '../runtime/random.ts';
import { composeForge } from './compose-forge.ts';
import { composeGitHook, composeHintRelay } from './compose-git-hook.ts';
import { composeElection, createIdentity, type Election, letGo } from './compose-election.ts';
import { composeSource, SOURCE_NAME } from './compose-source.ts';
import { resolveInstallation, resolveInstallationPatiently } from './resolve-installation.ts';
import { createService, type Service } from './service.ts';
import { VERSION } from './version.ts';

/** The loop beats every 5 s; after this long without a beat the process counts as stuck. */
const STALE_AFTER_MS = 60_000;

export interface ComposeOptions {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of this process, among all that there have ever been. */
  readonly identity: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** The main cluster's client, or undefined when no credential is configured: then everything is offline. */
export async function connectMain(options: ComposeOptions): Promise<KubeClient | undefined> {
  const { kubeconfig, context } = options.config.cluster;
  const cluster = 'main';
  const credentials = await loadMainCredentials({
    cluster,
    environment: options.environment,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
  return credentials === undefined
    ? undefined
    : createKubeClient({ credentials, cluster, userAgent: userAgentOf(options) });
}

/** Tells in the audit log of an API server which of several replicas it was. */
function userAgentOf({ identity }: ComposeOptions): string {
  return `liqo-shortcuts/${VERSION} (${identity})`;
}

/** Stage two on the real clock, with real clients, all of which write only through the fence. */
export function composeEngine(
  client: KubeClient,
  fence: WriteFence,
  options: ComposeOptions & { readonly installation: () => string },
): Engine {
  const { config, logger, installation } = options;
  const userAgent = userAgentOf(options);
  return createEngine({
    client: fence.guard(client),
    namespace: config.namespace,
    installation,
    identity: options.identity,
    connect: async (credentials, cluster) =>
      fence.guard(await createKubeClient({ credentials, cluster, userAgent })),
    parseKubeconfig: (text, cluster) => parseKubeconfig(text, { cluster }),
    clock: systemClock,
    random: systemRandom,
    logger,
    resyncMs: config.resync.ms,
  });
}

/** Stage one. Without `writer` it plans only. */
export function composeMirror(
  source: SourceConfig,
  { config, logger }: Pick<ComposeOptions, 'config' | 'logger'>,
  engine: Engine,
  writer: KubeClient | undefined,
): Mirror {
  return createMirror({
    source: composeSource(source, config),
    sourceName: SOURCE_NAME,
    namespace: config.namespace,
    actual: () =>
      engine.main.failure() === undefined
        ? [...engine.main.shortcuts(), ...engine.main.leafClusters()]
        : undefined,
    writer: writer && readingOwnWrites(writer, engine),
    guard: config.guard,
    dataDir: config.dataDir,
    clock: systemClock,
    logger,
  });
}

/** What a single pass needs. */
export interface ComposedOnce {
  readonly engine: Engine;
  readonly mirror: Mirror;
  readonly elector: LeaderElector;
  /** Name of this installation. */
  readonly installation: string;
  /** Lets the Lease go, and ends everything but `client`. */
  stop(): Promise<void>;
}

/**
 * A single pass, which writes on leaves only while it leads. Stage one writes in any case, on the main cluster: it is
 * what was asked for, and a service that leads takes it from there. Nothing runs yet.
 *
 * @throws what finding out the installation's name throws.
 */
export async function composeOnce(
  client: KubeClient,
  source: SourceConfig,
  options: ComposeOptions,
): Promise<ComposedOnce> {
  const { config, identity, logger, signal } = options;
  const { namespace, installation: configured, mode } = config;
  const known = await resolveInstallation({ client, configured, namespace, signal });
  const { elector, fence } = composeElection({
    ...{ config, client, identity, logger },
    onChange: ({ role }) => {
      if (role === 'leader') fence.open();
      else fence.cut();
      if (role === 'leader') engine.work();
      else engine.rest();
    },
  });
  const engine = composeEngine(client, fence, { ...options, installation: () => known });
  return {
    engine,
    mirror: composeMirror(source, options, engine, mode === 'apply' ? client : undefined),
    elector,
    installation: known,
    stop: async () => {
      await letGo({ elector, fence });
      await engine.stop();
    },
  };
}

/** A composed service and where it listens. */
export interface ComposedService {
  readonly service: Service;
  readonly url: string;
}

/**
 * The whole service, listening but not yet started.
 *
 * @throws ConfigError without a main cluster, and what connecting and listening throw.
 */
export async function composeService(
  given: Omit<ComposeOptions, 'identity'> & { readonly nextFreePort: boolean },
): Promise<ComposedService> {
  const { config, logger } = given;
  const identity = createIdentity();
  const options = { ...given, identity };
  const client = await connectMain(options);
  if (client === undefined) {
    throw new ConfigError(
      'there is no main cluster: give --kubeconfig, set KUBECONFIG, or run in a cluster with a service account',
    );
  }
  const service = (): Service => composed;
  const election = composeElection({
    ...{ config, client, identity, logger },
    onChange: (leadership) => service().follow(leadership),
  });
  let installation = '';
  const engine = composeEngine(client, election.fence, {
    ...options,
    installation: () => installation,
  });
  const mirror = config.source && composeMirror(config.source, options, engine, engine.main.client);
  const reporter = await composeForge(options, engine, () => installation);
  let isSynced = false;
  const reader = createSnapshotReader({
    version: VERSION,
    installation: () => installation,
    leadership: () => election.elector.leadership(),
    namespace: config.namespace,
    main: engine.main,
    registry: engine.registry,
    memories: engine.memories,
    source: () => mirror && withNextPoll(mirror.snapshot(), config.poll.ms, election),
    forge: () => reporter?.snapshot(),
    isSynced: () => isSynced,
  });
  const { token, rateLimit, host, port } = config.http;
  const http = await createHttpServer({
    reader,
    logger,
    version: VERSION,
    clock: systemClock,
    staleAfterMs: STALE_AFTER_MS,
    rateLimit,
    ...(token === undefined ? {} : { token }),
    hooks: composeGitHook(config, () => service().hint()),
  });
  const composed = createService({
    engine,
    mirror,
    http,
    election,
    client,
    reporter,
    relay: composeHintRelay({ config, client, logger }),
    identify: async ({ signal }) => {
      const { namespace, installation: configured } = config;
      const time = { clock: systemClock, random: systemRandom };
      const known = { client, configured, namespace, signal, ...time };
      installation = await resolveInstallationPatiently(known);
    },
    onSynced: () => {
      isSynced = true;
    },
    poll: config.poll.cron,
    resync: config.resync.cron,
    clock: systemClock,
    random: systemRandom,
    logger,
  });
  const { url } = await http.listen({ host, port, nextFreePort: given.nextFreePort });
  return { service: composed, url };
}

/** Only the leader looks at the source. */
function withNextPoll(
  source: SourceSnapshot,
  pollMs: number,
  { elector }: Election,
): SourceSnapshot {
  const { lastPollAt } = source;
  if (lastPollAt === undefined || elector.leadership().role === 'follower') return source;
  return { ...source, nextPollAt: new Date(Date.parse(lastPollAt) + pollMs).toISOString() };
}

/** What is written is in the caches before its event, so that the next pass does not write it again. */
function readingOwnWrites(
  client: KubeClient,
  { main }: Engine,
): Pick<KubeClient, 'apply' | 'delete'> {
  return {
    apply: async (kind, object, options) => {
      const stored = await client.apply(kind, object, options);
      main.remember(kind, stored);
      return stored;
    },
    delete: (ref, options) => client.delete(ref, options),
  };
}
