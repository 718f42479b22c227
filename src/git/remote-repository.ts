import git, { type ServerRef } from 'isomorphic-git';
import { GitRefNotFoundError, GitUnreachableError } from '../errors/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { fetchDescent } from './fetch-descent.ts';
import { type Connection, fetchFiles, type FetchOptions } from './fetch-files.ts';
import type { GitNetwork } from './http/git-agent.ts';
import type { GitAuth } from './auth/git-auth.ts';
import { fromRemote } from './git-errors.ts';
import type { GitHttp } from './http/git-http.ts';
import type { GitSsh } from './ssh/git-ssh.ts';
import { detached, isCommit, isHead, type Repository, shortName, type Tip } from './repository.ts';
import type { SourceOptions } from './source.ts';

export interface RemoteOptions extends Omit<FetchOptions, 'headers' | 'known'> {
  readonly ref: string;
  readonly auth?: GitAuth | undefined;
  readonly network?: GitNetwork | undefined;
  /** Instead of HTTP. */
  readonly ssh?: GitSsh | undefined;
  readonly clock: Clock;
}

/** The longest that one look or one fetch may take, in milliseconds. */
const GIT_TIMEOUT_MS = 300_000;

/** For the library, which takes no other scheme, where a connection knows by itself where it leads. */
const NO_URL = 'https://ssh.invalid/';

/** A repository behind a URL. A look costs one listing of the ref in question. */
export function createRemoteRepository(options: RemoteOptions): Repository {
  const fetching: FetchOptions = { ...options, headers: new Map(), known: new Map() };
  return {
    immutable: true,
    tip: (call) => connected(options, call, (connection) => findTip(options, connection)),
    files: (tip, call) =>
      connected(options, call, (connection) => fetchFiles(fetching, tip, connection)),
    descent: (commits, call) =>
      connected(options, call, (connection) => fetchDescent(fetching, commits, connection)),
  };
}

/** Runs `work` with a connection and within the time limit, and turns what it throws into our errors. */
async function connected<T>(
  options: RemoteOptions,
  call: SourceOptions,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  const signal = AbortSignal.any([call.signal, late.signal]);
  const { url, clock, ssh } = options;
  const http = ssh?.open({ signal, clock }) ?? (await openHttp(options, signal));
  const limit = clock.sleep(GIT_TIMEOUT_MS, { signal: done.signal }).then(
    () => late.abort(new GitUnreachableError(`"${url.host}" takes too long to answer`)),
    () => undefined,
  );
  try {
    return await work({ http, url: ssh === undefined ? url.href : NO_URL, signal });
  } catch (error) {
    throw fromRemote(error, url.host);
  } finally {
    done.abort();
    await limit;
    await http.close();
  }
}

/** Where the repository lies on this machine, or behind SSH, nothing of HTTP is loaded. */
async function openHttp(
  { url, auth, network = {} }: RemoteOptions,
  signal: AbortSignal,
): Promise<GitHttp> {
  const { createGitHttp } = await import('./http/git-http.ts');
  return createGitHttp({ url, auth, network, signal });
}

async function findTip({ ref, verify }: RemoteOptions, { http, url }: Connection): Promise<Tip> {
  if (isCommit(ref)) return detached(ref);
  for (const prefix of fullNames(ref)) {
    const options = { http, url, prefix, symrefs: true, peelTags: true };
    const found = (await git.listServerRefs(options)).find((entry) => entry.ref === prefix);
    if (found !== undefined) return toTip(found, verify !== undefined);
  }
  const hint = /^[0-9a-f]{7,39}$/.test(ref) ? '; a commit has to be given in full' : '';
  const wanted = isHead(ref) ? 'a default branch with a commit' : `"${ref}"${hint}`;
  throw new GitRefNotFoundError(`the repository has not got ${wanted}`, { details: { ref } });
}

function fullNames(ref: string): readonly string[] {
  if (isHead(ref)) return ['HEAD'];
  return ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
}

/** The tag object is fetched only where its signature may count. */
function toTip({ ref, oid, target, peeled }: ServerRef, isTagWanted: boolean): Tip {
  const tip = { name: shortName(target ?? ref), commit: peeled ?? oid };
  return peeled === undefined || !isTagWanted ? tip : { ...tip, tag: { id: oid, name: tip.name } };
}
