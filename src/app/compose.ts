import type { Config, SourceConfig } from '../config/config.ts';
import { ConfigError } from '../errors/errors.ts';
import { createHttpServer } from '../http/http-server.ts';
import { createKubeClient } from '../kube/client-node-client.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { loadMainCredentials } from '../kube/load-main.ts';
import { parseKubeconfig } from '../kube/parse-kubeconfig.ts';
import { createMirror, type Mirror } from '../mirror/mirror.ts';
import type { SourceSnapshot } from '../model/source-snapshot.ts';
import { createEngine, type Engine } from '../reconcile/engine.ts';
import { createSnapshotReader } from '../reconcile/snapshot-reader.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { systemRandom } from '../runtime/random.ts';
import { composeSource, SOURCE_NAME } from './compose-source.ts';
import { resolveInstallation } from './resolve-installation.ts';
import { createService, type Service } from './service.ts';
import { VERSION } from './version.ts';

/** The loop beats every 5 s; after this long without a beat the process counts as stuck. */
const STALE_AFTER_MS = 60_000;

export interface ComposeOptions {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
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
  return credentials === undefined ? undefined : createKubeClient({ credentials, cluster });
}

/** Stage two on the real clock, with real clients. */
export async function composeEngine(client: KubeClient, options: ComposeOptions): Promise<Engine> {
  const { config, logger, signal } = options;
  const { namespace, resync } = config;
  const configured = config.installation;
  const installation = await resolveInstallation({ client, configured, namespace, signal });
  return createEngine({
    client,
    namespace,
    installation,
    connect: (credentials, cluster) => createKubeClient({ credentials, cluster }),
    parseKubeconfig: (text, cluster) => parseKubeconfig(text, { cluster }),
    clock: systemClock,
    random: systemRandom,
    logger,
    resyncMs: resync.ms,
  });
}

/** Stage one. Without `client` it plans only. */
export function composeMirror(
  source: SourceConfig,
  { config, logger }: Pick<ComposeOptions, 'config' | 'logger'>,
  engine: Engine,
  client: KubeClient | undefined,
): Mirror {
  return createMirror({
    source: composeSource(source, config),
    sourceName: SOURCE_NAME,
    namespace: config.namespace,
    actual: () =>
      engine.main.failure() === undefined
        ? [...engine.main.shortcuts(), ...engine.main.leafClusters()]
        : undefined,
    writer: client === undefined ? undefined : readingOwnWrites(client, engine),
    guard: config.guard,
    dataDir: config.dataDir,
    clock: systemClock,
    logger,
  });
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
  options: ComposeOptions & { readonly nextFreePort: boolean },
): Promise<ComposedService> {
  const { config, logger } = options;
  const client = await connectMain(options);
  if (client === undefined) {
    throw new ConfigError(
      'there is no main cluster: give --kubeconfig, set KUBECONFIG, or run in a cluster with a service account',
    );
  }
  const engine = await composeEngine(client, options);
  const mirror =
    config.source === undefined ? undefined : composeMirror(config.source, options, engine, client);
  let isSynced = false;
  const reader = createSnapshotReader({
    version: VERSION,
    installation: engine.installation,
    namespace: config.namespace,
    main: engine.main,
    registry: engine.registry,
    memories: engine.memories,
    source: () =>
      mirror === undefined ? undefined : withNextPoll(mirror.snapshot(), config.poll.ms),
    isSynced: () => isSynced,
  });
  const { token, host, port } = config.http;
  const service = (): Service => composed;
  const http = await createHttpServer({
    reader,
    logger,
    clock: systemClock,
    staleAfterMs: STALE_AFTER_MS,
    ...(token === undefined ? {} : { token }),
    ...(config.webhook === undefined
      ? {}
      : { hooks: { secret: config.webhook.secret, onHint: () => service().hint() } }),
  });
  const composed = createService({
    engine,
    mirror,
    http,
    client,
    onSynced: () => {
      isSynced = true;
    },
    poll: config.poll.cron,
    resync: config.resync.cron,
    clock: systemClock,
    random: systemRandom,
    logger,
  });
  const { url } = await http.listen({ host, port, nextFreePort: options.nextFreePort });
  return { service: composed, url };
}

function withNextPoll(source: SourceSnapshot, pollMs: number): SourceSnapshot {
  const { lastPollAt } = source;
  if (lastPollAt === undefined) return source;
  return { ...source, nextPollAt: new Date(Date.parse(lastPollAt) + pollMs).toISOString() };
}

/** What is written is in the caches before its event, so that the next pass does not write it again. */
function readingOwnWrites(
  client: KubeClient,
  engine: Engine,
): Pick<KubeClient, 'apply' | 'delete'> {
  return {
    apply: async (kind, object, options) => {
      const stored = await client.apply(kind, object, options);
      engine.main.remember(kind, stored);
      return stored;
    },
    delete: (ref, options) => client.delete(ref, options),
  };
}
