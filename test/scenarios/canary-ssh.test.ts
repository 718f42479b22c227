import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { type Canaries, createCanaries } from '../support/canaries.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { makeSshKey, type SshGitServer, startSshGitServer } from '../support/ssh-git-server.ts';
import { createTempGit, makeTempDir, type TempGit } from '../support/temp-git.ts';

describe('a secret for, or of, a server over SSH', function () {
  this.timeout(30_000);
  let temp: TempGit;
  let server: SshGitServer;
  let dir: string;
  let canaries: Canaries;
  const path = (name: string) => join(dir, name);

  beforeEach(async () => {
    canaries = createCanaries();
    [temp, dir] = await Promise.all([createTempGit(), makeTempDir()]);
    await temp.commit({ 'README.md': 'nothing to see' });
    server = await startSshGitServer(temp.root);
    server.clientKey = makeSshKey('ed25519', canaries.plant('passphrase'));
    await writeFile(path('key'), server.clientKey.private);
    await writeFile(path('known_hosts'), server.knownHosts());
    server.banner = canaries.plant('banner');
  });
  afterEach(async () => {
    await server.stop();
    await temp.remove();
    await rm(dir, { recursive: true, force: true });
  });

  const cases: readonly (readonly [string, (secret: string) => Promise<void> | void])[] = [
    ['a passphrase that does not fit', () => undefined],
    ['a key that is none', (secret) => writeFile(path('key'), secret)],
    ['a key that is cut off', () => writeFile(path('key'), server.clientKey.private.slice(0, 150))],
    ['known hosts that are none', (secret) => writeFile(path('known_hosts'), `a b ${secret}`)],
    [
      'what a server greets with',
      (secret) => {
        server.fault = { kind: 'garbage', text: `${secret}\r\nSSH-1.0-${secret}\r\n` };
      },
    ],
    [
      'what logging in prints',
      (secret) => {
        server.fault = { kind: 'noise', text: `${secret}\n` };
      },
    ],
    [
      'an error of the server',
      (secret) => {
        const text = `ERR ${secret}\n`;
        const length = (text.length + 4).toString(16).padStart(4, '0');
        server.fault = { kind: 'noise', text: `${length}${text}0000` };
      },
    ],
  ];
  for (const [name, plant] of cases) {
    it(`is not repeated: ${name}`, async () => {
      const isOpen = name.startsWith('what') || name.startsWith('an error');
      const passphrase = canaries.plant('another passphrase');
      await writeFile(path('passphrase'), passphrase);
      if (isOpen) {
        server.clientKey = makeSshKey();
        await writeFile(path('key'), server.clientKey.private);
      }
      await plant(canaries.plant(name));

      const { code, stdout, stderr } = await runInProcess([
        ...['reconcile', '--once', '--offline', '--log-level', 'trace'],
        ...['--source', `ssh://git@127.0.0.1:${server.port}${temp.root}`],
        ...['--git-ssh-key-file', path('key'), '--git-known-hosts-file', path('known_hosts')],
        ...['--git-ssh-passphrase-file', path('passphrase')],
      ]);

      expect(code, stderr).to.equal(2);
      expect(canaries.foundIn(stdout + stderr)).to.deep.equal([]);
    });
  }
});
