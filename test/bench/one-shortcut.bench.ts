import { CONNECTION } from '../../src/liqo/kinds.ts';
import { commitShortcuts, sleep, startBenchWorld, sum } from './bench-world.ts';
import type { Figure } from './figure.ts';

/** Each pair is connected once, after the one before is up. */
const PAIRS = [
  ['rome', 'milan'],
  ['milan', 'naples'],
  ['rome', 'naples'],
] as const;
const TIMEOUT_MS = 60_000;

/**
 * One shortcut, from `git commit` to `Connected` on both leaves, at the pace of the recordings. The source is told of
 * the commit as by a webhook, so that the poll's interval is not measured. liqoctl took 4.4–4.9 s, the best order of the
 * same eight writes 1.1–1.8 s.
 */
export async function benchOneShortcut(): Promise<readonly Figure[]> {
  const bench = await startBenchWorld(['rome', 'milan', 'naples']);
  const { world, service } = bench;
  try {
    await sleep(1_000);
    const figures: Figure[] = [];
    for (const [a, b] of PAIRS) {
      world.resetRequests();
      await commitShortcuts(world, [[a, b]]);
      const start = performance.now();
      service.hint();
      await Promise.all([untilConnected(a, b), untilConnected(b, a)]);
      const seconds = (performance.now() - start) / 1000;
      const { leafWrites, leafTotal } = sum(world);
      figures.push(
        { name: `${a}–${b}: commit → Connected on both`, value: seconds, unit: 's' },
        { name: `${a}–${b}: writes on leaves`, value: leafWrites, unit: '(minimum 8)' },
        { name: `${a}–${b}: requests on leaves`, value: leafTotal, unit: '(liqoctl 58–61)' },
      );
    }
    return figures;
  } finally {
    await bench.stop();
  }

  async function untilConnected(leaf: string, peer: string): Promise<void> {
    const client = world.leaves.get(leaf)?.client;
    const deadline = performance.now() + TIMEOUT_MS;
    for (;;) {
      const signal = AbortSignal.timeout(10_000);
      const labelSelector = `liqo.io/remote-cluster-id=${peer}`;
      const list = await client?.list(CONNECTION, { labelSelector, signal });
      const [connection] = list?.items ?? [];
      if ((connection?.['status'] as { value?: string } | undefined)?.value === 'Connected') return;
      if (performance.now() > deadline) throw new Error(`"${leaf}" is not connected to "${peer}"`);
      await sleep(5);
    }
  }
}
