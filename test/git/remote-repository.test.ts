import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  ConfigError,
  CredentialInvalidError,
  GitAuthError,
  GitPathNotFoundError,
  GitRefNotFoundError,
  GitSourceInvalidError,
  GitUnreachableError,
} from '../../src/errors/errors.ts';
import type { CreateSourceOptions } from '../../src/git/create-source.ts';
import { createFileTokenSource } from '../../src/git/auth/file-token-source.ts';
import type { GitAuth } from '../../src/git/auth/git-auth.ts';
import type { Source } from '../../src/git/source.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type GitServer, type GitServerFault, startGitServer } from '../support/git-server.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/test-certificate.ts';
import { createTempGit, makeTempDir, type TempGit } from '../support/temp-git.ts';
import { open, pathsOf, readNow, rejection, signal, textOf } from './read-source.ts';

const ANY = /./;

function fromFile(file: string): GitAuth {
  return { tokens: createFileTokenSource({ file, flag: '--git-token-file' }) };
}

describe('a repository behind a URL', () => {
  let temp: TempGit;
  let server: GitServer;
  let dataDir: string;

  beforeEach(async () => {
    [temp, dataDir] = await Promise.all([createTempGit(), makeTempDir()]);
    server = await startGitServer(temp.root);
  });

  afterEach(async () => {
    await server.stop();
    await Promise.all([temp.remove(), rm(dataDir, { recursive: true, force: true })]);
  });

  function remote(options: Partial<CreateSourceOptions> = {}): Source {
    return open(`${server.url}/.git`, { dataDir, ...options });
  }

  /** What the server was asked since the last call. */
  function requests(): readonly string[] {
    return server.requests.splice(0).map((line) => line.replace(/\?.*/, ''));
  }

  const LOOK = ['GET /.git/info/refs', 'POST /.git/git-upload-pack'];

  for (const kept of [true, false]) {
    describe(kept ? 'with a data folder' : 'without a data folder', () => {
      it('gives the files of the default branch', async () => {
        const commit = await temp.commit({ 'net/a.yaml': 'a', 'b.txt': 'b' });

        const checkout = await readNow(remote(kept ? {} : { dataDir: undefined }));

        expect(checkout.revision).to.equal(`main@sha1:${commit}`);
        expect(pathsOf(checkout)).to.deep.equal(['net/a.yaml']);
        expect(textOf(checkout, 'net/a.yaml')).to.equal('a');
      });

      it('fetches nothing while nothing changed', async () => {
        await temp.commit({ 'a.yaml': 'a' });
        const source = remote(kept ? {} : { dataDir: undefined });
        const first = await readNow(source);
        requests();

        const second = await readNow(source);

        expect(second).to.equal(first);
        expect(requests()).to.deep.equal(LOOK);
      });

      it('gives the very same object for a file that has not changed', async () => {
        await temp.commit({ 'same.yaml': 's', 'other.yaml': '1' });
        const source = remote(kept ? {} : { dataDir: undefined });
        const before = await readNow(source);
        await temp.commit({ 'other.yaml': '2' });

        const after = await readNow(source);

        expect(after.files[1]).to.equal(before.files[1]);
        expect(textOf(after, 'other.yaml')).to.equal('2');
      });

      it('follows force pushes: to an amended commit, to an older one, to an unrelated one', async () => {
        const source = remote(kept ? {} : { dataDir: undefined });
        const old = await temp.commit({ 'a.yaml': 'old' }, '2026-01-01T00:00:00Z');
        await temp.commit({ 'a.yaml': 'tip' }, '2026-01-02T00:00:00Z');
        const seen = [textOf(await readNow(source), 'a.yaml')];

        await temp.git('reset', '-q', '--hard', old);
        await temp.commit({ 'a.yaml': 'amended' }, '2026-01-03T00:00:00Z');
        seen.push(textOf(await readNow(source), 'a.yaml'));
        await temp.git('reset', '-q', '--hard', old);
        seen.push(textOf(await readNow(source), 'a.yaml'));
        await temp.git('checkout', '-q', '--orphan', 'other');
        const stranger = await temp.commit({ 'a.yaml': 'unrelated' }, '2025-01-01T00:00:00Z');
        await temp.git('branch', '-q', '-f', 'main', stranger);
        await temp.git('checkout', '-q', 'main');
        seen.push(textOf(await readNow(source), 'a.yaml'));

        expect(seen).to.deep.equal(['tip', 'amended', 'old', 'unrelated']);
      });
    });
  }

  it('leaves nothing behind without a data folder', async () => {
    await temp.commit({ 'a.yaml': 'a' });
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = dataDir;

    await readNow(remote({ dataDir: undefined })).finally(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });

    expect(await readdir(dataDir)).to.deep.equal([]);
  });

  it('fetches only what is missing', async () => {
    const bulk = Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 65_536);
    await temp.commit({ 'bulk.bin': Buffer.from(Uint16Array.from(bulk).buffer), 'a.yaml': '1' });
    const source = remote();
    await readNow(source);
    const whole = server.counters.bytesSent;

    await temp.commit({ 'a.yaml': '2' });
    const checkout = await readNow(source);

    expect(textOf(checkout, 'a.yaml')).to.equal('2');
    expect(server.counters.bytesSent - whole).to.be.lessThan(whole / 10);
  });

  it('fetches nothing after a restart, when its data folder has it already', async () => {
    await temp.commit({ 'a.yaml': 'a' });
    await readNow(remote());
    requests();

    const checkout = await readNow(remote());

    expect(textOf(checkout, 'a.yaml')).to.equal('a');
    expect(requests()).to.deep.equal(LOOK);
  });

  it('fetches again what it kept but cannot read any more', async () => {
    await temp.commit({ 'a.yaml': 'a' });
    await readNow(remote());
    const [name = ''] = await readdir(join(dataDir, 'git'));
    const packs = join(dataDir, 'git', name, 'objects/pack');
    for (const file of await readdir(packs)) await truncate(join(packs, file), 50);

    expect(textOf(await readNow(remote()), 'a.yaml')).to.equal('a');
  });

  it('starts over when it has kept many packs', async () => {
    const source = remote();
    for (let round = 0; round < 32; round += 1) {
      await temp.commit({ 'a.yaml': String(round) });
      expect(textOf(await readNow(source), 'a.yaml')).to.equal(String(round));
    }

    const [name = ''] = await readdir(join(dataDir, 'git'));
    const packs = await readdir(join(dataDir, 'git', name, 'objects/pack'));

    expect(packs.length).to.be.lessThan(30);
  }).timeout(120_000);

  describe('refs', () => {
    let first: string;

    beforeEach(async () => {
      first = await temp.commit({ 'a.yaml': '1' });
      await temp.git('tag', 'light');
      await temp.git('tag', '-a', 'heavy', '-m', 'annotated');
      await temp.commit({ 'a.yaml': '2' });
      await temp.git('branch', 'side', first);
      await temp.git('branch', 'main2', first);
    });

    const cases = [
      { ref: 'main', revision: /^main@sha1:/, text: '2' },
      { ref: 'HEAD', revision: /^main@sha1:/, text: '2' },
      { ref: 'side', revision: /^side@sha1:/, text: '1' },
      { ref: 'refs/heads/side', revision: /^side@sha1:/, text: '1' },
      { ref: 'light', revision: /^light@sha1:/, text: '1' },
      { ref: 'heavy', revision: /^heavy@sha1:/, text: '1' },
      { ref: 'refs/tags/heavy', revision: /^heavy@sha1:/, text: '1' },
    ];
    for (const { ref, revision, text } of cases) {
      it(`reads ${ref}`, async () => {
        const checkout = await readNow(remote({ ref }));

        expect(checkout.revision).to.match(revision);
        expect(textOf(checkout, 'a.yaml')).to.equal(text);
      });
    }

    it('reads the commit of an annotated tag that no branch has', async () => {
      await temp.git('checkout', '-q', '--detach');
      await temp.commit({ 'a.yaml': 'tagged' });
      await temp.git('tag', '-a', 'lonely', '-m', 'x');

      expect(textOf(await readNow(remote({ ref: 'lonely' })), 'a.yaml')).to.equal('tagged');
    });

    it('reads a commit without a look', async () => {
      const source = remote({ ref: first });

      const { revision } = await source.resolve({ signal });

      expect(revision).to.equal(`detached@sha1:${first}`);
      expect(requests()).to.deep.equal([]);
      expect(textOf(await source.read(first, { signal }), 'a.yaml')).to.equal('1');
    });

    it('asks for one ref only', async () => {
      await remote({ ref: 'side' }).resolve({ signal });

      expect(requests()).to.deep.equal(LOOK);
      expect(server.counters.bytesSent).to.be.lessThan(500);
    });

    for (const ref of ['nope', 'refs/heads/nope']) {
      it(`misses ${ref}`, async () => {
        const error = await rejection(remote({ ref }).resolve({ signal }));

        expect(error).to.be.instanceOf(GitRefNotFoundError);
      });
    }

    it('misses a commit that is not given in full, and says how to give it', async () => {
      const error = await rejection(remote({ ref: first.slice(0, 9) }).resolve({ signal }));

      expect(error).to.be.instanceOf(GitRefNotFoundError);
      expect((error as Error).message).to.include('a commit has to be given in full');
    });

    it('misses a commit that the server does not have', async () => {
      const error = await rejection(readNow(remote({ ref: '1'.repeat(40) })));

      expect(error).to.be.instanceOf(GitRefNotFoundError);
    });
  });

  it('says that an empty repository has no ref', async () => {
    const error = await rejection(remote().resolve({ signal }));

    expect(error).to.be.instanceOf(GitRefNotFoundError);
  });

  it('says that a folder has vanished', async () => {
    await temp.commit({ 'a.yaml': 'a' });

    const error = await rejection(readNow(remote({ path: 'gone' })));

    expect(error).to.be.instanceOf(GitPathNotFoundError);
  });

  it('refuses a repository whose HEAD names no branch, with the reason', async () => {
    await temp.commit({ 'a.yaml': 'a' });
    await temp.git('symbolic-ref', 'HEAD', 'refs/heads/unborn');

    const error = await rejection(readNow(remote({ ref: 'main' })));

    expect(error).to.be.instanceOf(GitSourceInvalidError);
    expect(error).to.have.property('message').that.contains('HEAD');
  });

  describe('credentials', () => {
    let tokenFile: string;

    beforeEach(async () => {
      await temp.commit({ 'a.yaml': 'a' });
      tokenFile = join(dataDir, 'token');
      await writeFile(tokenFile, 's3cret\n');
      server.credential = 'git:s3cret';
    });

    it('come from a file, with the first request', async () => {
      expect(pathsOf(await readNow(remote({ auth: fromFile(tokenFile) })))).to.deep.equal([
        'a.yaml',
      ]);
      expect(requests()).to.deep.equal([...LOOK, ...LOOK]);
    });

    it('may have a user name', async () => {
      server.credential = 'robot:s3cret';

      const checkout = await readNow(
        remote({ auth: { ...fromFile(tokenFile), username: 'robot' } }),
      );

      expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
    });

    it('may change while we run', async () => {
      const source = remote({ auth: fromFile(tokenFile) });
      await readNow(source);
      server.credential = 'git:rotated';
      const refused = await rejection(source.resolve({ signal }));

      await writeFile(tokenFile, 'rotated');

      expect(refused).to.be.instanceOf(GitAuthError);
      expect(pathsOf(await readNow(source))).to.deep.equal(['a.yaml']);
    });

    it('are missed', async () => {
      expect(await rejection(remote().resolve({ signal }))).to.be.instanceOf(GitAuthError);
    });

    for (const content of [undefined, ' \n']) {
      it(`are ${content === undefined ? 'not there' : 'empty'}`, async () => {
        if (content === undefined) await rm(tokenFile);
        else await writeFile(tokenFile, content);

        const error = await rejection(remote({ auth: fromFile(tokenFile) }).resolve({ signal }));

        expect(error).to.be.instanceOf(CredentialInvalidError);
      });
    }
  });

  describe('what the server answers', () => {
    const cases: readonly {
      name: string;
      fault: GitServerFault;
      want: new (...parts: never[]) => Error;
    }[] = [
      { name: '401', fault: { kind: 'status', status: 401 }, want: GitAuthError },
      { name: '403', fault: { kind: 'status', status: 403 }, want: GitAuthError },
      { name: '404', fault: { kind: 'status', status: 404 }, want: GitSourceInvalidError },
      { name: '410', fault: { kind: 'status', status: 410 }, want: GitSourceInvalidError },
      { name: '429', fault: { kind: 'status', status: 429 }, want: GitUnreachableError },
      { name: '502', fault: { kind: 'status', status: 502 }, want: GitUnreachableError },
      { name: 'nothing', fault: { kind: 'hang-up' }, want: GitUnreachableError },
      {
        name: 'a page',
        fault: { kind: 'text', text: '<p>log in</p>' },
        want: GitSourceInvalidError,
      },
    ];
    for (const { name, fault, want } of cases) {
      for (const on of [/info\/refs/, /\/git-upload-pack$/]) {
        it(`is an error when it is ${name} to ${String(on)}`, async () => {
          await temp.commit({ 'a.yaml': 'a' });
          server.fault = { on, fault };

          const error = await rejection(readNow(remote()));

          expect(error).to.be.instanceOf(want);
          expect(inspect(error, { depth: 10 })).not.to.match(/secret-looking|log in/);
        });
      }
    }

    it('is a broken answer when it ends half way', async () => {
      await temp.commit({ 'a.yaml': 'a' });
      server.fault = { on: /\/git-upload-pack$/, fault: { kind: 'cut-off' } };

      const error = await rejection(remote().resolve({ signal }));

      expect(error).to.be.instanceOf(GitUnreachableError);
    });

    it('is nothing when nobody listens', async () => {
      const source = remote();
      await server.stop();

      expect(await rejection(source.resolve({ signal }))).to.be.instanceOf(GitUnreachableError);
    });
  });

  describe('redirects', () => {
    it('are followed on the same host, and once', async () => {
      await temp.commit({ 'a.yaml': 'a' });
      server.fault = { on: /^\/old/, fault: { kind: 'redirect', from: '/old', to: '/.git' } };

      const checkout = await readNow(open(`${server.url}/old`, { dataDir }));

      expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
      const moved = ['GET /old/info/refs', ...LOOK];
      expect(requests()).to.deep.equal([...moved, ...moved]);
    });

    it('to another host are refused, so that no credential goes there', async () => {
      const other = await startGitServer(temp.root);
      server.fault = { on: ANY, fault: { kind: 'redirect', from: '', to: other.url } };

      const error = await rejection(remote().resolve({ signal }));
      await other.stop();

      expect(error).to.be.instanceOf(GitSourceInvalidError);
      expect(other.requests).to.deep.equal([]);
    });

    it('in circles are refused', async () => {
      server.fault = { on: ANY, fault: { kind: 'redirect', from: '', to: '' } };

      const error = await rejection(remote().resolve({ signal }));

      expect(error).to.be.instanceOf(GitSourceInvalidError);
      expect(requests()).to.have.length(4);
    });
  });

  describe('calling off', () => {
    for (const on of [/info\/refs/, /\/git-upload-pack$/]) {
      it(`ends quietly while ${String(on)} is silent`, async () => {
        await temp.commit({ 'a.yaml': 'a' });
        const controller = new AbortController();
        server.fault = { on, fault: { kind: 'silence' } };
        const pending = rejection(remote().resolve({ signal: controller.signal }));
        await server.asked(on);

        controller.abort();

        expect(await pending).to.have.property('name', 'AbortError');
      });
    }

    it('ends a fetch, and the next one works', async () => {
      await temp.commit({ 'a.yaml': 'a' });
      const source = remote();
      const { commit } = await source.resolve({ signal });
      server.requests.splice(0);
      const controller = new AbortController();
      server.fault = { on: /\/git-upload-pack$/, fault: { kind: 'silence' } };
      const pending = rejection(source.read(commit, { signal: controller.signal }));
      await server.asked(/\/git-upload-pack$/);
      controller.abort();

      expect(await pending).to.have.property('name', 'AbortError');
      server.fault = undefined;
      expect(pathsOf(await source.read(commit, { signal }))).to.deep.equal(['a.yaml']);
    });

    it('gives up by itself on a server that takes too long', async () => {
      const clock = new FakeClock();
      server.fault = { on: ANY, fault: { kind: 'silence' } };
      const pending = rejection(remote({ clock }).resolve({ signal }));
      await server.asked(ANY);

      await clock.advance(300_000);

      expect(await pending).to.be.instanceOf(GitUnreachableError);
      expect(clock.sleeping).to.equal(0);
    });
  });

  describe('over TLS', () => {
    let secure: GitServer;

    beforeEach(async () => {
      await temp.commit({ 'a.yaml': 'a' });
      secure = await startGitServer(temp.root, { cert: TEST_CERTIFICATE, key: TEST_KEY });
    });

    afterEach(() => secure.stop());

    it('trusts the CA file', async () => {
      const caFile = join(dataDir, 'ca.pem');
      await writeFile(caFile, TEST_CERTIFICATE);

      const checkout = await readNow(open(`${secure.url}/.git/`, { network: { caFile } }));

      expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
    });

    it('does not trust a certificate that nobody vouches for', async () => {
      const error = await rejection(readNow(open(`${secure.url}/.git`)));

      expect(error).to.be.instanceOf(GitUnreachableError);
    });

    it('says so when the CA file cannot be read', async () => {
      const source = open(`${secure.url}/.git`, { network: { caFile: join(dataDir, 'gone') } });

      expect(await rejection(readNow(source))).to.be.instanceOf(ConfigError);
    });

    it('is never left by a redirect', async () => {
      const caFile = join(dataDir, 'ca.pem');
      await writeFile(caFile, TEST_CERTIFICATE);
      secure.fault = { on: ANY, fault: { kind: 'redirect', from: '', to: server.url } };

      const error = await rejection(readNow(open(`${secure.url}/.git`, { network: { caFile } })));

      expect(error).to.be.instanceOf(GitSourceInvalidError);
      expect(requests()).to.deep.equal([]);
    });

    it('may be where a redirect leads to', async () => {
      const caFile = join(dataDir, 'ca.pem');
      await writeFile(caFile, TEST_CERTIFICATE);
      server.fault = { on: ANY, fault: { kind: 'redirect', from: '', to: secure.url } };

      expect(pathsOf(await readNow(remote({ network: { caFile } })))).to.deep.equal(['a.yaml']);
    });
  });

  it('says so when the data folder cannot be written', async () => {
    await temp.commit({ 'a.yaml': 'a' });
    const file = join(dataDir, 'file');
    await writeFile(file, '');

    const error = await rejection(readNow(remote({ dataDir: file })));

    expect(error).to.be.instanceOf(ConfigError);
  });
});
