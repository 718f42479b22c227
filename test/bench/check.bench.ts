import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { ReconcileReport } from '../../src/model/generated/report.ts';
import { atMost, type Figure, percentile } from './figure.ts';
import { manifestFiles } from './manifests.bench.ts';

const ROOT = join(import.meta.dirname, '../..');
const RUNS = 5;

/** Tells on a third stream what the process has used, at its end. */
const USAGE = `import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, JSON.stringify(process.cpuUsage())));`;

/**
 * `reconcile --once --offline` as the job of a pull request runs it, a process of its own: the examples, and 10,000 files
 * in a Git repository, as committed and packed. From start to exit; the median of five runs.
 */
export async function benchCheck(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'shortcuts-bench-'));
  try {
    for (const { path, bytes = '' } of manifestFiles(10_000)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    git(folder, 'init', '-q');
    git(folder, 'add', '-A');
    git(
      folder,
      '-c',
      'user.name=bench',
      '-c',
      'user.email=bench@example.com',
      'commit',
      '-qm',
      'x',
    );
    const examples = await figuresOf('examples', 1_000, ['--source', ROOT, '--path', 'examples']);
    const loose = await figuresOf('10,000 files', 5_000, ['--source', folder]);
    git(folder, 'gc', '-q');
    return [...examples, ...loose, ...(await figuresOf('… packed', 5_000, ['--source', folder]))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function git(folder: string, ...args: readonly string[]): void {
  execFileSync('git', ['-c', 'gc.auto=0', ...args], { cwd: folder });
}

interface Ended {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly report: ReconcileReport;
}

async function figuresOf(
  name: string,
  limitMs: number,
  flags: readonly string[],
): Promise<readonly Figure[]> {
  const ended: Ended[] = [];
  for (let run = 0; run < RUNS; run += 1) ended.push(await check(flags));
  const median = (of: (one: Ended) => number) => percentile(ended.map(of), 0.5);
  const memory = median(({ report }) => (report.timing?.peakMemoryBytes ?? 0) / 2 ** 20);
  return [
    { name: `${name}: valid`, value: median(({ report }) => report.summary.valid), unit: 'files' },
    atMost(limitMs, { name: `${name}: wall time`, value: median((one) => one.wallMs), unit: 'ms' }),
    { name: `${name}: CPU`, value: median((one) => one.cpuMs), unit: 'ms' },
    { name: `${name}: peak memory`, value: memory, unit: 'MiB' },
  ];
}

async function check(flags: readonly string[]): Promise<Ended> {
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...['--import', `data:text/javascript,${encodeURIComponent(USAGE)}`, 'src/main.js'],
      ...['reconcile', '--once', '--offline', '--output', 'json', ...flags],
    ],
    { cwd: ROOT, env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'inherit', 'pipe'] },
  );
  const [stdout, usage] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stdio[3] as NodeJS.ReadableStream),
    once(child, 'exit'),
  ]);
  const { user, system } = JSON.parse(usage) as NodeJS.CpuUsage;
  return {
    wallMs: performance.now() - start,
    cpuMs: (user + system) / 1000,
    report: JSON.parse(stdout) as ReconcileReport,
  };
}
