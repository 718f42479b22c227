import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { composeService } from '../../src/app/compose.ts';
import type { Service } from '../../src/app/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { GivenFlags } from '../../src/config/flag-reader.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { createWorld, type World } from '../../src/sandbox/world.ts';

const TIMEOUT_MS = 180_000;

/** An embedded world at the recorded pace with the service, leaves mirrored and no shortcut yet. */
export interface BenchWorld {
  readonly world: World;
  readonly service: Service;
  /** Where the service listens. */
  readonly url: string;
  stop(): Promise<void>;
}

/** What is started around a service, and what that one is to know of it. */
interface Surroundings {
  readonly flags: GivenFlags;
  stop(): Promise<void>;
}

const NOTHING: Surroundings = { flags: {}, stop: () => Promise.resolve() };

/** Clusters and service in this process, over HTTPS and with the service's own rights. */
export async function startBenchWorld(
  leaves: readonly string[],
  surround: (world: { readonly dir: string }) => Promise<Surroundings> = () =>
    Promise.resolve(NOTHING),
): Promise<BenchWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'shortcuts-bench-'));
  const world = createWorld({ dir, pace: 'recorded', leaves, fresh: true, logger: silentLogger });
  const { signal } = new AbortController();
  await world.start();
  await commitLeaves(world, leaves);
  const surroundings = await surround({ dir });
  const { service, url } = await composeService({
    config: loadConfig(
      {
        source: world.repositoryDir,
        kubeconfig: join(world.kubeconfigDir, 'service.yaml'),
        http: '127.0.0.1:0',
        poll: '1s',
        ...surroundings.flags,
      },
      {},
      { read: (path) => readFileSync(path, 'utf8') },
    ),
    environment: {},
    logger: silentLogger,
    signal,
    nextFreePort: false,
  });
  await service.start({ signal });
  return {
    world,
    service,
    url,
    stop: async () => {
      await service.stop();
      await surroundings.stop();
      await world.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** One commit with these leaves and nothing else. */
export async function commitLeaves(world: World, leaves: readonly string[]): Promise<void> {
  const { repositoryDir } = world;
  git(repositoryDir, 'rm', '-rq', '.');
  for (const name of leaves) {
    await write(join(repositoryDir, 'leaves'), `${name}.yaml`, [
      'apiVersion: shortcuts.liqo.io/v1alpha1',
      'kind: LeafCluster',
      `metadata: { name: ${name} }`,
      `spec: { kubeconfigSecretRef: { name: ${name}-kubeconfig }, gateway: { serviceType: NodePort } }`,
    ]);
  }
  commit(repositoryDir, 'leaves');
}

/** One commit with these pairs; `more` is put behind the clusters in each spec. */
export async function commitShortcuts(
  world: World,
  pairs: readonly (readonly [string, string])[],
  more = '',
): Promise<void> {
  for (const [a, b] of pairs) {
    await write(join(world.repositoryDir, 'shortcuts'), `${a}-${b}.yaml`, [
      'apiVersion: shortcuts.liqo.io/v1alpha1',
      'kind: Shortcut',
      `metadata: { name: ${a}-${b} }`,
      `spec: { clusters: [${a}, ${b}]${more} }`,
    ]);
  }
  commit(world.repositoryDir, 'shortcuts');
}

async function write(folder: string, name: string, lines: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `${lines.join('\n')}\n`);
}

function commit(folder: string, message: string): void {
  git(folder, 'add', '-A');
  git(
    folder,
    '-c',
    'user.name=bench',
    '-c',
    'user.email=bench@example.com',
    'commit',
    '-qm',
    message,
  );
}

function git(folder: string, ...args: readonly string[]): void {
  execFileSync('git', args, {
    cwd: folder,
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
  });
}

/** Resolves when so many Shortcuts are Ready. */
export async function untilReady(world: World, count: number): Promise<void> {
  const client = world.main.client();
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const { items } = await client.list(SHORTCUT, { signal: AbortSignal.timeout(10_000) });
    const ready = (items as readonly Shortcut[]).filter(({ status }) =>
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
    );
    if (ready.length === count) return;
    if (performance.now() > deadline)
      throw new Error(`only ${ready.length} of ${count} became Ready`);
    await sleep(10);
  }
}

/** Requests of all clusters since the last reset. */
export function sum(world: World) {
  const all = Object.entries(world.requests());
  const leaves = all.filter(([name]) => name !== 'main').map(([, counts]) => counts);
  const main = all.find(([name]) => name === 'main')?.[1];
  const byVerb: Record<string, number> = {};
  for (const [, { byRequest }] of all) {
    for (const [request, count] of Object.entries(byRequest)) {
      const verb = request.split(' ')[0] ?? '';
      byVerb[verb] = (byVerb[verb] ?? 0) + count;
    }
  }
  return {
    leafWrites: total(leaves.map(({ writes }) => writes)),
    leafTotal: total(leaves.map((counts) => counts.total)),
    mainWrites: main?.writes ?? 0,
    mainTotal: main?.total ?? 0,
    watches: total(all.map(([, { watchesOpenNow }]) => watchesOpenNow)),
    handshakes: total(all.map(([, { tlsHandshakes }]) => tlsHandshakes)),
    byVerb,
  };
}

function total(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
