import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  ConfigError,
  CredentialInvalidError,
  GitAuthError,
  GitSourceInvalidError,
  GitUnreachableError,
} from '../../../src/errors/errors.ts';
import type { CreateSourceOptions } from '../../../src/git/create-source.ts';
import { createFileTokenSource } from '../../../src/git/auth/file-token-source.ts';
import type { GitAuth } from '../../../src/git/auth/git-auth.ts';
import { GIT_LIMITS, type GitLimits } from '../../../src/git/git-limits.ts';
import type { Source } from '../../../src/git/source.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type GitServer, type GitServerFault, startGitServer } from '../../support/git-server.ts';
import { createTempGit, makeTempDir, type TempGit } from '../../support/temp-git.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../support/test-certificate.ts';
import { open, pathsOf, readNow, rejection, signal } from '../read-source.ts';

describe('Git over HTTP', () => {
  let temp: TempGit;
  let folder: string;
  let server: GitServer;
  let tokenFile: string;

  beforeEach(async () => {
    [temp, folder] = await Promise.all([createTempGit(), makeTempDir()]);
    await temp.commit({ 'a.yaml': 'a' });
    server = await startGitServer(temp.root);
    tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 's3cret\n');
  });

  afterEach(async () => {
    await server.stop();
    await Promise.all([temp.remove(), rm(folder, { recursive: true, force: true })]);
  });

  function auth(more: Partial<GitAuth> = {}): GitAuth {
    return {
      tokens: createFileTokenSource({ file: tokenFile, flag: '--git-token-file' }),
      ...more,
    };
  }

  function remote(options: Partial<CreateSourceOptions> = {}): Source {
    return open(`${server.url}/.git`, { auth: auth(), ...options });
  }

  describe('sends a credential', () => {
    it('as a bearer token', async () => {
      server.bearer = 's3cret';

      const checkout = await readNow(remote({ auth: auth({ scheme: 'bearer' }) }));

      expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
    });

    it('as a bearer token only where a header can carry it', async () => {
      await writeFile(tokenFile, 'two words\r\nX-Evil: yes');

      const error = await rejection(readNow(remote({ auth: auth({ scheme: 'bearer' }) })));

      expect(error).to.be.instanceOf(CredentialInvalidError);
      expect(inspect(error)).not.to.match(/two words|Evil/);
      expect(server.requests).to.deep.equal([]);
    });

    it('again when its file was changed just after it was read', async () => {
      server.credential = 'git:rotated';
      const tokens = createFileTokenSource({ file: tokenFile, flag: '--git-token-file' });
      const changing: GitAuth = {
        tokens: {
          ...tokens,
          token: async (call) => {
            const token = await tokens.token(call);
            await writeFile(tokenFile, 'rotated');
            return token;
          },
        },
      };

      expect(pathsOf(await readNow(remote({ auth: changing })))).to.deep.equal(['a.yaml']);
    });

    it('never in plain, but on this machine', () => {
      for (const host of ['git.example', '127.0.0.1.example', 'localhost.example', '128.0.0.1']) {
        expect(() => open(`http://${host}/x`, { auth: auth() }), host).to.throw(ConfigError);
        expect(() => open(`http://${host}/x`), host).not.to.throw();
        expect(() => open(`https://${host}/x`, { auth: auth() }), host).not.to.throw();
      }
      for (const host of [
        'localhost',
        'git.localhost',
        '127.1.2.3',
        '[::1]',
        '127.1',
        '0x7f000001',
      ]) {
        expect(() => open(`http://${host}:1/x`, { auth: auth() }), host).not.to.throw();
      }
    });
  });

  describe('does not follow a redirect', () => {
    let other: GitServer;

    beforeEach(async () => {
      other = await startGitServer(temp.root);
      server.credential = 'git:s3cret';
    });

    afterEach(() => other.stop());

    const port = (url: string) => new URL(url).port;
    const rows: readonly { readonly name: string; readonly to: () => string }[] = [
      { name: 'to another port', to: () => `${other.url}/.git/info/refs` },
      { name: 'to another name of the host', to: () => `http://localhost:${port(other.url)}/.git` },
      { name: 'to another host', to: () => 'http://git.example/.git/info/refs' },
      { name: 'to a subdomain', to: () => `http://sub.127.0.0.1.example:${port(server.url)}/` },
      { name: 'without a scheme', to: () => `//127.0.0.1:${port(other.url)}/.git/info/refs` },
      { name: 'with backslashes', to: () => `\\\\127.0.0.1:${port(other.url)}\\.git` },
      {
        name: 'to another host behind our name',
        to: () =>
          `http://127.0.0.1:${port(server.url)}@127.0.0.1:${port(other.url)}/.git/info/refs`,
      },
      { name: 'with a user', to: () => `http://x@127.0.0.1:${port(server.url)}/.git/info/refs` },
      { name: 'to another protocol', to: () => 'file:///etc/passwd' },
      { name: 'to what is no address', to: () => 'http://[' },
    ];
    for (const { name, to } of rows) {
      it(`${name}, and the credential goes nowhere`, async () => {
        server.fault = { on: /./, fault: { kind: 'location', location: to() } };

        const error = await rejection(readNow(remote()));

        expect(error).to.be.instanceOf(GitSourceInvalidError);
        expect(server.requests).to.have.length(1);
        expect(other.requests).to.deep.equal([]);
      });
    }

    for (const status of [301, 302, 303, 307, 308]) {
      it(`of what it has sent (${status}), not even on the same host`, async () => {
        const fault = { kind: 'location', location: '/.git/git-upload-pack', status } as const;
        server.fault = { on: /\/git-upload-pack$/, fault };

        const error = await rejection(readNow(remote()));

        expect(error).to.be.instanceOf(GitSourceInvalidError);
        expect(server.requests).to.have.length(2);
      });
    }

    it('that comes back by way of another server', async () => {
      const back = { kind: 'redirect', from: '', to: server.url } as const;
      other.fault = { on: /./, fault: back };
      server.fault = { on: /./, fault: { kind: 'redirect', from: '', to: other.url } };

      const error = await rejection(readNow(remote()));

      expect(error).to.be.instanceOf(GitSourceInvalidError);
      expect(other.requests).to.deep.equal([]);
    });

    describe('with TLS', () => {
      let secure: GitServer;
      let network: CreateSourceOptions['network'];

      beforeEach(async () => {
        const caFile = join(folder, 'ca.pem');
        await writeFile(caFile, TEST_CERTIFICATE);
        network = { caFile };
        secure = await startGitServer(temp.root, { cert: TEST_CERTIFICATE, key: TEST_KEY });
      });

      afterEach(() => secure.stop());

      it('away from it', async () => {
        secure.fault = { on: /./, fault: { kind: 'redirect', from: '', to: server.url } };

        const error = await rejection(
          readNow(open(`${secure.url}/.git`, { auth: auth(), network })),
        );

        expect(error).to.be.instanceOf(GitSourceInvalidError);
        expect(server.requests).to.deep.equal([]);
      });

      it('from one port to another', async () => {
        const another = await startGitServer(temp.root, { cert: TEST_CERTIFICATE, key: TEST_KEY });
        secure.fault = { on: /./, fault: { kind: 'redirect', from: '', to: another.url } };

        const error = await rejection(readNow(open(`${secure.url}/.git`, { network }))).finally(
          () => another.stop(),
        );

        expect(error).to.be.instanceOf(GitSourceInvalidError);
        expect(another.requests).to.deep.equal([]);
      });

      it('with its credential, when it leads to TLS on this machine', async () => {
        secure.credential = 'git:s3cret';
        server.fault = { on: /./, fault: { kind: 'redirect', from: '', to: secure.url } };

        const error = await rejection(readNow(remote({ network })));

        expect(error).to.be.instanceOf(GitAuthError);
        expect(secure.credentialsSeen).to.deep.equal([undefined]);
      });
    });
  });

  describe('does not wait for ever', () => {
    const short = (more: Partial<GitLimits>) => ({ limits: { ...GIT_LIMITS, ...more } });

    for (const on of [/info\/refs/, /\/git-upload-pack$/]) {
      it(`for a server that is silent, at ${String(on)}`, async () => {
        server.fault = { on, fault: { kind: 'silence' } };

        const error = await rejection(readNow(remote({ network: short({ silenceMs: 100 }) })));

        expect(error).to.be.instanceOf(GitUnreachableError);
        expect(error).to.have.property('message').that.contains('silent');
      });

      it(`for one that sends a byte now and then, at ${String(on)}`, async () => {
        const clock = new FakeClock();
        server.fault = { on, fault: { kind: 'drip' } };
        const pending = rejection(readNow(remote({ clock })));
        await server.asked(on);

        await clock.advance(300_000);

        expect(await pending).to.be.instanceOf(GitUnreachableError);
        expect(clock.sleeping).to.equal(0);
      });

      it(`for the end of an answer without one, at ${String(on)}`, async () => {
        server.fault = { on, fault: { kind: 'flood' } };

        const error = await rejection(readNow(remote({ network: short({ maxBytes: 1_000_000 }) })));

        expect(error).to.be.instanceOf(GitSourceInvalidError);
      });
    }

    describe('for a connection', () => {
      let mute: Server;
      const sockets: Socket[] = [];

      beforeEach(async () => {
        mute = createServer((socket) => sockets.push(socket));
        mute.listen(0, '127.0.0.1');
        await once(mute, 'listening');
      });

      afterEach(() => {
        for (const socket of sockets.splice(0)) socket.destroy();
        mute.close();
      });

      const urlOf = () => {
        const address = mute.address();
        return `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/x`;
      };

      it('whose TLS never finishes', async () => {
        const source = open(urlOf(), { network: short({ connectMs: 100 }) });

        const error = await rejection(source.resolve({ signal }));

        expect(error).to.be.instanceOf(GitUnreachableError);
        expect(error).to.have.nested.property('details.cause', 'UND_ERR_CONNECT_TIMEOUT');
      });

      it('when it is called off before there is one', async () => {
        const controller = new AbortController();
        const network = short({ connectMs: 3_600_000 });
        const pending = rejection(open(urlOf(), { network }).resolve(controller));
        await once(mute, 'connection');

        controller.abort();

        expect(await pending).to.have.property('name', 'AbortError');
      });
    });
  });

  describe('takes half a pack', () => {
    const ends: readonly {
      readonly end: Extract<GitServerFault, { kind: 'half' }>['end'];
      readonly want: new (...parts: never[]) => Error;
    }[] = [
      { end: 'broken', want: GitUnreachableError },
      { end: 'well', want: GitUnreachableError },
    ];
    for (const { end, want } of ends) {
      it(`for none when the answer ends ${end}, and gets the whole one next time`, async () => {
        const bulk = Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 65_536);
        await temp.commit({ 'bulk.bin': Buffer.from(Uint16Array.from(bulk).buffer) });
        const source = remote({ dataDir: folder });
        const { commit } = await source.resolve({ signal });
        server.fault = { on: /\/git-upload-pack$/, fault: { kind: 'half', end } };

        const error = await rejection(source.read(commit, { signal }));
        server.fault = undefined;

        expect(error).to.be.instanceOf(want);
        expect(pathsOf(await source.read(commit, { signal }))).to.deep.equal(['a.yaml']);
      });
    }
  });
});
