import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import git, { Errors, type HttpClient } from 'isomorphic-git';
import { GitRefNotFoundError } from '../errors/errors.ts';
import { OperatorError } from '../errors/operator-error.ts';
import type { CommitHeader } from './descent.ts';
import { within } from './local-repository.ts';
import { readEvidence } from './read-evidence.ts';
import { type KnownFiles, readFiles } from './read-files.ts';
import { createReadingFs } from './reading-fs.ts';
import { readHeader } from './read-header.ts';
import type { ReadFiles, Tip, Verifying } from './repository.ts';

export interface FetchOptions extends Verifying {
  /** https, http or ssh, without credentials and query. */
  readonly url: URL;
  readonly path: string;
  /** Where fetched objects are kept from one read to the next; without it, each new commit is fetched whole. */
  readonly dataDir?: string | undefined;
  /** Of the commits that were read; filled here. */
  readonly headers: Map<string, CommitHeader>;
  /** Of the commit that was read last; filled here. */
  readonly known: KnownFiles;
}

/** A way to the server, for one operation. */
export interface Connection {
  readonly http: HttpClient;
  /** For the library. */
  readonly url: string;
  readonly signal: AbortSignal;
}

/** A connection, and the bare repository that holds what came over it. */
export interface Store extends Connection {
  readonly gitdir: string;
}

/** Of earlier commits the headers are forgotten. */
const MAX_HEADERS = 1_000;

/** Each fetch adds a pack. When there are this many, the next fetch starts over. */
const MAX_PACKS = 30;

const REMOTE = 'origin';

/** The only ref of the store: the commit that was last read completely. */
const KEPT_REF = 'refs/heads/kept';

/**
 * The files at a tip, from what is kept, else fetched first. What is kept but cannot be read is thrown away.
 * Throws our own errors, the library's and the file system's.
 */
export async function fetchFiles(
  options: FetchOptions,
  tip: Tip,
  connection: Connection,
): Promise<ReadFiles> {
  return withStore(options, connection, async (store, isKept) => {
    if (!isKept) return fill(options, tip, store);
    try {
      return await filesOf(options, tip, store);
    } catch (error) {
      if (isFinal(error, store)) throw error;
      const isFull = (await countPacks(store)) >= MAX_PACKS;
      if (isFull || !lacks(error, tip)) await remove(store.gitdir);
      return fill(options, tip, store);
    }
  });
}

/** Runs `work` with what is kept in the data folder, else with a store that is taken away afterwards. */
export async function withStore<T>(
  { dataDir, url }: FetchOptions,
  connection: Connection,
  work: (store: Store, isKept: boolean) => Promise<T>,
): Promise<T> {
  if (dataDir === undefined) {
    const gitdir = await mkdtemp(join(tmpdir(), 'liqo-shortcuts-'));
    return work({ ...connection, gitdir }, false).finally(() => remove(gitdir));
  }
  const name = createHash('sha256').update(url.href).digest('hex').slice(0, 16);
  return work({ ...connection, gitdir: join(dataDir, 'git', name) }, true);
}

async function filesOf(options: FetchOptions, tip: Tip, store: Store): Promise<ReadFiles> {
  const { commit } = tip;
  const { gitdir, signal } = store;
  const folder = within('', options.path);
  const db = { fs: createReadingFs(gitdir), gitdir, cache: {} };
  const evidence = await readEvidence(db, tip);
  const signer = await options.verify?.(evidence);
  const files = await readFiles(db, { commit, path: folder, known: options.known, signal });
  const header = await readHeader(db, commit);
  if (header !== undefined) remember(options.headers, commit, header);
  return { path: folder, files, evidence, signer };
}

function remember(headers: FetchOptions['headers'], commit: string, header: CommitHeader): void {
  headers.set(commit, header);
  const [oldest] = headers.keys();
  if (headers.size > MAX_HEADERS && oldest !== undefined) headers.delete(oldest);
}

/** True where another attempt would end the same. */
function isFinal(error: unknown, { signal }: Store): boolean {
  return error instanceof OperatorError || signal.aborted;
}

/** True where it is the commit or the tag itself that is missing, and not a part of it. */
function lacks(error: unknown, { commit, tag }: Tip): boolean {
  return error instanceof Errors.NotFoundError && [commit, tag?.id].includes(error.data.what);
}

async function countPacks({ gitdir }: Store): Promise<number> {
  const names = await readdir(join(gitdir, 'objects', 'pack')).catch(() => []);
  return names.filter((name) => name.endsWith('.pack')).length;
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

/**
 * Fetches what is newer than the commit that is kept; failing that, the tip alone. (Asked for the tip alone, servers
 * send every file again. Asked for what is newer, they give nothing after a force push to something older, and some
 * do not understand.)
 */
async function fill(options: FetchOptions, tip: Tip, store: Store): Promise<ReadFiles> {
  await prepare(options, store);
  const since = await dateOfKept(store.gitdir);
  if (since !== undefined) {
    try {
      return await fetchTip(options, tip, { ...store, extent: { since } });
    } catch (error) {
      if (isFinal(error, store)) throw error;
    }
  }
  try {
    return await fetchTip(options, tip, { ...store, extent: { depth: 1 } });
  } catch (error) {
    const { commit } = tip;
    if (!lacks(error, tip)) throw error;
    throw new GitRefNotFoundError(`the server does not hand out commit "${commit}"`, {
      details: { commit },
    });
  }
}

async function prepare({ url }: FetchOptions, { gitdir }: Store): Promise<void> {
  // For nobody else to read, like the repository itself.
  await mkdir(gitdir, { recursive: true, mode: 0o700 });
  await git.init({ fs, gitdir, bare: true });
  await git.addRemote({ fs, gitdir, remote: REMOTE, url: url.href, force: true });
}

/** When the commit that is kept was made; undefined when there is none. */
async function dateOfKept(gitdir: string): Promise<Date | undefined> {
  try {
    const oid = await git.resolveRef({ fs, gitdir, ref: KEPT_REF });
    const { commit } = await git.readCommit({ fs, gitdir, oid });
    return new Date(commit.committer.timestamp * 1000);
  } catch (error) {
    if (error instanceof Errors.NotFoundError) return undefined;
    throw error;
  }
}

async function fetchTip(options: FetchOptions, tip: Tip, store: WantingStore): Promise<ReadFiles> {
  await download(tip.tag?.id ?? tip.commit, store);
  const read = await filesOf(options, tip, store);
  const { gitdir } = store;
  await git.writeRef({ fs, gitdir, ref: KEPT_REF, value: tip.commit, force: true });
  return read;
}

/** A store, and how much is wanted of the history of a commit. */
type WantingStore = Store & {
  readonly extent: { readonly depth: number } | { readonly since: Date };
};

/**
 * Asks for the commit itself, or for the tag that names it: over HTTP, servers hand out both also when the ref has moved on
 * meanwhile.
 */
async function download(object: string, store: WantingStore): Promise<void> {
  const { gitdir, http, url, extent } = store;
  const refs = { remote: REMOTE, ref: KEPT_REF, remoteRef: object, singleBranch: true };
  await git.fetch({ fs, gitdir, http, url, ...refs, ...extent });
}

/** Brings the history of a commit into a store, as far as it was made since then. */
export async function fetchHistory(
  options: FetchOptions,
  commit: string,
  { since, ...store }: Store & { readonly since: Date },
): Promise<void> {
  await prepare(options, store);
  await download(commit, { ...store, extent: { since } });
}
