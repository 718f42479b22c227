import { generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
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
import { githubApiUrl } from '../../../src/git/auth/github-api-url.ts';
import {
  createGitHubAppTokenSource,
  type GitHubAppOptions,
} from '../../../src/git/auth/github-app.ts';
import type { TokenSource } from '../../../src/git/auth/token-source.ts';
import {
  type FakeGitHubApi,
  type GitHubFault,
  startFakeGitHubApi,
} from '../../support/fake-github-api.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type GitServer, startGitServer } from '../../support/git-server.ts';
import { createTempGit, makeTempDir, type TempGit } from '../../support/temp-git.ts';
import { open, pathsOf, readNow, rejection, signal } from '../read-source.ts';

const MINUTE_MS = 60_000;

describe('a token of a GitHub App', () => {
  let folder: string;
  let keyFile: string;
  let github: FakeGitHubApi;
  let theirs: FakeClock;
  let ours: FakeClock;

  beforeEach(async () => {
    [theirs, ours] = [new FakeClock(), new FakeClock()];
    folder = await makeTempDir();
    github = await startFakeGitHubApi(theirs);
    keyFile = join(folder, 'app.pem');
    await writeFile(keyFile, github.privateKey);
  });

  afterEach(async () => {
    await github.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function app(options: Partial<GitHubAppOptions> = {}): TokenSource {
    return createGitHubAppTokenSource({
      appId: '4711',
      keyFile,
      apiUrl: github.url,
      repository: new URL('https://git.example/acme/fleet.git'),
      permissions: { contents: 'read' },
      network: {},
      clock: ours,
      ...options,
    });
  }

  async function advance(ms: number): Promise<void> {
    await Promise.all([theirs.advance(ms), ours.advance(ms)]);
  }

  /** What the API was asked since the last call. */
  function lines(): readonly string[] {
    return github.requests.splice(0).map(({ line }) => line.replace('/api/v3', ''));
  }

  const FIND = 'GET /repos/acme/fleet/installation';
  const MAKE = 'POST /app/installations/99/access_tokens';

  it('is for that repository and those permissions alone', async () => {
    const token = await app().token({ signal });

    expect(token).to.equal('ghs_token-0');
    expect(github.requests.at(-1)?.body).to.deep.equal({
      repositories: ['fleet'],
      permissions: { contents: 'read' },
    });
    expect(lines()).to.deep.equal([FIND, MAKE]);
  });

  it('needs no look-up where the installation is given', async () => {
    await app({ installationId: '99' }).token({ signal });

    expect(lines()).to.deep.equal([MAKE]);
  });

  it('is kept until shortly before it expires', async () => {
    const tokens = app();
    const first = await tokens.token({ signal });
    await advance(54 * MINUTE_MS);
    const kept = await tokens.token({ signal });
    await advance(2 * MINUTE_MS);
    const renewed = await tokens.token({ signal });

    expect([first, kept, renewed]).to.deep.equal(['ghs_token-0', 'ghs_token-0', 'ghs_token-1']);
    expect(lines()).to.deep.equal([FIND, MAKE, MAKE]);
  });

  it('is another one after a refusal, and the same for whoever was refused an older one', async () => {
    const tokens = app();
    const refused = await tokens.token({ signal });

    const another = await tokens.another(refused, { signal });
    const same = await tokens.another(refused, { signal });

    expect([another, same]).to.deep.equal(['ghs_token-1', 'ghs_token-1']);
  });

  it('is asked of the new installation when the app was installed anew', async () => {
    const tokens = app();
    await tokens.token({ signal });
    github.installations.set('acme/fleet', 100);
    await advance(60 * MINUTE_MS);

    expect(await rejection(tokens.token({ signal }))).to.be.instanceOf(GitAuthError);
    expect(await tokens.token({ signal })).to.equal('ghs_token-1');
  });

  it('is made with the key that the file holds now', async () => {
    const tokens = app();
    await writeFile(keyFile, 'not yet');
    const early = await rejection(tokens.token({ signal }));
    await writeFile(keyFile, github.privateKey);

    expect(early).to.be.instanceOf(CredentialInvalidError);
    expect(await tokens.token({ signal })).to.equal('ghs_token-0');
  });

  it('is asked of the API that goes with the host', () => {
    const url = new URL('https://git.example:8443/acme/fleet');

    expect(githubApiUrl(url).href).to.equal('https://git.example:8443/api/v3');
    expect(githubApiUrl(new URL('https://github.com/acme/fleet')).href).to.equal(
      'https://api.github.com/',
    );
    expect(githubApiUrl(new URL('https://acme.ghe.com/acme/fleet')).href).to.equal(
      'https://api.acme.ghe.com/',
    );
  });

  describe('is refused', () => {
    const OTHER = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const encoding = { type: 'pkcs8', format: 'pem' } as const;
    const keys: readonly { readonly name: string; readonly key: string | undefined }[] = [
      { name: 'missing', key: undefined },
      { name: 'empty', key: '' },
      {
        name: 'no key',
        key: '-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----',
      },
      {
        name: 'of another kind',
        key: generateKeyPairSync('ed25519').privateKey.export(encoding).toString(),
      },
      {
        name: 'behind a passphrase',
        key: OTHER.export({ ...encoding, cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      },
    ];
    for (const { name, key } of keys) {
      it(`before anything is asked when the key is ${name}, without a word of it`, async () => {
        if (key === undefined) await rm(keyFile);
        else await writeFile(keyFile, key);

        const error = await rejection(app().token({ signal }));

        expect(error).to.be.instanceOf(CredentialInvalidError);
        expect(inspect(error, { depth: 10 })).to.contain('--git-app-key-file');
        expect(inspect(error, { depth: 10 })).not.to.match(/hunter2|PRIVATE KEY/);
        expect(lines()).to.deep.equal([]);
      });
    }

    it("for another app's key", async () => {
      await writeFile(keyFile, OTHER.export(encoding));

      const error = await rejection(app().token({ signal }));

      expect(error).to.be.instanceOf(GitAuthError).with.property('message').that.contains('belong');
      expect(error).to.have.nested.property('details.skewSeconds', 0);
    });

    for (const [direction, seconds] of [
      ['ahead', 1200],
      ['behind', -1200],
    ] as const) {
      it(`with the clock as the cause when it is ${direction}`, async () => {
        await (seconds > 0 ? ours : theirs).advance(1_200_000);

        const error = await rejection(app().token({ signal }));

        expect(error).to.be.instanceOf(GitAuthError);
        expect(error).to.have.nested.property('details.skewSeconds', seconds);
        expect(error).to.have.property('message').that.contains('clock');
      });
    }

    it('to an app that is not installed for the repository', async () => {
      github.installations.clear();

      const error = await rejection(app().token({ signal }));

      expect(error).to.be.instanceOf(GitAuthError);
      expect(error).to.have.property('message').that.contains('not installed');
    });

    it('to an installation without the repository', async () => {
      github.installations.clear();
      github.installations.set('acme/other', 99);

      const error = await rejection(app({ installationId: '99' }).token({ signal }));

      expect(error).to.be.instanceOf(GitAuthError);
      expect(error).to.have.nested.property('details.status', 422);
    });

    const answers: readonly {
      readonly name: string;
      readonly fault: Omit<GitHubFault, 'on'>;
      readonly want: new (...parts: never[]) => Error;
    }[] = [
      { name: '403, suspended', fault: { status: 403 }, want: GitAuthError },
      {
        name: '403, too many requests',
        fault: { status: 403, headers: { 'x-ratelimit-remaining': '0' } },
        want: GitUnreachableError,
      },
      {
        name: '403, too many at once',
        fault: { status: 403, headers: { 'retry-after': '60' } },
        want: GitUnreachableError,
      },
      { name: '422', fault: { status: 422 }, want: GitAuthError },
      { name: '429', fault: { status: 429 }, want: GitUnreachableError },
      { name: '502', fault: { status: 502 }, want: GitUnreachableError },
      { name: '418', fault: { status: 418 }, want: GitSourceInvalidError },
      { name: 'a page', fault: { status: 200, body: '<p>log in' }, want: GitSourceInvalidError },
      {
        name: 'no token',
        fault: { status: 201, body: '{"token":1}' },
        want: GitSourceInvalidError,
      },
      { name: 'null', fault: { status: 201, body: 'null' }, want: GitSourceInvalidError },
      {
        name: 'no end',
        fault: { status: 201, body: '{"token":"secret-looking","expires_at":"soon"}' },
        want: GitSourceInvalidError,
      },
    ];
    for (const { name, fault, want } of answers) {
      it(`when the answer is ${name}, which is not repeated`, async () => {
        github.fault = { on: /access_tokens/, ...fault };

        const error = await rejection(app().token({ signal }));

        expect(error).to.be.instanceOf(want);
        expect(inspect(error, { depth: 10 })).not.to.match(/secret-looking|log in|Bearer|ey[A-Z]/);
      });
    }

    it('for a repository that has moved, and the app does not follow with its word', async () => {
      const location = `${github.url.origin}/api/v3/repositories/1/installation`;
      github.fault = { on: /\/repos\//, status: 301, headers: { location } };

      const error = await rejection(app().token({ signal }));

      expect(error).to.be.instanceOf(GitAuthError).with.property('message').that.contains('moved');
      expect(lines()).to.deep.equal([FIND]);
    });

    it('when what answers the look-up is not GitHub', async () => {
      github.fault = { on: /\/repos\//, status: 200, body: '{"id":"99/../../user"}' };

      expect(await rejection(app().token({ signal }))).to.be.instanceOf(GitSourceInvalidError);
      expect(lines()).to.deep.equal([FIND]);
    });

    it('when it is called off', async () => {
      const controller = new AbortController();
      controller.abort();

      const error = await rejection(app().token({ signal: controller.signal }));

      expect(error).to.have.property('name', 'AbortError');
    });

    for (const [name, options] of [
      ['an API in plain', { apiUrl: new URL('http://git.example/api/v3') }],
      ['a source that is no repository', { repository: new URL('https://git.example/fleet') }],
      ['a source below others', { repository: new URL('https://git.example/a/b/fleet') }],
    ] as const) {
      it(`at once for ${name}`, () => {
        expect(() => app(options)).to.throw(ConfigError);
      });
    }
  });

  describe('at the Git server', () => {
    let temp: TempGit;
    let server: GitServer;

    beforeEach(async () => {
      temp = await createTempGit();
      server = await startGitServer(temp.root);
      server.credential = 'x-access-token:ghs_token-0';
      await temp.commit({ 'a.yaml': 'a' });
    });

    afterEach(async () => {
      await server.stop();
      await temp.remove();
    });

    const withTokens = (tokens: TokenSource) =>
      open(`${server.url}/.git`, { auth: { tokens, username: 'x-access-token' } });

    it('opens the repository', async () => {
      expect(pathsOf(await readNow(withTokens(app())))).to.deep.equal(['a.yaml']);
      expect(github.tokens).to.have.length(1);
    });

    it('is replaced once when it is revoked in the middle', async () => {
      const source = withTokens(app());
      const { commit } = await source.resolve({ signal });
      server.credential = 'x-access-token:ghs_token-1';

      const checkout = await source.read(commit, { signal });

      expect(pathsOf(checkout)).to.deep.equal(['a.yaml']);
      expect(github.tokens).to.have.length(2);
    });

    it('is replaced once only, and then it is an error', async () => {
      server.credential = 'x-access-token:never';

      const error = await rejection(readNow(withTokens(app())));

      expect(error).to.be.instanceOf(GitAuthError);
      expect(github.tokens).to.have.length(2);
      expect(server.requests).to.have.length(2);
    });
  });
});
