import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import { randomNumbers } from '../support/random-numbers.ts';
import { manifestFiles } from './manifests.bench.ts';

const execute = promisify(execFile);

export interface BigRepositoryOptions {
  readonly commits: number;
  /** Of content that cannot be compressed, over the whole history. */
  readonly historyBytes: number;
  readonly manifests: number;
  readonly seed: number;
}

/** A bare repository with a long history, behind one branch `main`. */
export interface BigRepository {
  /** The folder that holds it. */
  readonly root: string;
  /** Below the folder. */
  readonly name: string;
  /** Changes one manifest, and commits that. */
  changeOne(): Promise<void>;
  remove(): Promise<void>;
}

/** Files that every commit of the history changes one of. */
const ASSETS = 50;

/** Makes one, the same for the same seed, with `git fast-import`. */
export async function createBigRepository(options: BigRepositoryOptions): Promise<BigRepository> {
  const root = await mkdtemp(join(tmpdir(), 'shortcuts-bench-git-'));
  const name = 'fleet.git';
  const gitdir = join(root, name);
  const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', HOME: root };
  const git = (...args: readonly string[]) => execute('git', args, { cwd: gitdir, env });
  await execute('git', ['init', '-q', '--bare', '-b', 'main', gitdir], { env });
  await git('config', 'uploadpack.allowFilter', 'true');

  async function load(stream: Iterable<string | Uint8Array>): Promise<void> {
    const child = spawn('git', ['fast-import', '--quiet', '--force'], {
      cwd: gitdir,
      env,
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    const end = new Promise((resolve) => child.on('close', resolve));
    await pipeline(Readable.from(stream), child.stdin);
    if ((await end) !== 0) throw new Error('git fast-import failed');
  }

  await load(history(options));
  await git('repack', '-q', '-a', '-d', '--window=0');
  let change = 0;
  return {
    root,
    name,
    changeOne: async () => {
      change += 1;
      await load(changeOf(options, change));
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

function* history(options: BigRepositoryOptions): Generator<string | Uint8Array> {
  const { commits, historyBytes, manifests, seed } = options;
  const random = randomNumbers(seed);
  const size = Math.floor(historyBytes / commits);
  yield commit(1);
  for (const { path, bytes } of manifestFiles(manifests))
    yield* file(path, bytes ?? new Uint8Array());
  for (let number = 1; number <= commits; number += 1) {
    if (number > 1) yield commit(number);
    const words = Uint32Array.from({ length: Math.ceil(size / 4) }, () => random() * 2 ** 32);
    yield* file(`assets/${number % ASSETS}.bin`, new Uint8Array(words.buffer));
  }
}

function* changeOf(
  { commits, manifests }: BigRepositoryOptions,
  change: number,
): Generator<string | Uint8Array> {
  const [last] = manifestFiles(manifests).slice(-1);
  yield commit(commits + change);
  yield 'from refs/heads/main^0\n';
  yield* file(
    last?.path ?? '',
    Buffer.from(`${Buffer.from(last?.bytes ?? []).toString()}# ${change}\n`),
  );
}

/** The head of a commit of the stream (git-fast-import), made by nobody at a time that follows from its number. */
function commit(number: number): string {
  const who = `Bench <bench@example.com> ${1_700_000_000 + number * 60} +0000`;
  return `commit refs/heads/main\ncommitter ${who}\ndata 6\nchange\n`;
}

function* file(path: string, bytes: Uint8Array): Generator<string | Uint8Array> {
  yield `M 100644 inline ${path}\ndata ${bytes.length}\n`;
  yield bytes;
  yield '\n';
}
