import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GitPathNotFoundError,
  GitRefNotFoundError,
  GitSourceInvalidError,
} from '../errors/errors.ts';
import type { SourceFile } from '../model/source-file.ts';
import { fromLocal } from './git-errors.ts';
import { createLocalRepository, findLayout, type LocalOptions, tipOf } from './local-repository.ts';
import {
  byPath,
  isHidden,
  MAX_FILE_BYTES,
  MAX_FILES,
  mayMatter,
  sourceFile,
} from './read-files.ts';
import { detached, type ReadFiles, type Repository } from './repository.ts';
import type { SourceOptions } from './source.ts';

/** Stands for "no commit yet" in Git itself. */
const NO_COMMIT = '0'.repeat(40);

/** The files of a work tree as they lie, uncommitted ones included; symbolic links are not followed. */
export function createWorktreeRepository(options: LocalOptions): Repository {
  return {
    immutable: false,
    tip: () => headOf(options).then((commit) => ({ ...detached(commit), name: 'worktree' })),
    files: (_tip, call) => readWorktree(options, call),
    descent: (commits, call) => createLocalRepository(options).descent(commits, call),
  };
}

async function headOf(options: LocalOptions): Promise<string> {
  try {
    const { commit } = await tipOf(await findLayout(options), '');
    return commit;
  } catch (error) {
    if (error instanceof GitRefNotFoundError) return NO_COMMIT;
    throw fromLocal(error, options.location);
  }
}

async function readWorktree(options: LocalOptions, { signal }: SourceOptions): Promise<ReadFiles> {
  const { root, path } = await findLayout(options);
  if (root === undefined) throw new GitSourceInvalidError('a bare repository has no work tree');
  try {
    return { path, files: await walk(root, path === '.' ? '' : `${path}/`, signal) };
  } catch (error) {
    if (!isAbsent(error)) throw fromLocal(error, options.location);
    throw new GitPathNotFoundError(`folder "${path}" does not exist in the work tree`, {
      details: { path },
    });
  }
}

function isAbsent(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ENOTDIR')
  );
}

async function walk(
  root: string,
  start: string,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const pending = [start];
  const files: SourceFile[] = [];
  for (let prefix = pending.pop(); prefix !== undefined; prefix = pending.pop()) {
    for (const entry of await readdir(join(root, prefix), { withFileTypes: true })) {
      signal.throwIfAborted();
      const file = await readEntry(root, prefix + entry.name, entry);
      if (file === 'folder') pending.push(`${prefix}${entry.name}/`);
      else if (file !== undefined) files.push(file);
      if (files.length === MAX_FILES) return files.sort(byPath);
    }
  }
  return files.sort(byPath);
}

async function readEntry(
  root: string,
  path: string,
  entry: Dirent,
): Promise<SourceFile | 'folder' | undefined> {
  const place = join(root, path);
  if (entry.isSymbolicLink()) return { path, kind: 'symlink', size: 0 };
  if (entry.isDirectory()) return readFolder(path, place, entry.name);
  if (!entry.isFile() || !mayMatter(entry.name)) return undefined;
  const { size } = await lstat(place);
  if (size > MAX_FILE_BYTES) return { path, kind: 'file', size };
  return sourceFile(path, await readFile(place));
}

/** A folder with a `.git` of its own is a submodule. */
async function readFolder(
  path: string,
  place: string,
  name: string,
): Promise<SourceFile | 'folder' | undefined> {
  if (isHidden(name)) return undefined;
  const own = await lstat(join(place, '.git')).catch(() => undefined);
  return own === undefined ? 'folder' : { path, kind: 'submodule', size: 0 };
}
