import fs from 'node:fs';
import { join, posix, relative, resolve as absolute, sep } from 'node:path';
import git from 'isomorphic-git';
import { ConfigError, GitRefNotFoundError, GitSourceInvalidError } from '../errors/errors.ts';
import { OperatorError } from '../errors/operator-error.ts';
import { findDescent } from './descent.ts';
import { fromLocal, isNotFound } from './git-errors.ts';
import { readHeader } from './read-header.ts';
import { readEvidence } from './read-evidence.ts';
import { type KnownFiles, readFiles } from './read-files.ts';
import { createReadingFs } from './reading-fs.ts';
import {
  detached,
  isCommit,
  isHead,
  type ReadFiles,
  type Repository,
  shortName,
  type Tip,
  type Verifying,
} from './repository.ts';
import type { SourceOptions } from './source.ts';

export interface LocalOptions extends Verifying {
  /** A bare repository, a work tree, or a folder inside one. */
  readonly location: string;
  readonly ref: string;
  /** Relative to `location`. */
  readonly path: string;
}

/** Where the parts of a repository on this machine lie. */
interface Layout {
  /** Objects and refs. */
  readonly gitdir: string;
  /** Where HEAD lies: not `gitdir` in a linked work tree (git-worktree). */
  readonly headDir: string;
  /** The work tree; undefined for a bare repository. */
  readonly root?: string;
  /** The folder to read, relative to the root; `.` for the root. */
  readonly path: string;
}

/**
 * Finds the repository that holds `location` and says where its parts lie.
 * Throws GitSourceInvalidError where there is none, ConfigError where `path` leaves it.
 */
export async function findLayout({ location, path }: LocalOptions): Promise<Layout> {
  const start = await fs.promises.realpath(absolute(location)).catch(() => undefined);
  if (start === undefined) throw new GitSourceInvalidError(`"${location}" does not exist`);
  if (isGitFolder(start)) return { gitdir: start, headDir: start, path: within('', path) };
  const root = await git.findRoot({ fs, filepath: start }).catch(() => undefined);
  if (root === undefined) throw new GitSourceInvalidError(`"${location}" is not a Git repository`);
  const below = relative(root, start).split(sep).join('/');
  return { ...(await gitFolders(root)), root, path: within(below, path) };
}

function isGitFolder(folder: string): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => fs.existsSync(join(folder, name)));
}

/** A linked work tree and a submodule have a file `.git` that names their folder (gitrepository-layout). */
async function gitFolders(root: string): Promise<{ gitdir: string; headDir: string }> {
  const dotGit = join(root, '.git');
  if (fs.statSync(dotGit).isDirectory()) return { gitdir: dotGit, headDir: dotGit };
  const text = await fs.promises.readFile(dotGit, 'utf8');
  const headDir = absolute(root, text.replace(/^gitdir:/, '').trim());
  const common = await fs.promises.readFile(join(headDir, 'commondir'), 'utf8').catch(() => '.');
  return { gitdir: absolute(headDir, common.trim()), headDir };
}

/** `path` below the folder `below` of a repository, normalised. Throws ConfigError where it leaves the repository. */
export function within(below: string, path: string): string {
  const normal = posix.normalize(posix.join(below, path)).replace(/\/$/, '');
  if (posix.isAbsolute(path) || normal === '..' || normal.startsWith('../')) {
    throw new ConfigError(`path "${path}" must lie within the repository`);
  }
  return normal;
}

/**
 * A repository on this machine, read while its owner works in it: a look that fails, perhaps because objects or refs
 * were just being packed, is repeated once.
 */
export function createLocalRepository(options: LocalOptions): Repository {
  const known: KnownFiles = new Map();
  return {
    immutable: true,
    tip: (call) => twice(options, call, async () => tipOf(await findLayout(options), options.ref)),
    files: (tip, call) => twice(options, call, () => filesOf(options, tip, { ...call, known })),
    descent: (commits, call) =>
      twice(options, call, async () => {
        const db = { fs, gitdir: (await findLayout(options)).gitdir, cache: {} };
        return findDescent(commits, {
          read: (commit) => readHeader(db, commit),
          isComplete: false,
        });
      }),
  };
}

async function twice<T>(
  { location }: LocalOptions,
  { signal }: SourceOptions,
  look: () => Promise<T>,
): Promise<T> {
  try {
    return await look().catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof OperatorError && !(error instanceof GitRefNotFoundError)) throw error;
      return look();
    });
  } catch (error) {
    throw fromLocal(error, location);
  }
}

/**
 * HEAD's commit, or the ref's. Opens no pack but for tags, since it is asked at every poll: whether the commit itself
 * exists shows when it is read. Throws GitRefNotFoundError, also for a repository without a commit.
 */
export async function tipOf(layout: Layout, ref: string): Promise<Tip> {
  const full = isHead(ref) ? await readHead(layout) : await expand(layout, ref);
  if (isCommit(full)) return detached(full);
  const { gitdir } = layout;
  const object = await git.resolveRef({ fs, gitdir, ref: full }).catch(notFound(full, gitdir));
  if (!full.startsWith('refs/tags/')) return { name: shortName(full), commit: object };
  const { oid: commit } = await git.readCommit({ fs, gitdir, oid: object });
  const tip = { name: shortName(full), commit };
  return object === commit ? tip : { ...tip, tag: { id: object, name: tip.name } };
}

async function readHead({ headDir }: Layout): Promise<string> {
  const text = await fs.promises.readFile(join(headDir, 'HEAD'), 'utf8');
  return text.replace(/^ref:/, '').trim();
}

async function expand({ gitdir }: Layout, ref: string): Promise<string> {
  if (isCommit(ref)) return ref;
  const names = [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/remotes/${ref}`];
  for (const name of ref.startsWith('refs/') ? [ref] : names) {
    if (await git.resolveRef({ fs, gitdir, ref: name }).then(() => true, isOther)) return name;
  }
  if (!/^[0-9a-f]{7,39}$/.test(ref)) throw refNotFound(ref, gitdir);
  return git.expandOid({ fs, gitdir, oid: ref }).catch(notFound(ref, gitdir));
}

function isOther(error: unknown): false {
  if (!isNotFound(error)) throw error;
  return false;
}

async function filesOf(
  options: LocalOptions,
  tip: Tip,
  { signal, known }: SourceOptions & { readonly known: KnownFiles },
): Promise<ReadFiles> {
  const { commit } = tip;
  const { gitdir, path } = await findLayout(options);
  const db = { fs: createReadingFs(gitdir), gitdir, cache: {} };
  const evidence = await readEvidence(db, tip).catch(notFound(commit, gitdir));
  const signer = await options.verify?.(evidence);
  return { path, files: await readFiles(db, { commit, path, known, signal }), evidence, signer };
}

/** CI jobs clone no more than one commit unless they are told: then what is missing is there, but not here. */
function refNotFound(ref: string, gitdir: string): GitRefNotFoundError {
  const isShallow = fs.existsSync(join(gitdir, 'shallow'));
  const what = isShallow
    ? `"${ref}" is not in this clone, which is shallow. Fetch all of it: in GitHub Actions, give actions/checkout "fetch-depth: 0"; in GitLab CI, set the variable GIT_DEPTH: "0"; elsewhere, "git fetch --unshallow"`
    : `"${ref}" does not exist in the repository`;
  return new GitRefNotFoundError(what, { details: { ref } });
}

function notFound(ref: string, gitdir: string): (error: unknown) => never {
  return (error) => {
    throw isNotFound(error) ? refNotFound(ref, gitdir) : error;
  };
}
