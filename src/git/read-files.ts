import git, { type TreeObject } from 'isomorphic-git';
import pLimit from 'p-limit';
import { GitPathNotFoundError, GitSourceInvalidError } from '../errors/errors.ts';
import type { SourceFile } from '../model/source-file.ts';
import { type ObjectDatabase, readObject } from './read-object.ts';

/** The content of larger files is not kept (64 KiB: the cap of a manifest). */
export const MAX_FILE_BYTES = 64 * 1024;

/** One more than a desired state may have, so that the parser sees that there are too many. */
export const MAX_FILES = 20_001;

/** A tree can name itself exponentially often without holding much; nobody's repository has this many entries. */
const MAX_ENTRIES = 250_000;

/** Objects read at the same time. */
const CONCURRENCY = 16;

/** Modes of tree entries (gitformat-index). */
const SYMLINK = '120000';
const SUBMODULE = '160000';

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

/**
 * The files of the revision that was read last, by mode, blob and path. What has not changed since is not read again and
 * stays the very same object, so that whoever made something of it need not do that again either.
 */
export type KnownFiles = Map<string, SourceFile>;

interface Folder {
  /** Empty for the root, else with `/` at its end. */
  readonly prefix: string;
  readonly oid: string;
}

async function findFolder(db: ObjectDatabase, root: string, path: string): Promise<Folder> {
  const names = path.split('/').filter((name) => name !== '.');
  let folder: Folder = { prefix: '', oid: root };
  for (const name of names) {
    const tree = await readTree(db, folder.oid);
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

interface Entry {
  readonly path: string;
  readonly mode: string;
  readonly oid: string;
}

export interface ReadFilesOptions {
  readonly commit: string;
  readonly path: string;
  /** Looked at, and then filled anew. */
  readonly known: KnownFiles;
  readonly signal: AbortSignal;
}

/**
 * The files of a commit below a folder, as blobs. Names are data here and never reach a file system.
 * Throws GitPathNotFoundError, and the library's errors where objects are missing or damaged.
 */
export async function readFiles(
  db: ObjectDatabase,
  { commit, path, known, signal }: ReadFilesOptions,
): Promise<readonly SourceFile[]> {
  const { commit: header } = await git.readCommit({ ...db, oid: commit });
  const entries = await listEntries(db, await findFolder(db, header.tree, path), signal);
  const files = await pLimit(CONCURRENCY).map(entries, async (entry) => {
    signal.throwIfAborted();
    return [keyOf(entry), known.get(keyOf(entry)) ?? (await readEntry(db, entry))] as const;
  });
  known.clear();
  for (const [key, file] of files) known.set(key, file);
  return files.map(([, file]) => file).sort(byPath);
}

function keyOf({ mode, oid, path }: Entry): string {
  return `${mode} ${oid} ${path}`;
}

/** What may matter below a folder, MAX_FILES at most. */
async function listEntries(
  db: ObjectDatabase,
  start: Folder,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  const pending = [start];
  const found: Entry[] = [];
  let seen = 0;
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    signal.throwIfAborted();
    const { prefix, oid } = folder;
    const tree = await readTree(db, oid);
    seen += tree.length;
    if (seen > MAX_ENTRIES) throw new GitSourceInvalidError('the repository has too many entries');
    const folders = tree.filter((entry) => entry.type === 'tree' && !isHidden(entry.path));
    pending.push(
      ...folders.map((entry) => ({ prefix: `${prefix}${entry.path}/`, oid: entry.oid })),
    );
    const files = tree.filter((entry) => entry.type !== 'tree' && isWanted(entry.mode, entry.path));
    found.push(...files.map(({ mode, oid, path }) => ({ path: prefix + path, mode, oid })));
    if (found.length >= MAX_FILES) return found.slice(0, MAX_FILES);
  }
  return found;
}

function isWanted(mode: string, name: string): boolean {
  return mode === SYMLINK || mode === SUBMODULE || mayMatter(name);
}

async function readEntry(db: ObjectDatabase, { path, mode, oid }: Entry): Promise<SourceFile> {
  if (mode === SYMLINK) return { path, kind: 'symlink', size: 0 };
  if (mode === SUBMODULE) return { path, kind: 'submodule', size: 0 };
  const { type, content } = await readObject(db, oid);
  if (type !== 'blob') throw new GitSourceInvalidError(`"${path}" is no file`);
  return sourceFile(path, content);
}

async function readTree(db: ObjectDatabase, oid: string): Promise<TreeObject> {
  await readObject(db, oid);
  const { tree } = await git.readTree({ ...db, oid });
  return tree;
}
