import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  GitAuthError,
  GitHostKeyError,
  GitSourceInvalidError,
} from '../../../src/errors/errors.ts';
import { makeSshKey } from '../../support/ssh-git-server.ts';
import { createTempGit, makeTempDir, type TempGit } from '../../support/temp-git.ts';
import { open, pathsOf, readNow, rejection, signal } from '../read-source.ts';

/** The server of OpenSSH, where the machine has one. As root it wants an account of its own. */
const SSHD = process.env['SSHD'] ?? '/usr/sbin/sshd';

function isUsable(): boolean {
  try {
    if (userInfo().uid === 0) execFileSync('id', ['sshd'], { stdio: 'ignore' });
    return existsSync(SSHD) && (userInfo().uid !== 0 || existsSync('/run/sshd'));
  } catch {
    return false;
  }
}

describe('a repository behind the server of OpenSSH', function () {
  this.timeout(60_000);
  let temp: TempGit;
  let dir: string;
  before(function () {
    if (!isUsable()) this.skip();
  });
  beforeEach(async () => {
    [temp, dir] = await Promise.all([createTempGit(), makeTempDir()]);
  });
  afterEach(async () => {
    await Promise.all([temp.remove(), rm(dir, { recursive: true, force: true })]);
  });

  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    it(`is read with keys of the type ${type}, and with no others`, async () => {
      const [host, client] = [makeSshKey(type), makeSshKey(type)];
      const port = await freePort();
      const commit = await temp.commit({ 'a.yaml': 'a' });
      await temp.commit({ 'b.yaml': 'b' });
      const ssh = { keyFile: join(dir, 'key'), knownHostsFile: join(dir, 'known_hosts') };
      await writeFile(join(dir, 'host'), host.private, { mode: 0o600 });
      await writeFile(join(dir, 'authorized'), client.public);
      await writeFile(ssh.keyFile, client.private);
      await writeFile(ssh.knownHostsFile, `[127.0.0.1]:${port} ${host.public}\n`);
      const stop = await startSshd(dir, port);
      const at = (path: string, ref = '') =>
        open(`ssh://${userInfo().username}@127.0.0.1:${port}${path}`, { ref, ssh });
      try {
        expect(pathsOf(await readNow(at(temp.root)))).to.deep.equal(['a.yaml', 'b.yaml']);
        expect(pathsOf(await readNow(at(temp.root, commit)))).to.deep.equal(['a.yaml']);
        const gone = await rejection(at('/gone').resolve({ signal }));
        expect(gone).to.be.instanceOf(GitSourceInvalidError);
        await writeFile(ssh.keyFile, makeSshKey(type).private);
        const refused = await rejection(at(temp.root).resolve({ signal }));
        expect(refused).to.be.instanceOf(GitAuthError);
        await writeFile(ssh.knownHostsFile, `[127.0.0.1]:${port} ${makeSshKey(type).public}\n`);
        const unproven = await rejection(at(temp.root).resolve({ signal }));
        expect(unproven).to.be.instanceOf(GitHostKeyError);
      } finally {
        await stop();
      }
    });
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Answers with a way to end it. */
async function startSshd(dir: string, port: number): Promise<() => Promise<unknown>> {
  const lines = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${dir}/host`,
    `AuthorizedKeysFile ${dir}/authorized`,
    `Banner ${dir}/authorized`,
    'AcceptEnv GIT_PROTOCOL',
    'StrictModes no',
    'PasswordAuthentication no',
    'PidFile none',
  ];
  await writeFile(join(dir, 'config'), `${lines.join('\n')}\n`);
  const child = spawn(SSHD, ['-D', '-e', '-f', join(dir, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('listening on')) resolve();
    });
    child.once('close', () => reject(new Error(said)));
  });
  return () => {
    child.kill();
    return ended;
  };
}
