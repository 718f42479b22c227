import { ConfigError } from '../errors/errors.ts';

/** Where a repository lies that is read over SSH. */
export interface SshAddress {
  readonly user: string;
  /** A name, or an IP address without brackets; in lower case, as known_hosts files have it. */
  readonly host: string;
  readonly port: number;
  /** As the server is to take it: `/srv/x.git`, `team/x.git` (below the user's home), `~other/x.git`. */
  readonly path: string;
}

export const SSH_PORT = 22;

const URL_FORM = /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]/]*\]|[^:/]*)(?::(\d{1,5}))?(\/.*)$/is;
/** What scp and Git take: `user@host:path`, without a port. */
const SHORT_FORM = /^([^@/:]+)@(\[[^\]/]*\]|[^:/]+):(.+)$/s;

// No dash at the beginning, nothing that a shell or a terminal would take for something else.
const USER = /^[a-z0-9_][a-z0-9._-]{0,63}$/i;
const HOST = /^(?:[a-z0-9][a-z0-9._-]{0,252}|\[[0-9a-f:.]{2,45}\])$/i;

/** True for `ssh://…` and `user@host:path`. */
export function isSsh(location: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return /^ssh:/i.test(location);
  return /^[^/@]+@[^/]+:/.test(location);
}

/**
 * Takes `ssh://user@host[:port]/path` and `user@host:path` apart. Throws ConfigError without a word of the text, which
 * may hold a password.
 */
export function parseSshAddress(location: string): SshAddress {
  const url = URL_FORM.exec(location);
  const [, user = '', host = '', last = ''] = SHORT_FORM.exec(location) ?? [];
  if (url === null) return checked({ user, host, port: SSH_PORT, path: last });
  return checked({
    user: url[1] ?? '',
    host: url[2] ?? '',
    port: Number(url[3] ?? SSH_PORT),
    // As Git does it: `/~user` is somebody's home.
    path: decoded(url[4] ?? '').replace(/^\/~/, '~'),
  });
}

function decoded(path: string): string {
  if (/[?#]/.test(path)) throw new ConfigError('an address over SSH has no query and no fragment');
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ConfigError('the path of the address over SSH is wrongly percent-encoded');
  }
}

function checked({ user, host, port, path }: SshAddress): SshAddress {
  if (user.includes(':')) {
    throw new ConfigError(
      'an address over SSH holds no password: a key is used (--git-ssh-key-file)',
    );
  }
  const isPath = /^[^-\p{Cc}][^\p{Cc}]{0,4095}$/u.test(path) && path !== '/';
  if (!USER.test(user) || !HOST.test(host) || port < 1 || port > 65_535 || !isPath) {
    throw new ConfigError(
      'an address over SSH is ssh://user@host[:port]/path or user@host:path; the user is mostly git',
    );
  }
  return { user, host: host.replace(/^\[|\]$/g, '').toLowerCase(), port, path };
}
