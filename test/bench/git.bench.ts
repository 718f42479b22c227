import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createSource } from '../../src/git/create-source.ts';
import type { Checkout, Source } from '../../src/git/source.ts';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { type BigRepository, createBigRepository } from './big-repository.ts';
import { atMost, type Figure, timed } from './figure.ts';

const execute = promisify(execFile);
const { signal } = new AbortController();

const SIZE = { commits: 10_000, historyBytes: 100 * 1024 * 1024, manifests: 2_200, seed: 1125 };

/** What one operation cost. */
interface Cost {
  readonly requests: number;
  readonly bytes: number;
  readonly ms: number;
}

/**
 * A repository with 10,000 commits, 100 MB of history and 2,200 manifests, over smart HTTP: what a look, the first
 * fetch and a fetch of one changed file cost, beside `git` itself.
 */
export async function benchGit(): Promise<readonly Figure[]> {
  const repository = await createBigRepository(SIZE);
  const server = await startGitServer(repository.root);
  const dir = await mkdtemp(join(tmpdir(), 'shortcuts-bench-git-'));
  try {
    return await measure({ repository, server, dir });
  } finally {
    await server.stop();
    await Promise.all([repository.remove(), rm(dir, { recursive: true, force: true })]);
  }
}

interface Bench {
  readonly repository: BigRepository;
  readonly server: GitServer;
  /** For clones and for what we keep. */
  readonly dir: string;
}

async function measure({ repository, server, dir }: Bench): Promise<readonly Figure[]> {
  const url = `${server.url}/${repository.name}`;
  const source = createSource({ location: url, path: '.', clock: systemClock, dataDir: dir });
  const cost = (work: () => Promise<unknown>) => costOf(server, work);
  const shallow = join(dir, 'shallow.git');
  const filtered = join(dir, 'filtered.git');
  const into = (gitdir: string, ...args: readonly string[]) =>
    git('-C', gitdir, 'fetch', '-q', '--depth', '1', ...args, url, 'main');

  const gitLook = await cost(() => git('ls-remote', '-q', url, 'refs/heads/main'));
  const gitClone = await cost(() => git('clone', '-q', '--bare', '--depth', '1', url, shallow));
  await git('init', '-q', '--bare', filtered);
  const gitFiltered = await cost(() => into(filtered, '--filter=blob:limit=64k'));
  const first = await cost(() => readNow(source));
  const look = await cost(() => readNow(source));
  const firstParse = await parsing(source);
  await repository.changeOne();
  const change = await cost(() => readNow(source));
  const nextParse = await parsing(source);
  const gitChange = await cost(() => into(shallow));
  return [
    ...figures('unchanged poll', { ours: look, theirs: gitLook, by: 'git ls-remote' }),
    ...figures('first sync', { ours: first, theirs: gitClone, by: 'git clone --depth 1' }),
    ...one('git fetch --depth 1 --filter=blob:limit=64k', gitFiltered),
    ...figures('one file changed', { ours: change, theirs: gitChange, by: 'git fetch --depth 1' }),
    atMost(1.05, {
      name: 'first sync, bytes: ours / git clone --depth 1',
      value: first.bytes / gitClone.bytes,
      unit: '',
    }),
    { name: 'to parse 2,200 manifests', value: firstParse, unit: 'ms' },
    { name: 'to parse them after one has changed', value: nextParse, unit: 'ms' },
  ];
}

interface Pair {
  readonly ours: Cost;
  readonly theirs: Cost;
  /** The command of `theirs`. */
  readonly by: string;
}

function figures(what: string, { ours, theirs, by }: Pair): readonly Figure[] {
  return [...one(what, ours), ...one(`${what}, ${by}`, theirs)];
}

function one(what: string, { requests, bytes, ms }: Cost): readonly Figure[] {
  return [
    { name: `${what}: requests`, value: requests, unit: '' },
    { name: `${what}: bytes received`, value: bytes, unit: 'B' },
    { name: `${what}: time`, value: ms, unit: 'ms' },
  ];
}

async function costOf(server: GitServer, work: () => Promise<unknown>): Promise<Cost> {
  const before = { requests: server.requests.length, bytes: server.counters.bytesSent };
  const start = performance.now();
  await work();
  return {
    requests: server.requests.length - before.requests,
    bytes: server.counters.bytesSent - before.bytes,
    ms: performance.now() - start,
  };
}

async function readNow(source: Source): Promise<Checkout> {
  const { commit } = await source.resolve({ signal });
  return source.read(commit, { signal });
}

/** Milliseconds to parse what was read. */
async function parsing(source: Source): Promise<number> {
  const { files } = await readNow(source);
  return timed(() => parseManifests(files, { path: '.', namespace: 'liqo-shortcuts' })).ms;
}

async function git(...args: readonly string[]): Promise<void> {
  const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', HOME: '/nonexistent' };
  await execute('git', args, { env });
}
