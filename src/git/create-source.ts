import { isSsh, parseSshAddress } from '../config/ssh-address.ts';
import { ConfigError, UnverifiedCommitError } from '../errors/errors.ts';
import { formatRevision } from '../model/revision.ts';
import type { Clock } from '../runtime/clock.ts';
import { createGitSsh } from './ssh/git-ssh.ts';
import { createLocalRepository, within } from './local-repository.ts';
import type { GitNetwork } from './http/git-agent.ts';
import type { GitAuth } from './auth/git-auth.ts';
import { isLoopback } from './http/loopback.ts';
import { createRemoteRepository } from './remote-repository.ts';
import { detached, type Repository, type Tip } from './repository.ts';
import type { Verify } from './signatures/evidence.ts';
import { rememberRefused } from './signatures/remember-refused.ts';
import type { SshFiles } from './ssh/ssh-key.ts';
import type { Checkout, Source } from './source.ts';
import { createWorktreeRepository } from './worktree-repository.ts';

export interface CreateSourceOptions {
  /** A local repository (bare, a work tree, or a folder inside one), an https/http URL, or an address over SSH. */
  readonly location: string;
  /** Branch, tag, commit or full ref; left out: the branch that HEAD names. */
  readonly ref?: string | undefined;
  /** Folder to read, relative to `location`. */
  readonly path: string;
  /** Read a local work tree's files as they lie. */
  readonly worktree?: boolean | undefined;
  readonly auth?: GitAuth | undefined;
  readonly dataDir?: string | undefined;
  readonly clock: Clock;
  readonly network?: GitNetwork | undefined;
  /** For an address over SSH. */
  readonly ssh?: SshFiles | undefined;
  /** Left out: a commit counts whoever made it. */
  readonly verify?: Verify | undefined;
}

/** The source that the configuration names. Touches nothing yet. Throws ConfigError for a wrong option. */
export function createSource(options: CreateSourceOptions): Source {
  const { location, ref = '', path } = options;
  const verify = options.verify && rememberRefused(options.verify);
  const repository = createRepository({ ...options, verify });
  let last: Tip | undefined;
  let checkout: Checkout | undefined;
  return {
    location,
    ref,
    path,
    verifies: verify !== undefined,
    resolve: async (call) => {
      last = await repository.tip(call);
      return { revision: formatRevision(last.name, last.commit), commit: last.commit };
    },
    read: async (commit, call) => {
      const tip = last?.commit === commit ? last : detached(commit);
      const revision = formatRevision(tip.name, commit);
      await verify?.again(tip);
      if (repository.immutable && checkout?.revision === revision && isOf(checkout, tip)) {
        if (checkout.evidence !== undefined) await verify?.(checkout.evidence);
        return checkout;
      }
      checkout = { revision, commit, ...(await repository.files(tip, call)) };
      return checkout;
    },
    accept: async ({ commit, evidence }) => {
      if (verify === undefined) return;
      if (evidence?.commit !== commit) {
        throw new UnverifiedCommitError('what is kept does not show who signed it');
      }
      await verify(evidence);
    },
    descent: (commits, call) => repository.descent(commits, call),
  };
}

/** A tag that was made anew may name the same commit. */
function isOf({ evidence }: Checkout, { tag }: Tip): boolean {
  return evidence?.tag?.id === tag?.id;
}

function createRepository(options: CreateSourceOptions): Repository {
  const { location, ref = '', path, worktree = false, verify } = options;
  within('', path);
  if (isRemote(location)) {
    if (worktree) throw new ConfigError('a work tree can only be read from a local repository');
    return isSsh(location) ? createSshRepository(options) : createHttpRepository(options);
  }
  if (!worktree) return createLocalRepository({ location, ref, path, verify });
  if (verify !== undefined) throw new ConfigError('the files of a work tree are signed by nobody');
  if (ref !== '') throw new ConfigError('a work tree is read as it lies: leave out the ref');
  return createWorktreeRepository({ location, ref, path });
}

/** Throws ConfigError for a URL that is none, and for a credential that everybody could read. */
function createHttpRepository(options: CreateSourceOptions): Repository {
  const { location, ref = '', path, clock, auth, dataDir, network, verify } = options;
  const url = parseUrl(location);
  if (auth !== undefined && url.protocol === 'http:' && !isLoopback(url)) {
    throw new ConfigError(
      'a credential over plain http can be read by everybody on the way: use the https address of the source',
      { details: { host: url.host } },
    );
  }
  return createRemoteRepository({ url, ref, path, clock, auth, dataDir, network, verify });
}

/** Throws ConfigError for an address that is none, and without a key and the hosts that are known. */
function createSshRepository(options: CreateSourceOptions): Repository {
  const { location, ref = '', path, ssh, dataDir, clock, verify } = options;
  const address = parseSshAddress(location);
  if (ssh === undefined) {
    throw new ConfigError(
      'a source over SSH needs a key (--git-ssh-key-file) and the keys of the host (--git-known-hosts-file)',
    );
  }
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const url = new URL(`ssh://${address.user}@${host}:${address.port}/`);
  url.pathname = address.path;
  return createRemoteRepository({
    url,
    ref,
    path,
    dataDir,
    clock,
    verify,
    ssh: createGitSsh(address, ssh),
  });
}

/** `scheme://…` or the `user@host:path` of ssh. */
function isRemote(location: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(location) || /^[^/@]+@[^/]+:/.test(location);
}

/** Says nothing of the text itself, which may hold a credential. */
function parseUrl(location: string): URL {
  const url = URL.parse(location);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    throw new ConfigError('the source must be a local path or an https or http URL');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigError(
      'the URL of the source must hold no credential, query or fragment: put the token in a file (--git-token-file)',
    );
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
