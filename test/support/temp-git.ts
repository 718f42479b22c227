import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A real repository in a temporary folder, driven by the git command. */
export interface TempGit {
  /** The work tree. */
  readonly root: string;
  /** Runs git in the work tree and answers with what it printed, trimmed. */
  git(...args: readonly string[]): Promise<string>;
  /** Writes files (folders as needed); nothing is committed. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** Writes files and commits everything, now or at another time (RFC 3339); answers with the commit. */
  commit(files?: Readonly<Record<string, string | Uint8Array>>, date?: string): Promise<string>;
  remove(): Promise<void>;
}

/** A temporary folder that the caller removes. */
export function makeTempDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'liqo-shortcuts-test-'));
}

/** Git, deaf to the configuration of the machine and of whoever runs the tests. */
export async function runGit(cwd: string, args: readonly string[], date?: string): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: cwd,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.com',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
  };
  // No packing behind the test's back.
  const quiet = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false'];
  const { stdout } = await execute('git', [...quiet, ...args], { cwd, env });
  return stdout.trim();
}

/** An empty repository with the default branch `main`. */
export async function createTempGit(): Promise<TempGit> {
  const root = await makeTempDir();
  const git = (...args: readonly string[]) => runGit(root, args);
  await git('init', '-q', '-b', 'main');

  async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
  }

  return {
    root,
    git,
    write,
    commit: async (files = {}, date) => {
      await write(files);
      await git('add', '-A');
      await runGit(root, ['commit', '-q', '--allow-empty', '-m', 'change'], date);
      return git('rev-parse', 'HEAD');
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
