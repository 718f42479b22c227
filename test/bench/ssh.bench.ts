import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createSource } from '../../src/git/create-source.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { startSshGitServer } from '../support/ssh-git-server.ts';
import { createTempGit } from '../support/temp-git.ts';
import { sleep } from './bench-world.ts';
import type { Figure } from './figure.ts';

const FILES = 500;
const REFS = 1_000;
/** So long takes each way, in milliseconds: round trips cannot run into one another. */
const WAY_MS = 20;

const execute = promisify(execFile);
const { signal } = new AbortController();

/**
 * What a look and a first sync at depth 1 cost over SSH, of a repository with 500 manifests and 1,000 refs: ours beside
 * the `git` and `ssh` of the machine, through a proxy that counts.
 */
export async function benchSsh(): Promise<readonly Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'shortcuts-bench-ssh-'));
  const temp = await createTempGit();
  const server = await startSshGitServer(temp.root);
  const proxy = await startCountingProxy(server.port);
  try {
    const files = Array.from({ length: FILES }, (_, n) => [`${n}.yaml`, manifest(n)]);
    const commit = await temp.commit(Object.fromEntries(files) as Record<string, string>);
    const refs = Array.from({ length: REFS }, (_, n) => `create refs/heads/b${n} ${commit}\n`);
    await writeFile(join(root, 'refs'), refs.join(''));
    await execute('sh', ['-c', `git update-ref --stdin < ${join(root, 'refs')}`], {
      cwd: temp.root,
    });
    const [keyFile, knownHostsFile] = [join(root, 'key'), join(root, 'known_hosts')];
    await writeFile(keyFile, server.clientKey.private, { mode: 0o600 });
    const hosts = server.knownHosts().replaceAll(`:${server.port} `, `:${proxy.port} `);
    await writeFile(knownHostsFile, hosts);
    const url = `ssh://git@127.0.0.1:${proxy.port}${temp.root}`;
    const source = createSource({
      ...{ location: url, ref: 'main', path: '.', clock: systemClock },
      ...{ dataDir: join(root, 'data'), ssh: { keyFile, knownHostsFile } },
    });
    const options = ['UserKnownHostsFile', 'IdentityFile'].map(
      (name, index) => `-o ${name}=${[knownHostsFile, keyFile][index]}`,
    );
    const ssh = `ssh -F /dev/null -o IdentitiesOnly=yes -o IdentityAgent=none ${options.join(' ')}`;
    const git = (...args: readonly string[]) =>
      execute('git', [...args], { cwd: root, env: { ...process.env, GIT_SSH_COMMAND: ssh } });
    await git('init', '-q', '--bare', 'bare');
    const measured: readonly (readonly [string, () => Promise<unknown>])[] = [
      [
        'first sync',
        async () => source.read((await source.resolve({ signal })).commit, { signal }),
      ],
      ['git fetch --depth 1', () => git('-C', 'bare', 'fetch', '-q', '--depth', '1', url, 'main')],
      ['unchanged look', () => source.resolve({ signal })],
      ['git ls-remote <url> refs/heads/main', () => git('ls-remote', url, 'refs/heads/main')],
    ];
    const figures: Figure[] = [];
    for (const [name, work] of measured) figures.push(...(await proxy.count(name, work)));
    return figures;
  } finally {
    proxy.stop();
    await server.stop();
    await temp.remove();
    await rm(root, { recursive: true, force: true });
  }
}

function manifest(n: number): string {
  return `apiVersion: shortcuts.liqo.io/v1alpha1\nkind: Shortcut\nmetadata: { name: s${n} }\nspec: { clusters: [a${n}, b${n}] }\n`;
}

interface CountingProxy {
  readonly port: number;
  /** Connections, round trips and bytes of a piece of work. */
  count(name: string, work: () => Promise<unknown>): Promise<readonly Figure[]>;
  stop(): void;
}

async function startCountingProxy(target: number): Promise<CountingProxy> {
  let seen = { connections: 0, trips: 0, bytes: 0 };
  const listener = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    seen.connections += 1;
    // To connect is a round trip too.
    seen.trips += 1;
    let isAsking = false;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('data', (chunk: Buffer) => {
        seen.bytes += chunk.length;
        if (from === server && isAsking) seen.trips += 1;
        isAsking = from === client;
        void sleep(WAY_MS).then(() => to.write(chunk));
      });
      from.on('end', () => void sleep(WAY_MS).then(() => to.end()));
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    count: async (name, work) => {
      seen = { connections: 0, trips: 0, bytes: 0 };
      await work();
      const { connections, trips, bytes } = seen;
      return [
        { name: `${name}: connections`, value: connections, unit: '' },
        { name: `${name}: round trips`, value: trips, unit: '' },
        { name: `${name}: bytes`, value: bytes, unit: 'B' },
      ];
    },
    stop: () => listener.close(),
  };
}
