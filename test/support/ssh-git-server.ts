import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';

/** What the server does instead of serving. */
export type SshGitServerFault =
  /** Takes the connection and says nothing. */
  | { readonly kind: 'no-banner' }
  /** Says something, and nothing more. */
  | { readonly kind: 'garbage'; readonly text: string }
  | { readonly kind: 'hang-up' }
  /** Lets in whoever may, and never starts a command. */
  | { readonly kind: 'no-command' }
  | { readonly kind: 'refuse-command' }
  /** So many bytes of an answer to a request, then nothing more. */
  | { readonly kind: 'silence'; readonly after: number }
  /** So many bytes of an answer to a request, then the command ends like this. */
  | { readonly kind: 'end'; readonly after: number; readonly by: 'SIGKILL' | 0 | 'connection' }
  /** Writes this to the standard output first. */
  | { readonly kind: 'noise'; readonly text: string }
  /** Speaks nothing but what SHA-1 holds together. */
  | { readonly kind: 'old' };

/** A key pair in the form of OpenSSH. */
export interface SshKeyPair {
  readonly private: string;
  readonly public: string;
}

/** Git repositories served over SSH on loopback, commands run by a shell as sshd does it; with counters and faults. */
export interface SshGitServer {
  readonly port: number;
  readonly hostKeys: readonly SshKeyPair[];
  /** The key that is let in. */
  clientKey: SshKeyPair;
  /** Connections, logins, and commands with what was asked for by GIT_PROTOCOL. */
  readonly log: string[];
  /** Sent before the authentication, and to the standard error of each command. */
  banner: string | undefined;
  /** So many bytes on the standard error of each command. */
  noise: number;
  /** False: the server does not take variables from its clients, as sshd without AcceptEnv. */
  takesVariables: boolean;
  fault: SshGitServerFault | undefined;
  /** Lines for a known_hosts file. */
  knownHosts(): string;
  /** Resolves when there is such a line in the log. */
  logged(pattern: RegExp): Promise<void>;
  /** Resolves when no connection and no command is left. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** A key pair, made by Node. */
export function makeSshKey(
  type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519',
  passphrase?: string,
): SshKeyPair {
  const locked = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 1 };
  const options = locked as { passphrase: string; cipher: string; rounds: number };
  switch (type) {
    case 'ed25519': {
      // One of 256 is broken: this generator leaves out a zero at the beginning.
      const pair = ssh2.utils.generateKeyPairSync('ed25519', options);
      const isSound = !(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error);
      return isSound ? pair : makeSshKey(type, passphrase);
    }
    case 'rsa':
      return ssh2.utils.generateKeyPairSync('rsa', { bits: 2048, ...options });
    case 'ecdsa':
      return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, ...options });
  }
}

/** Serves the folder `root`, in which commands run. */
export async function startSshGitServer(
  root: string,
  hostKeys: readonly SshKeyPair[] = [makeSshKey()],
): Promise<SshGitServer> {
  const changes = new EventEmitter().setMaxListeners(0);
  const connections = new Set<Connection>();
  const children = new Set<ChildProcess>();
  const sockets = new Set<Socket>();
  const self: SshGitServer = {
    port: 0,
    hostKeys,
    clientKey: makeSshKey(),
    log: [],
    banner: undefined,
    noise: 0,
    takesVariables: true,
    fault: undefined,
    knownHosts: () =>
      hostKeys.map((key) => `[127.0.0.1]:${self.port} ${wordsOf(key.public)}\n`).join(''),
    logged: async (pattern) => {
      while (!self.log.some((line) => pattern.test(line))) await once(changes, 'change');
    },
    idle: async () => {
      while (connections.size + children.size > 0) await once(changes, 'change');
    },
    stop: async () => {
      for (const child of children) child.kill('SIGKILL');
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
  const tell = (line?: string): void => {
    if (line !== undefined) self.log.push(line);
    changes.emit('change');
  };

  function serve(connection: Connection): void {
    connections.add(connection);
    connection.on('error', () => undefined);
    connection.on('close', () => {
      connections.delete(connection);
      tell();
    });
    connection.on('authentication', (request) => {
      const [, base64 = ''] = self.clientKey.public.split(' ');
      const isKey =
        request.method === 'publickey' && request.key.data.equals(Buffer.from(base64, 'base64'));
      tell(`${request.method} ${request.username} ${isKey ? 'taken' : 'refused'}`);
      if (isKey) request.accept();
      else request.reject(['publickey']);
    });
    connection.on('session', (accept) => {
      const env: Record<string, string> = {};
      const session = accept();
      session.on('env', (take, _refuse, { key, val }) => {
        if (self.takesVariables && key === 'GIT_PROTOCOL') env[key] = val;
        // Without a reply where none is wanted, whatever the types say.
        (take as (() => void) | undefined)?.();
      });
      session.on('exec', (take, refuse, { command }) => {
        tell(`run ${command} ${env['GIT_PROTOCOL'] ?? ''}`.trim());
        if (self.fault?.kind === 'no-command') return;
        if (self.fault?.kind === 'refuse-command') refuse();
        else run(take(), command, env);
      });
    });
  }

  function run(channel: ServerChannel, command: string, env: Record<string, string>): void {
    const { fault, banner = '', noise } = self;
    const child = spawn('sh', ['-c', command], {
      cwd: root,
      env: {
        ...{ PATH: process.env['PATH'], HOME: root, ...env },
        ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      },
    });
    children.add(child);
    channel.stderr.write(banner + 'x'.repeat(noise));
    if (fault?.kind === 'noise') channel.write(fault.text);
    channel.on('error', () => undefined);
    channel.on('close', () => child.kill('SIGKILL'));
    child.stdin.on('error', () => undefined);
    let asked = false;
    channel.on('data', (chunk: Buffer) => {
      asked = true;
      child.stdin.write(chunk);
    });
    channel.on('end', () => child.stdin.end());
    let sent = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      if (!asked || (fault?.kind !== 'silence' && fault?.kind !== 'end')) {
        channel.write(chunk);
        return;
      }
      const part = chunk.subarray(0, Math.max(0, fault.after - sent));
      sent += part.length;
      if (part.length > 0) channel.write(part);
      if (sent < fault.after) return;
      tell('cut');
      if (fault.kind === 'end') end(channel, fault.by);
    });
    child.stderr.pipe(channel.stderr, { end: false });
    child.on('close', (code) => {
      children.delete(child);
      tell();
      if (fault?.kind === 'silence' || (fault?.kind === 'end' && asked)) return;
      channel.exit(code ?? 255);
      channel.end();
    });
  }

  function end(channel: ServerChannel, by: 'SIGKILL' | 0 | 'connection'): void {
    if (by === 'connection') {
      for (const socket of sockets) socket.destroy();
      return;
    }
    if (by === 'SIGKILL') channel.exit('KILL', false, '');
    else channel.exit(by);
    channel.end();
  }

  const config = { hostKeys: hostKeys.map((key) => key.private) };
  const server = new ssh2.Server(config, serve);
  const oldServer = new ssh2.Server(
    { ...config, algorithms: { kex: ['diffie-hellman-group14-sha1'] } },
    serve,
  );
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      tell('gone');
    });
    tell('connection');
    if (self.fault?.kind === 'no-banner') return;
    if (self.fault?.kind === 'garbage') socket.write(self.fault.text);
    else if (self.fault?.kind === 'hang-up') socket.destroy();
    else (self.fault?.kind === 'old' ? oldServer : server).injectSocket(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return Object.assign(self, { port: (listener.address() as AddressInfo).port });
}

function wordsOf(publicKey: string): string {
  return publicKey.split(' ').slice(0, 2).join(' ');
}
