import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SHORTCUT } from '../../src/model/kinds.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { startGitServer } from '../support/git-server.ts';
import { HOOK_HOSTS } from '../support/hook-deliveries.ts';
import { type BenchWorld, commitShortcuts, sleep, startBenchWorld } from './bench-world.ts';
import { atMost, type Figure, percentile } from './figure.ts';

const SAMPLES = 20;
const SECRET = 'webhook-secret';
const TIMEOUT_MS = 60_000;

/**
 * From a push to a Git server over HTTP, told by GitHub's webhook, to the CR on the main cluster. Polls come once an
 * hour, so that none of them is measured.
 */
export async function benchHooks(): Promise<readonly Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'shortcuts-bench-hooks-'));
  const secretFile = join(root, 'webhook-secret');
  await writeFile(secretFile, SECRET);
  const bench = await startBenchWorld(['rome', 'milan'], async ({ dir }) => {
    const server = await startGitServer(dir);
    return {
      flags: {
        source: `${server.url}/repository/.git`,
        ref: 'main',
        poll: '1h',
        webhookSecretFile: secretFile,
      },
      stop: () => server.stop(),
    };
  });
  try {
    const seconds: number[] = [];
    for (let mtu = 1300; mtu < 1300 + SAMPLES; mtu += 1) {
      await commitShortcuts(bench.world, [['rome', 'milan']], `, gateway: { mtu: ${mtu} }`);
      const start = performance.now();
      await tell(bench);
      await untilMirrored(bench, mtu);
      seconds.push((performance.now() - start) / 1_000);
    }
    return [
      { name: 'push → mirrored, p50', value: percentile(seconds, 0.5), unit: 's' },
      atMost(2, { name: 'push → mirrored, p95', value: percentile(seconds, 0.95), unit: 's' }),
      { name: 'push → mirrored, longest', value: Math.max(...seconds), unit: 's' },
    ];
  } finally {
    await bench.stop();
    await rm(root, { recursive: true, force: true });
  }
}

async function tell({ url }: BenchWorld): Promise<void> {
  const delivery = HOOK_HOSTS[0]?.push('refs/heads/main', SECRET);
  const { status } = await fetch(new URL('/hooks/git', url), { method: 'POST', ...delivery });
  if (status !== 202) throw new Error(`the webhook was answered with ${status}`);
}

async function untilMirrored({ world }: BenchWorld, mtu: number): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const { items } = await world.main
      .client()
      .list(SHORTCUT, { signal: AbortSignal.timeout(10_000) });
    if ((items as readonly Shortcut[])[0]?.spec.gateway?.mtu === mtu) return;
    if (performance.now() > deadline) throw new Error(`the MTU ${mtu} never arrived`);
    await sleep(5);
  }
}
