import { commitShortcuts, sleep, startBenchWorld, sum, untilReady } from './bench-world.ts';
import { type Figure, peakMemoryMiB } from './figure.ts';

const LEAVES = Array.from({ length: 10 }, (_, index) => `leaf${index}`);
const PAIRS = LEAVES.flatMap((a, index) => LEAVES.slice(index + 1).map((b) => [a, b] as const));
/** How long everything is left alone, to see what rest costs. */
const REST_MS = 15_000;

/** 10 leaves and all 45 pairs of them, from one commit to all Connected; then rest. Service and clusters share a process. */
export async function benchSandbox(): Promise<readonly Figure[]> {
  const bench = await startBenchWorld(LEAVES);
  const { world } = bench;
  try {
    await commitShortcuts(world, PAIRS);
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
    await bench.stop();
  }
}
