import { access, chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  ConfigError,
  CredentialInvalidError,
  GitAuthError,
  GitHostKeyError,
  GitPathNotFoundError,
  GitRefNotFoundError,
  GitSourceInvalidError,
  GitUnreachableError,
} from '../../src/errors/errors.ts';
import type { CreateSourceOptions } from '../../src/git/create-source.ts';
import type { Source } from '../../src/git/source.ts';
import type { SshFiles } from '../../src/git/ssh/ssh-key.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  makeSshKey,
  type SshGitServer,
  type SshGitServerFault,
  type SshKeyPair,
  startSshGitServer,
} from '../support/ssh-git-server.ts';
import { createTempGit, makeTempDir, type TempGit } from '../support/temp-git.ts';
import { open, pathsOf, readNow, rejection, signal, textOf } from './read-source.ts';

describe('a repository over SSH', function () {
  this.timeout(30_000);
  let temp: TempGit;
  let server: SshGitServer;
  let dir: string;
  let files: SshFiles;

  beforeEach(async () => {
    [temp, dir] = await Promise.all([createTempGit(), makeTempDir()]);
    server = await startSshGitServer(temp.root);
    files = { keyFile: join(dir, 'key'), knownHostsFile: join(dir, 'known_hosts') };
    await writeFile(files.keyFile, server.clientKey.private);
    await writeFile(files.knownHostsFile, server.knownHosts());
  });

  afterEach(async () => {
    await server.stop();
    await Promise.all([temp.remove(), rm(dir, { recursive: true, force: true })]);
  });

  function remote(options: Partial<CreateSourceOptions> = {}, path = '/.'): Source {
    return open(`ssh://git@127.0.0.1:${server.port}${temp.root}${path}`, {
      dataDir: join(dir, 'data'),
      ssh: files,
      ...options,
    });
  }

  /** The commands that were run since the last call, and how many connections that took. */
  function ran(): { readonly connections: number; readonly commands: readonly string[] } {
    const log = server.log.splice(0);
    return {
      connections: log.filter((line) => line === 'connection').length,
      commands: log
        .filter((line) => line.startsWith('run '))
        .map((line) => line.replace(/'.*'/, '…')),
    };
  }

  const RUN = 'run git-upload-pack … version=2';

  for (const kept of [true, false]) {
    describe(kept ? 'with a data folder' : 'without a data folder', () => {
      const options = kept ? {} : { dataDir: undefined };

      it('gives the files of the default branch', async () => {
        const commit = await temp.commit({ 'net/a.yaml': 'a', 'b.txt': 'b' });

        const checkout = await readNow(remote(options));

        expect(checkout.revision).to.equal(`main@sha1:${commit}`);
        expect(pathsOf(checkout)).to.deep.equal(['net/a.yaml']);
        expect(textOf(checkout, 'net/a.yaml')).to.equal('a');
        expect(ran()).to.deep.equal({ connections: 2, commands: [RUN, RUN] });
      });

      it('fetches nothing while nothing changed', async () => {
        await temp.commit({ 'a.yaml': 'a' });
        const source = remote(options);
        const first = await readNow(source);
        ran();

        expect(await readNow(source)).to.equal(first);
        expect(ran()).to.deep.equal({ connections: 1, commands: [RUN] });
      });

      it('follows commits and force pushes', async () => {
        const source = remote(options);
        const old = await temp.commit({ 'a.yaml': 'old' }, '2026-01-01T00:00:00Z');
        await temp.commit({ 'a.yaml': 'tip' }, '2026-01-02T00:00:00Z');
        const seen = [textOf(await readNow(source), 'a.yaml')];
        await temp.git('reset', '-q', '--hard', old);
        seen.push(textOf(await readNow(source), 'a.yaml'));
        await temp.commit({ 'a.yaml': 'new' }, '2026-01-03T00:00:00Z');
        seen.push(textOf(await readNow(source), 'a.yaml'));

        expect(seen).to.deep.equal(['tip', 'old', 'new']);
      });
    });
  }

  it('leaves nothing open', async () => {
    await temp.commit({ 'a.yaml': 'a' });

    await readNow(remote());

    await server.idle();
  });

  it('reads also where the server takes no variables from us', async () => {
    server.takesVariables = false;
    await temp.commit({ 'a.yaml': 'a' });

    expect(pathsOf(await readNow(remote({ ref: 'main' })))).to.deep.equal(['a.yaml']);
    const run = 'run git-upload-pack …';
    expect(ran().commands).to.deep.equal([run, run]);
    await server.idle();
  });

  it('reads more than fits into one window of the channel', async () => {
    const random = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * n * 7919) % 251));
    const content = Array.from({ length: 20 }, (_, n) => [
      `${n}.yaml`,
      `${n}${random.toString('hex')}`,
    ]);
    await temp.commit(Object.fromEntries(content) as Record<string, string>);

    expect(pathsOf(await readNow(remote()))).to.have.length(20);
  });

  describe('refs', () => {
    it('may be branches, tags and full names', async () => {
      await temp.commit({ 'a.yaml': '1' });
      await temp.git('tag', '-a', 'heavy', '-m', 'annotated');
      await temp.git('branch', 'side');
      await temp.commit({ 'a.yaml': '2' });

      for (const ref of ['heavy', 'side', 'refs/heads/side', 'refs/tags/heavy']) {
        expect(textOf(await readNow(remote({ ref })), 'a.yaml'), ref).to.equal('1');
      }
    });

    it('are missed', async () => {
      await temp.commit({ 'a.yaml': 'a' });

      for (const ref of ['nope', 'refs/heads/nope', '1'.repeat(40)]) {
        expect(await rejection(readNow(remote({ ref }))), ref).to.be.instanceOf(
          GitRefNotFoundError,
        );
      }
    });

    it('may be commits that no ref names', async () => {
      const first = await temp.commit({ 'a.yaml': '1' });
      await temp.commit({ 'a.yaml': '2' });
      const source = remote({ ref: first });

      const { revision } = await source.resolve({ signal });

      expect(revision).to.equal(`detached@sha1:${first}`);
      expect(ran().connections).to.equal(0);
      expect(textOf(await source.read(first, { signal }), 'a.yaml')).to.equal('1');
    });

    it('may move on between a look and the fetch', async () => {
      const source = remote();
      await temp.commit({ 'a.yaml': '1' });
      const { commit } = await source.resolve({ signal });
      await temp.commit({ 'a.yaml': '2' });

      expect(textOf(await source.read(commit, { signal }), 'a.yaml')).to.equal('1');
    });

    it('are missed in an empty repository', async () => {
      expect(await rejection(readNow(remote()))).to.be.instanceOf(GitRefNotFoundError);
    });
  });

  it('says that a folder has vanished', async () => {
    await temp.commit({ 'a.yaml': 'a' });

    const error = await rejection(readNow(remote({ path: 'gone' })));

    expect(error).to.be.instanceOf(GitPathNotFoundError);
  });

  describe('addresses', () => {
    it('may be of the short form', () => {
      expect(open('git@127.0.0.1:x', { ssh: files }).location).to.equal('git@127.0.0.1:x');
    });

    it('hold no command and no option, whatever their path', async () => {
      const names = ["a'; touch pwned; '", '$(touch pwned)', '`touch pwned`', '!a b\\"&|;<>*?~'];
      for (const name of names) {
        await mkdir(join(temp.root, name));
        await symlink(join(temp.root, '.git'), join(temp.root, name, '.git'));
      }
      await temp.commit({ 'a.yaml': 'a' });

      for (const name of names) {
        const source = remote({ dataDir: undefined }, `/${encodeURIComponent(name)}`);
        expect(pathsOf(await readNow(source)), name).to.deep.equal(['a.yaml']);
      }
      expect(await readdir(temp.root)).not.to.include('pwned');
    });

    it('of a repository that is not there are an error', async () => {
      const error = await rejection(readNow(remote({}, '/gone')));

      expect(error).to.be.instanceOf(GitSourceInvalidError);
      expect(error).to.have.nested.property('details.exitStatus', 128);
    });

    it('need a key and known hosts', () => {
      expect(() => remote({ ssh: undefined })).to.throw(ConfigError, '--git-known-hosts-file');
    });
  });

  describe('the host', () => {
    /** Looks with another known_hosts file; tells the error, and whether our key was offered or the server even met. */
    async function lookWith(knownHosts: string) {
      await writeFile(files.knownHostsFile, knownHosts);
      const error = await rejection(remote().resolve({ signal }));
      return {
        error,
        isMet: server.log.includes('connection'),
        isLoggedIn: server.log.some((line) => line.startsWith('publickey')),
      };
    }
    const lineOf = (key: SshKeyPair, marker = '') =>
      `${marker}[127.0.0.1]:${server.port} ${key.public}\n`;

    it('is not even met while the file does not name it', async () => {
      for (const text of ['', `other.example ${server.hostKeys[0]!.public}`]) {
        const { error, isMet } = await lookWith(text);

        expect(error).to.be.instanceOf(GitHostKeyError);
        expect(error)
          .to.have.property('message')
          .that.contains(`ssh-keyscan -p ${server.port} 127`);
        expect(isMet).to.equal(false);
      }
    });

    it('must be named with its port', async () => {
      const { error, isMet } = await lookWith(`127.0.0.1 ${server.hostKeys[0]!.public}`);

      expect(error).to.be.instanceOf(GitHostKeyError);
      expect(isMet).to.equal(false);
    });

    it('is not met on the word of a certificate authority', async () => {
      const { error, isMet } = await lookWith(lineOf(server.hostKeys[0]!, '@cert-authority '));

      expect(error)
        .to.be.instanceOf(GitHostKeyError)
        .with.property('message')
        .that.contains('authority');
      expect(isMet).to.equal(false);
    });

    it('is not logged in to with another key than ours of it, which is shown', async () => {
      const { error, isLoggedIn } = await lookWith(lineOf(makeSshKey()));

      expect(error)
        .to.be.instanceOf(GitHostKeyError)
        .with.property('message')
        .that.contains('SHA256:');
      expect(isLoggedIn).to.equal(false);
    });

    it('is not logged in to with a key of another type than ours of it', async () => {
      const { error, isLoggedIn } = await lookWith(lineOf(makeSshKey('ecdsa')));

      expect(error).to.be.instanceOf(GitHostKeyError);
      expect(isLoggedIn).to.equal(false);
    });

    it('is not logged in to with a key that is revoked, even though it is listed', async () => {
      const [key] = server.hostKeys;
      const { error, isLoggedIn } = await lookWith(lineOf(key!) + lineOf(key!, '@revoked '));

      expect(error)
        .to.be.instanceOf(GitHostKeyError)
        .with.property('message')
        .that.contains('revoke');
      expect(isLoggedIn).to.equal(false);
    });

    it('shows the one of its keys that we know', async () => {
      await temp.commit({ 'a.yaml': 'a' });
      await server.stop();
      const keys = [makeSshKey(), makeSshKey('ecdsa'), makeSshKey('rsa')];
      server = await startSshGitServer(temp.root, keys);
      await writeFile(files.keyFile, server.clientKey.private);

      for (const key of keys) {
        await writeFile(files.knownHostsFile, lineOf(key));
        expect(pathsOf(await readNow(remote()))).to.deep.equal(['a.yaml']);
      }
    });

    it('may get a new key while we run', async () => {
      await temp.commit({ 'a.yaml': 'a' });
      const source = remote();
      await writeFile(files.knownHostsFile, lineOf(makeSshKey()));
      const refused = await rejection(source.resolve({ signal }));

      await writeFile(files.knownHostsFile, server.knownHosts());

      expect(refused).to.be.instanceOf(GitHostKeyError);
      expect(pathsOf(await readNow(source))).to.deep.equal(['a.yaml']);
    });

    it('is refused when the file cannot be read or understood', async () => {
      const { error, isMet } = await lookWith(`@rewoked ${server.knownHosts()}`);
      await rm(files.knownHostsFile);
      const gone = await rejection(remote().resolve({ signal }));

      expect(error).to.be.instanceOf(CredentialInvalidError);
      expect(gone).to.be.instanceOf(CredentialInvalidError);
      expect(isMet).to.equal(false);
    });

    it('must speak an SSH without SHA-1', async () => {
      server.fault = { kind: 'old' };

      const error = await rejection(remote().resolve({ signal }));

      expect(error).to.be.instanceOf(GitSourceInvalidError);
      expect(server.log.some((line) => line.startsWith('publickey'))).to.equal(false);
    });
  });

  describe('our key', () => {
    beforeEach(() => temp.commit({ 'a.yaml': 'a' }));

    for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
      it(`may be of the type ${type}, with and without a passphrase`, async () => {
        for (const passphrase of [undefined, 's3cret words']) {
          server.clientKey = makeSshKey(type, passphrase);
          await writeFile(files.keyFile, server.clientKey.private);
          await writeFile(join(dir, 'passphrase'), `${passphrase ?? ''}\n`);
          const ssh = { ...files, passphraseFile: join(dir, 'passphrase') };

          const source = remote({ ssh: passphrase === undefined ? files : ssh });

          expect(pathsOf(await readNow(source))).to.deep.equal(['a.yaml']);
        }
      });
    }

    it('may be readable by others, as the files of a Secret are', async () => {
      for (const mode of [0o400, 0o440, 0o644]) {
        await chmod(files.keyFile, mode);
        expect(pathsOf(await readNow(remote()))).to.deep.equal(['a.yaml']);
        await chmod(files.keyFile, 0o600);
      }
    });

    it('may change while we run, and its passphrase too', async () => {
      const ssh = { ...files, passphraseFile: join(dir, 'passphrase') };
      await writeFile(ssh.passphraseFile, 'first');
      const source = remote({ ssh });
      await readNow(source);
      server.clientKey = makeSshKey('ed25519', 'second');
      const refused = await rejection(source.resolve({ signal }));
      await writeFile(files.keyFile, server.clientKey.private);
      const locked = await rejection(source.resolve({ signal }));

      await writeFile(ssh.passphraseFile, 'second');

      expect(refused).to.be.instanceOf(GitAuthError);
      expect(locked).to.be.instanceOf(CredentialInvalidError);
      expect(pathsOf(await readNow(source))).to.deep.equal(['a.yaml']);
    });

    it('is named by its fingerprint when the server refuses it', async () => {
      server.clientKey = makeSshKey();

      const error = await rejection(remote().resolve({ signal }));

      expect(error)
        .to.be.instanceOf(GitAuthError)
        .with.property('message')
        .that.contains('SHA256:');
      expect(server.log.filter((line) => line.endsWith('refused'))).to.have.length(1);
    });

    const wrong: readonly (readonly [string, () => string | undefined, RegExp])[] = [
      ['is not there', () => undefined, /cannot read/],
      ['is empty', () => '', /no private key/],
      ['is something else', () => 's3cret', /no private key/],
      ['is only its public half', () => server.clientKey.public, /public half/],
      ['has a passphrase', () => makeSshKey('ed25519', 's3cret').private, /passphrase-file/],
      ['has a passphrase, in PEM', () => ENCRYPTED_PEM, /passphrase-file/],
      [
        'is cut off',
        () => server.clientKey.private.slice(0, 200) + '\n-----END OPENSSH PRIVATE KEY-----\n',
        /no private key/,
      ],
    ];
    for (const [name, content, message] of wrong) {
      it(`is refused before anything is connected when it ${name}`, async () => {
        const text = content();
        if (text === undefined) await rm(files.keyFile);
        else await writeFile(files.keyFile, text);

        const error = await rejection(remote().resolve({ signal }));

        expect(error)
          .to.be.instanceOf(CredentialInvalidError)
          .with.property('message')
          .that.match(message);
        expect(inspect(error, { depth: 10 })).not.to.contain('s3cret');
        expect(server.log).to.deep.equal([]);
      });
    }

    it('is not opened by another passphrase', async () => {
      await writeFile(files.keyFile, makeSshKey('ed25519', 'right').private);
      await writeFile(join(dir, 'passphrase'), 's3cret');
      const ssh = { ...files, passphraseFile: join(dir, 'passphrase') };

      const error = await rejection(remote({ ssh }).resolve({ signal }));

      expect(error).to.be.instanceOf(CredentialInvalidError);
      expect(inspect(error, { depth: 10 })).not.to.contain('s3cret');
    });
  });

  it('is deaf to the agent, the commands and the configuration of whoever runs us', async () => {
    await temp.commit({ 'a.yaml': 'a' });
    const home = join(dir, 'home');
    const trap = join(dir, 'trap');
    await mkdir(join(home, '.ssh'), { recursive: true });
    await writeFile(trap, `#!/bin/sh\ntouch ${trap}.sprung\n`, { mode: 0o755 });
    await writeFile(join(home, '.ssh/config'), `Host *\n  ProxyCommand ${trap}\n`);
    const before = { ...process.env };
    Object.assign(process.env, {
      HOME: home,
      GIT_SSH: trap,
      GIT_SSH_COMMAND: trap,
      SSH_ASKPASS: trap,
      SSH_AUTH_SOCK: join(dir, 'no-agent'),
    });

    const checkout = await readNow(remote()).finally(() => {
      process.env = before;
    });

    expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
    expect(await rejection(access(`${trap}.sprung`))).to.have.property('code', 'ENOENT');
  });

  describe('what the server does', () => {
    const SECRET = 'secret-looking';
    const cases: readonly {
      name: string;
      fault: SshGitServerFault | ((step: 'look' | 'fetch') => SshGitServerFault);
      want: new (...parts: never[]) => Error;
    }[] = [
      { name: 'hanging up', fault: { kind: 'hang-up' }, want: GitUnreachableError },
      {
        name: 'another protocol',
        fault: { kind: 'garbage', text: `HTTP/1.1 400 ${SECRET}\r\n`.repeat(5000) },
        want: GitUnreachableError,
      },
      { name: 'no command', fault: { kind: 'refuse-command' }, want: GitSourceInvalidError },
      {
        name: 'a greeting on the standard output',
        fault: { kind: 'noise', text: `Welcome, ${SECRET}!\n` },
        want: GitSourceInvalidError,
      },
      {
        name: 'an error of its own',
        fault: { kind: 'noise', text: `0017ERR ${SECRET}\n` + '0000' },
        want: GitSourceInvalidError,
      },
      ...(['SIGKILL', 0, 'connection'] as const).map((by) => ({
        name: `half an answer, then the end by ${by}`,
        // In the list of refs, and in the objects behind what precedes them.
        fault: (step: 'look' | 'fetch') =>
          ({ kind: 'end', after: step === 'look' ? 20 : 120, by }) as const,
        want: GitUnreachableError,
      })),
    ];
    for (const { name, fault, want } of cases) {
      for (const step of ['look', 'fetch'] as const) {
        it(`is an error: ${name}, at a ${step}`, async () => {
          const commit = await temp.commit({ 'a.yaml': 'a' });
          server.banner = SECRET;
          const source = remote();
          if (step === 'fetch') await source.resolve({ signal });
          server.fault = typeof fault === 'function' ? fault(step) : fault;

          const work =
            step === 'look' ? source.resolve({ signal }) : source.read(commit, { signal });
          const error = await rejection(work);

          expect(error).to.be.instanceOf(want);
          expect(inspect(error, { depth: 10 })).not.to.contain(SECRET);
          server.fault = undefined;
          await server.idle();
          expect(pathsOf(await readNow(source))).to.deep.equal(['a.yaml']);
        });
      }
    }

    it('is no matter as long as it is said beside the answer: a banner, and megabytes of errors', async () => {
      await temp.commit({ 'a.yaml': 'a' });
      server.banner = `${SECRET}\n`.repeat(1000);
      server.noise = 8 << 20;

      expect(pathsOf(await readNow(remote()))).to.deep.equal(['a.yaml']);
    });

    it('is missed when nobody listens', async () => {
      const source = remote();
      await server.stop();

      expect(await rejection(source.resolve({ signal }))).to.be.instanceOf(GitUnreachableError);
    });
  });

  describe('waiting', () => {
    const silences: readonly {
      name: string;
      fault: SshGitServerFault;
      until: RegExp;
      ms: number;
    }[] = [
      {
        name: 'before it says who it is',
        fault: { kind: 'no-banner' },
        until: /^connection/,
        ms: 30_000,
      },
      {
        name: 'after it said who it is',
        fault: { kind: 'garbage', text: 'SSH-2.0-x\r\n' },
        until: /^connection/,
        ms: 30_000,
      },
      { name: 'after the login', fault: { kind: 'no-command' }, until: /^run/, ms: 60_000 },
      { name: 'in the answer', fault: { kind: 'silence', after: 20 }, until: /^cut/, ms: 60_000 },
    ];
    for (const { name, fault, until, ms } of silences) {
      it(`ends by itself when the server is silent ${name}`, async () => {
        await temp.commit({ 'a.yaml': 'a' });
        const clock = new FakeClock();
        server.fault = fault;
        const pending = rejection(remote({ clock }).resolve({ signal }));
        await server.logged(until);

        await clock.advance(ms);

        expect(await pending).to.be.instanceOf(GitUnreachableError);
        expect(clock.sleeping).to.equal(0);
        await server.idle();
      });

      it(`ends at once when called off while the server is silent ${name}`, async () => {
        const commit = await temp.commit({ 'a.yaml': 'a' });
        const controller = new AbortController();
        server.fault = fault;
        const source = remote();
        const pending = rejection(source.read(commit, { signal: controller.signal }));
        await server.logged(until);

        controller.abort();

        expect(await pending).to.have.property('name', 'AbortError');
        await server.logged(/^gone/);
        await server.idle();
        server.fault = undefined;
        expect(pathsOf(await readNow(source))).to.deep.equal(['a.yaml']);
      });
    }

    it('does not begin when it was called off before', async () => {
      const error = await rejection(remote().resolve({ signal: AbortSignal.abort() }));

      expect(error).to.have.property('name', 'AbortError');
      expect(server.log).to.deep.equal([]);
    });
  });
});

/** Not a key of anybody. */
const ENCRYPTED_PEM = `-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

AAAA
-----END RSA PRIVATE KEY-----
`;
