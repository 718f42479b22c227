import { connect } from 'node:net';
import type { Client, ClientChannel, ConnectConfig, ParsedKey, PublicKeyAuthMethod } from 'ssh2';
import type { SshAddress } from '../../config/ssh-address.ts';
import { GitAuthError, GitSourceInvalidError, GitUnreachableError } from '../../errors/errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import { causeOf } from '../git-errors.ts';
import { GIT_LIMITS } from '../git-limits.ts';
import type { HostKeyCheck } from './host-key.ts';
import { fingerprintOf } from './known-hosts.ts';

/** A connection to an SSH server on which we are somebody. */
export interface SshSession {
  /** Starts a command; what it writes to its standard error is thrown away. */
  run(command: string, env: Readonly<Record<string, string>>): Promise<ClientChannel>;
  /** What `work` gives, unless the connection ends, is called off, or nothing happens for too long. */
  attend<T>(work: Promise<T>): Promise<T>;
  close(): void;
}

export interface SshSessionOptions {
  readonly address: SshAddress;
  readonly key: ParsedKey;
  readonly hostKey: HostKeyCheck;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** The longest from the first packet to the end of the authentication, in milliseconds. */
const LOGIN_MS = 30_000;

/** The library's own lists without SHA-1 (`ssh-rsa`, `hmac-sha1`), and without compression. */
const HOST_KEYS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;
const MACS = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const;

/**
 * Connects, lets the host prove who it is, and only then says who we are. No agent, no configuration of a user, and no
 * variable of the environment has a part in it. Throws GitHostKeyError, GitAuthError, GitUnreachableError,
 * GitSourceInvalidError; what the signal says when called off.
 */
export async function openSshSession(options: SshSessionOptions): Promise<SshSession> {
  const { address, signal, clock } = options;
  const { host, port } = address;
  const { Client } = (await import('ssh2')).default;
  signal.throwIfAborted();
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => undefined);
  const client = new Client();
  const socket = connect({ host, port });
  const stop = (): void => {
    over.reject(signal.reason);
    socket.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  client.on('error', (error) => over.reject(toOwnError(error, options)));
  client.on('close', () =>
    over.reject(new GitUnreachableError(`"${host}" ends the connection`, { details: { host } })),
  );

  async function attend<T>(work: Promise<T>, ms = GIT_LIMITS.silenceMs): Promise<T> {
    const done = new AbortController();
    const late = clock.sleep(ms, { signal: done.signal }).then(() => {
      throw new GitUnreachableError(`"${host}" takes too long to answer over SSH`, {
        details: { host },
      });
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([over.promise, work, late]);
    } finally {
      done.abort();
    }
  }

  function close(): void {
    signal.removeEventListener('abort', stop);
    client.end();
    socket.destroySoon();
  }

  try {
    await attend(login(client, { ...config(options, over.reject), sock: socket }), LOGIN_MS);
  } catch (error) {
    close();
    socket.destroy();
    throw error;
  }
  return {
    attend,
    close,
    run: async (command, env) => {
      const channel = await attend(execute(client, command, env));
      channel.stderr.resume();
      return channel;
    },
  };
}

function config(
  { address, key, hostKey }: SshSessionOptions,
  reject: (error: unknown) => void,
): ConnectConfig {
  const method: PublicKeyAuthMethod = { type: 'publickey', username: address.user, key };
  const isKnown = (algorithm: string): boolean =>
    hostKey.types.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
  return {
    username: address.user,
    authHandler: [method],
    algorithms: {
      // What we know first: a server that has several keys must not show one that we do not have.
      serverHostKey: [
        ...HOST_KEYS.filter(isKnown),
        ...HOST_KEYS.filter((algorithm) => !isKnown(algorithm)),
      ],
      hmac: [...MACS],
      compress: ['none'],
    },
    hostVerifier: (shown: Buffer) => {
      try {
        hostKey.check(shown);
        return true;
      } catch (error) {
        reject(error);
        return false;
      }
    },
    // Ours goes by the clock that tests own.
    readyTimeout: 0,
  };
}

function login(client: Client, config: ConnectConfig): Promise<void> {
  return new Promise((resolve) => {
    client.on('ready', resolve).connect(config);
  });
}

function execute(
  client: Client,
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, { env }, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(new GitSourceInvalidError('the SSH server runs no command for us'));
    });
  });
}

/** The library's errors may quote the server: only where they come from, and a code, are kept. */
function toOwnError(error: Error & { readonly level?: string }, options: SshSessionOptions): Error {
  const { address, key } = options;
  const { host, user } = address;
  const details = { host, cause: causeOf(error) };
  if (error.level === 'client-authentication') {
    const fingerprint = fingerprintOf(key.getPublicSSH());
    return new GitAuthError(
      `"${host}" refuses the SSH key ${fingerprint} for the user "${user}": add its public half there, with the right to read`,
      { details: { host, user, fingerprint } },
    );
  }
  if (error.level === 'handshake') {
    return new GitSourceInvalidError(
      `"${host}" and we do not agree on how to speak SSH: it must offer curve25519, ECDH or Diffie-Hellman with SHA-2, AES-GCM or AES-CTR, and an Ed25519, ECDSA or RSA key that signs with SHA-2`,
      { details: { host } },
    );
  }
  const what = error.level === 'client-socket' ? 'cannot be reached' : 'ends the connection';
  return new GitUnreachableError(`"${host}" ${what}`, { details });
}
