import { LEAF_CLUSTER, SHORTCUT } from '../../../src/model/kinds.ts';
import { commitShortcuts, sleep } from '../bench-world.ts';
import type { Figure } from '../figure.ts';
import * as figures from './fleet-figures.ts';
import { createPairPool, type Pair, type PairPool } from './fleet-pairs.ts';
import { connectOne, measure, type Spent, untilQuiet, untilReady } from './fleet-phases.ts';
import { type FleetWorld, startFleetWorld } from './fleet-world.ts';
import type { Shares } from './own-share.ts';
import { buildProgram, type ServiceProcess } from './service-process.ts';

export interface FleetOptions {
  readonly leaves: number;
  readonly shortcuts: number;
  /** Processes that hold the leaves. */
  readonly processes: number;
  /** Single shortcuts that are connected one after the other: in health, and beside hanging leaves. */
  readonly samples: number;
  /** Leaves that hang in the end. */
  readonly hanging: number;
  /** How long everything is left alone, once before the restart and once after it. Liqo rewrites Connections each 10 s. */
  readonly restSeconds: number;
  /** Folder for CPU profiles of the service. */
  readonly profileDir: string | undefined;
  readonly tell: (progress: string) => void;
}

/** Shortcuts with a hanging leaf that are committed at the same time, for each of these leaves. */
const STUCK_PER_HANGING_LEAF = 4;

interface Fleet {
  readonly world: FleetWorld;
  readonly pool: PairPool;
  readonly options: FleetOptions;
  /** Watches that are open on the leaves when the service has read everything. */
  readonly watches: number;
}

/**
 * Many leaves, with the service in a process of its own: all shortcuts in one commit, rest, a restart, single shortcuts,
 * and single shortcuts beside leaves that take requests and never answer.
 */
export async function benchFleet(options: FleetOptions): Promise<readonly Figure[]> {
  const { leaves, processes, profileDir, tell } = options;
  tell('building the program');
  await buildProgram();
  tell(`starting ${leaves} leaves in ${processes} processes`);
  const world = await startFleetWorld({ leaves, processes });
  const pool = createPairPool(world.names);
  let service: ServiceProcess | undefined;
  try {
    service = await world.startService(profileDir);
    tell('reading the leaves');
    await untilReady(world, LEAF_CLUSTER, leaves);
    await untilQuiet(world, leaves);
    const begin = await world.leafCounts();
    const fleet = { world, pool, options, watches: begin.watchesOpen };
    const busy = await connectAll(fleet, service);
    tell(`all Ready after ${busy.seconds.toFixed(1)} s; ${JSON.stringify(busy.usage)}`);
    const rest = await restAWhile(fleet, service);
    tell(`rested: ${JSON.stringify({ ...rest.usage, cpuMs: rest.cpuMs })}`);
    tell('restarting');
    await service.stop();
    const restart = await measure(world, undefined);
    const start = performance.now();
    service = await world.startService(profileDir);
    const syncedAt = await untilQuiet(world, fleet.watches);
    await sleep(options.restSeconds * 1_000);
    const restarted = { ...(await restart(service)), seconds: (syncedAt - start) / 1000 };
    const health = await connectSome(fleet, service);
    const beside = await connectBesideHanging(fleet, service);
    return [
      ...figures.ofConnecting(begin, busy, options),
      ...figures.ofRest(rest),
      ...figures.ofRestart(restarted),
      ...figures.ofSamples(health),
      ...figures.ofHanging(health, beside),
      {
        name: 'warnings in the log of the restarted service',
        value: await service.warnings(),
        unit: '',
      },
    ];
  } finally {
    await service?.stop();
    await world.stop();
  }
}

/** From one commit with all of them to all Ready. Counts go on until nothing is asked any more. */
async function connectAll(fleet: Fleet, service: ServiceProcess): Promise<Spent> {
  const { world, pool, options, watches } = fleet;
  const { shortcuts, tell } = options;
  tell(`connecting ${shortcuts} shortcuts`);
  await commitShortcuts(world.main, pool.take(shortcuts));
  const end = await measure(world, service);
  const start = performance.now();
  await service.hint();
  await untilReady(world, SHORTCUT, shortcuts);
  const seconds = (performance.now() - start) / 1000;
  await untilQuiet(world, watches);
  return { ...(await end(service)), seconds };
}

async function restAWhile({ world, options }: Fleet, service: ServiceProcess): Promise<Spent> {
  const { restSeconds, tell } = options;
  tell(`resting for ${restSeconds} s`);
  const end = await measure(world, service);
  await sleep(restSeconds * 1_000);
  return end(service);
}

/** Single shortcuts of leaves that never hang, one after the other. */
async function connectSome(fleet: Fleet, service: ServiceProcess): Promise<readonly Shares[]> {
  const { world, pool, options } = fleet;
  const { samples, hanging, tell } = options;
  const healthy = new Set(world.names.slice(hanging));
  const pairs = pool.take(samples, ([a, b]) => healthy.has(a) && healthy.has(b));
  const shares: Shares[] = [];
  for (const [index, pair] of pairs.entries()) {
    tell(`connecting one more, ${index + 1} of ${pairs.length}`);
    shares.push(await connectOne(world, service, pair));
  }
  return shares;
}

/** The same while the first leaves hang, with a commit of shortcuts that need them. */
async function connectBesideHanging(
  fleet: Fleet,
  service: ServiceProcess,
): Promise<readonly Shares[]> {
  const { world, pool, options } = fleet;
  const { hanging, tell } = options;
  if (hanging === 0) return [];
  const names = new Set(world.names.slice(0, hanging));
  tell(`letting ${hanging} leaves hang`);
  await world.hang([...names], true);
  const isStuck = ([a, b]: Pair) => names.has(a) !== names.has(b);
  await commitShortcuts(world.main, pool.take(hanging * STUCK_PER_HANGING_LEAF, isStuck));
  await service.hint();
  const shares = await connectSome(fleet, service);
  await world.hang([...names], false);
  return shares;
}
