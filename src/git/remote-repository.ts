import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import git, { Errors, type ServerRef } from 'isomorphic-git';
import {
  CredentialInvalidError,
  GitRefNotFoundError,
  GitUnreachableError,
} from '../errors/errors.ts';
import { OperatorError } from '../errors/operator-error.ts';
import type { Clock } from '../runtime/clock.ts';
import { causeOf, fromRemote } from './git-errors.ts';
import { createGitHttp, type GitHttp } from './git-http.ts';
import { within } from './local-repository.ts';
import { readFiles } from './read-files.ts';
import {
  detached,
  isCommit,
  type ReadFiles,
  type Repository,
  shortName,
  type Tip,
} from './repository.ts';
import type { SourceOptions } from './source.ts';

/** A credential for a Git server, read from its file at every use, so that it can be rotated. */
export interface GitAuth {
  readonly tokenFile: string;
  /** For servers that care; most take any name beside a token. */
  readonly username?: string | undefined;
}

export interface RemoteOptions {
  /** https or http, without credentials and query. */
  readonly url: URL;
  readonly ref: string;
  readonly path: string;
  readonly auth?: GitAuth | undefined;
  /** Where fetched objects are kept from one read to the next; without it, each new commit is fetched whole. */
  readonly dataDir?: string | undefined;
  /** PEM. */
  readonly caFile?: string | undefined;
  readonly clock: Clock;
}

/** The longest that one look or one fetch may take, in milliseconds. */
const GIT_TIMEOUT_MS = 300_000;

/** Each fetch adds a pack. When there are this many, the next fetch starts over, whole. */
const MAX_PACKS = 30;

/** The only ref of the kept repository: the commit that was last read completely. */
const KEPT_REF = 'refs/heads/kept';

/** A repository behind a URL: looks cost one listing of the ref in question, fetches have depth 1. */
export function createRemoteRepository(options: RemoteOptions): Repository {
  return {
    immutable: true,
    tip: (call) => connected(options, call, ({ http }) => findTip(options, http)),
    files: (tip, call) =>
      connected(options, call, (connection) => readTip(options, tip, connection)),
  };
}

interface Connection {
  readonly http: GitHttp;
  readonly signal: AbortSignal;
}

/** Runs `work` with a connection and within the time limit, and turns what it throws into our errors. */
async function connected<T>(
  { url, caFile, clock }: RemoteOptions,
  call: SourceOptions,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  const limit = clock.sleep(GIT_TIMEOUT_MS, { signal: done.signal }).then(
    () => late.abort(new GitUnreachableError(`"${url.host}" takes too long to answer`)),
    () => undefined,
  );
  const signal = AbortSignal.any([call.signal, late.signal]);
  const http = await createGitHttp({ signal, caFile });
  try {
    return await work({ http, signal });
  } catch (error) {
    throw fromRemote(error, url.host);
  } finally {
    done.abort();
    await limit;
    await http.close();
  }
}

async function authorization(auth: GitAuth | undefined): Promise<Record<string, string>> {
  if (auth === undefined) return {};
  const { tokenFile, username = 'git' } = auth;
  const text = await readFile(tokenFile, 'utf8').catch((error: unknown) => {
    throw new CredentialInvalidError('cannot read the token file for Git', {
      details: { file: tokenFile, cause: causeOf(error) },
    });
  });
  const token = text.trim();
  if (token === '') throw new CredentialInvalidError('the token file for Git is empty');
  return { Authorization: `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}` };
}

async function findTip({ url, ref, auth }: RemoteOptions, http: GitHttp): Promise<Tip> {
  if (isCommit(ref)) return detached(ref);
  const names =
    ref === ''
      ? ['HEAD']
      : ref.startsWith('refs/')
        ? [ref]
        : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  for (const prefix of names) {
    const headers = await authorization(auth);
    const options = { http, url: url.href, prefix, symrefs: true, peelTags: true, headers };
    const found = (await git.listServerRefs(options)).find((entry) => entry.ref === prefix);
    if (found !== undefined) return toTip(found);
  }
  const wanted = ref === '' ? 'a default branch with a commit' : `"${ref}"`;
  throw new GitRefNotFoundError(`the repository has not got ${wanted}`, { details: { ref } });
}

function toTip({ ref, oid, target, peeled }: ServerRef): Tip {
  return { name: shortName(target ?? ref), commit: peeled ?? oid, object: oid };
}

/** Reads what is kept, else fetches first. What is kept but cannot be read is thrown away. */
async function readTip(
  options: RemoteOptions,
  tip: Tip,
  { http, signal }: Connection,
): Promise<ReadFiles> {
  const { dataDir, url } = options;
  if (dataDir === undefined) {
    const gitdir = await mkdtemp(join(tmpdir(), 'liqo-shortcuts-'));
    return fetchFiles(options, tip, { http, signal, gitdir }).finally(() => remove(gitdir));
  }
  const name = createHash('sha256').update(url.href).digest('hex').slice(0, 16);
  const gitdir = join(dataDir, 'git', name);
  try {
    return await filesOf(options, tip, { signal, gitdir });
  } catch (error) {
    if (error instanceof OperatorError || signal.aborted) throw error;
    if (!lacks(error, tip.commit) || (await countPacks(gitdir)) >= MAX_PACKS) await remove(gitdir);
    return await fetchFiles(options, tip, { http, signal, gitdir });
  }
}

interface Place {
  readonly gitdir: string;
  readonly signal: AbortSignal;
}

async function filesOf(
  { path }: RemoteOptions,
  { commit }: Tip,
  { gitdir, signal }: Place,
): Promise<ReadFiles> {
  const folder = within('', path);
  const db = { fs, gitdir, cache: {} };
  return { path: folder, files: await readFiles(db, { commit, path: folder, signal }) };
}

async function fetchFiles(
  options: RemoteOptions,
  tip: Tip,
  { http, ...place }: Place & Connection,
): Promise<ReadFiles> {
  const { url, auth } = options;
  const { gitdir } = place;
  await git.init({ fs, gitdir, bare: true });
  await git.addRemote({ fs, gitdir, remote: 'origin', url: url.href, force: true });
  const headers = await authorization(auth);
  const wanted = { ref: KEPT_REF, remoteRef: tip.object, remote: 'origin', url: url.href };
  await git.fetch({
    fs,
    gitdir,
    http,
    headers,
    ...wanted,
    depth: 1,
    singleBranch: true,
    tags: false,
  });
  const read = await filesOf(options, tip, place).catch((error: unknown) => {
    if (!lacks(error, tip.commit)) throw error;
    const { commit } = tip;
    throw new GitRefNotFoundError(`the server does not hand out commit "${commit}"`, {
      details: { commit },
    });
  });
  await git.writeRef({ fs, gitdir, ref: KEPT_REF, value: tip.commit, force: true });
  return read;
}

/** True where it is the commit itself that is missing, and not a part of it. */
function lacks(error: unknown, commit: string): boolean {
  return error instanceof Errors.NotFoundError && error.data.what === commit;
}

async function countPacks(gitdir: string): Promise<number> {
  const names = await readdir(join(gitdir, 'objects', 'pack')).catch(() => []);
  return names.filter((name) => name.endsWith('.pack')).length;
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}
