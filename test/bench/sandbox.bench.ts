import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { composeService } from '../../src/app/compose.ts';
import { loadConfig } from '../../src/config/config.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { createWorld, type World } from '../../src/sandbox/world.ts';
import { type Figure, peakMemoryMiB } from './figure.ts';

const LEAVES = Array.from({ length: 10 }, (_, index) => `leaf${index}`);
const PAIRS = LEAVES.flatMap((a, index) => LEAVES.slice(index + 1).map((b) => [a, b] as const));
/** How long everything is left alone, to see what rest costs. */
const REST_MS = 15_000;
const TIMEOUT_MS = 180_000;

/** 10 leaves and all 45 pairs of them, from one commit to all Connected; then rest. Service and clusters share a process. */
export async function benchSandbox(): Promise<readonly Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'shortcuts-bench-'));
  const world = createWorld({
    dir,
    pace: 'recorded',
    leaves: LEAVES,
    fresh: true,
    logger: silentLogger,
  });
  const { signal } = new AbortController();
  await world.start();
  const { service } = await composeService({
    config: loadConfig(
      {
        source: world.repositoryDir,
        kubeconfig: join(world.kubeconfigDir, 'service.yaml'),
        http: '127.0.0.1:0',
        poll: '1s',
      },
      {},
      { read: () => '' },
    ),
    environment: {},
    logger: silentLogger,
    signal,
    nextFreePort: false,
  });
  try {
    await commitLeaves(world);
    await service.start({ signal });
    await commitShortcuts(world);
    const before = sum(world);
    world.resetRequests();
    const start = performance.now();
    await untilReady(world, PAIRS.length);
    const ms = performance.now() - start;
    const busy = sum(world);
    world.resetRequests();
    const cpuBefore = process.cpuUsage();
    await sleep(REST_MS);
    const cpu = process.cpuUsage(cpuBefore);
    const rest = sum(world);
    return [
      { name: 'leaves', value: LEAVES.length, unit: '' },
      { name: 'shortcuts', value: PAIRS.length, unit: '' },
      { name: 'commit → all Connected', value: ms / 1000, unit: 's' },
      { name: 'writes on leaves', value: busy.leafWrites, unit: `(minimum ${PAIRS.length * 8})` },
      { name: 'requests on leaves', value: busy.leafTotal, unit: '' },
      {
        name: 'requests on leaves per shortcut',
        value: busy.leafTotal / PAIRS.length,
        unit: '(liqoctl 58–61)',
      },
      { name: 'writes on the main cluster', value: busy.mainWrites, unit: '' },
      ...Object.entries(busy.byVerb).map(([verb, value]) => ({
        name: `  ${verb} (all clusters)`,
        value,
        unit: '',
      })),
      { name: 'watches open', value: busy.watches, unit: '' },
      {
        name: 'TLS handshakes, all clusters',
        value: before.handshakes + busy.handshakes,
        unit: '(since the start)',
      },
      {
        name: `writes in ${REST_MS / 1000} s of rest`,
        value: rest.leafWrites + rest.mainWrites,
        unit: '',
      },
      {
        name: `requests in ${REST_MS / 1000} s of rest`,
        value: rest.leafTotal + rest.mainTotal,
        unit: '',
      },
      {
        name: 'share of a core at rest (clusters included)',
        value: (cpu.user + cpu.system) / 10 / REST_MS,
        unit: '%',
      },
      { name: 'peak memory (clusters included)', value: peakMemoryMiB(), unit: 'MiB' },
    ];
  } finally {
    await service.stop();
    await world.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function commitLeaves(world: World): Promise<void> {
  const { repositoryDir } = world;
  git(repositoryDir, 'rm', '-rq', '.');
  for (const name of LEAVES) {
    await write(join(repositoryDir, 'leaves'), `${name}.yaml`, [
      'apiVersion: shortcuts.liqo.io/v1alpha1',
      'kind: LeafCluster',
      `metadata: { name: ${name} }`,
      `spec: { kubeconfigSecretRef: { name: ${name}-kubeconfig }, gateway: { serviceType: NodePort } }`,
    ]);
  }
  commit(repositoryDir, 'leaves');
}

async function commitShortcuts(world: World): Promise<void> {
  for (const [a, b] of PAIRS) {
    await write(join(world.repositoryDir, 'shortcuts'), `${a}-${b}.yaml`, [
      'apiVersion: shortcuts.liqo.io/v1alpha1',
      'kind: Shortcut',
      `metadata: { name: ${a}-${b} }`,
      `spec: { clusters: [${a}, ${b}] }`,
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

async function untilReady(world: World, count: number): Promise<void> {
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
    await sleep(20);
  }
}

function sum(world: World) {
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

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
