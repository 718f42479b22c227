import git, { type FsClient } from 'isomorphic-git';
import { GitPathNotFoundError, GitSourceInvalidError } from '../errors/errors.ts';
import type { SourceFile } from '../model/source-file.ts';

/** The object database to read from. One `cache` for one read: packs come and go between reads. */
export interface ObjectDatabase {
  readonly fs: FsClient;
  readonly gitdir: string;
  readonly cache: object;
}

/** The content of larger files is not kept (64 KiB: the cap of a manifest). */
export const MAX_FILE_BYTES = 64 * 1024;

/** One more than a desired state may have, so that the parser sees that there are too many. */
export const MAX_FILES = 20_001;

/** A tree can name itself exponentially often without holding much; nobody's repository has this many entries. */
const MAX_ENTRIES = 1_000_000;

/** True for names that may hold desired state. Everything else is not even read. */
export function mayMatter(name: string): boolean {
  return /\.ya?ml$/i.test(name) || name === '.shortcutsignore';
}

/** True for folders that are never looked into: `.git`, `.github` and their like. */
export function isHidden(folder: string): boolean {
  return folder.startsWith('.');
}

/** By path, in the order of the characters' codes, so that it is the same everywhere. */
export function byPath(a: SourceFile, b: SourceFile): number {
  return a.path < b.path ? -1 : 1;
}

/** A file's entry; without its content where that is too large to be a manifest. */
export function sourceFile(path: string, content: Uint8Array): SourceFile {
  const entry = { path, kind: 'file', size: content.length } as const;
  return content.length > MAX_FILE_BYTES ? entry : { ...entry, bytes: content };
}

interface Folder {
  /** Empty for the root, else with `/` at its end. */
  readonly prefix: string;
  readonly oid: string;
}

async function findFolder(db: ObjectDatabase, root: string, path: string): Promise<Folder> {
  const names = path.split('/').filter((name) => name !== '.');
  let folder: Folder = { prefix: '', oid: root };
  for (const name of names) {
    const { tree } = await git.readTree({ ...db, oid: folder.oid });
    const entry = tree.find((candidate) => candidate.path === name && candidate.type === 'tree');
    if (entry === undefined) {
      throw new GitPathNotFoundError(`folder "${path}" does not exist at this commit`, {
        details: { path },
      });
    }
    folder = { prefix: `${folder.prefix}${name}/`, oid: entry.oid };
  }
  return folder;
}

/**
 * The files of a commit below a folder, as blobs. Names are data here and never reach a file system.
 * Throws GitPathNotFoundError, and the library's errors where objects are missing or damaged.
 */
export async function readFiles(
  db: ObjectDatabase,
  { commit, path, signal }: { commit: string; path: string; signal: AbortSignal },
): Promise<readonly SourceFile[]> {
  const { commit: header } = await git.readCommit({ ...db, oid: commit });
  const pending: Folder[] = [await findFolder(db, header.tree, path)];
  const files: SourceFile[] = [];
  let seen = 0;
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const { prefix, oid } = folder;
    const { tree } = await git.readTree({ ...db, oid });
    seen += tree.length;
    if (seen > MAX_ENTRIES) throw new GitSourceInvalidError('the repository has too many entries');
    const folders = tree.filter((entry) => entry.type === 'tree' && !isHidden(entry.path));
    pending.push(
      ...folders.map((entry) => ({ prefix: `${prefix}${entry.path}/`, oid: entry.oid })),
    );
    for (const entry of tree.filter(({ type }) => type !== 'tree')) {
      signal.throwIfAborted();
      const file = await readEntry(db, entry, prefix + entry.path);
      if (file !== undefined) files.push(file);
      if (files.length === MAX_FILES) return files.sort(byPath);
    }
  }
  return files.sort(byPath);
}

async function readEntry(
  db: ObjectDatabase,
  entry: { readonly mode: string; readonly oid: string; readonly path: string },
  path: string,
): Promise<SourceFile | undefined> {
  if (entry.mode === '120000') return { path, kind: 'symlink', size: 0 };
  if (entry.mode === '160000') return { path, kind: 'submodule', size: 0 };
  if (!mayMatter(entry.path)) return undefined;
  const { blob } = await git.readBlob({ ...db, oid: entry.oid });
  return sourceFile(path, blob);
}
