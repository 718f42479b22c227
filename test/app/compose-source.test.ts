import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { composeSource } from '../../src/app/compose-source.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { GivenFlags } from '../../src/config/flag-reader.ts';
import type { Checkout } from '../../src/git/source.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type FakeGitHubApi, startFakeGitHubApi } from '../support/fake-github-api.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { makeTempDir, runGit } from '../support/temp-git.ts';

const { signal } = new AbortController();

describe('The source that the flags name', () => {
  let folder: string;
  let server: GitServer;
  let github: FakeGitHubApi;

  beforeEach(async () => {
    folder = await makeTempDir();
    await runGit(folder, ['init', '-q', '-b', 'main', 'acme/fleet']);
    await writeFile(join(folder, 'acme/fleet/a.yaml'), 'a');
    await runGit(join(folder, 'acme/fleet'), ['add', '-A']);
    await runGit(join(folder, 'acme/fleet'), ['commit', '-q', '-m', 'change']);
    await runGit(folder, ['clone', '-q', '--bare', 'acme/fleet', 'acme/fleet.git']);
    await rm(join(folder, 'acme/fleet'), { recursive: true });
    server = await startGitServer(folder);
    github = await startFakeGitHubApi(systemClock);
  });

  afterEach(async () => {
    await Promise.all([server.stop(), github.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  async function file(name: string, content: string): Promise<string> {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  }

  async function read(flags: GivenFlags): Promise<Checkout> {
    const given = { source: `${server.url}/acme/fleet.git`, ...flags };
    const config = loadConfig(given, {}, { read: () => '' });
    if (config.source === undefined) throw new Error('there is no source');
    const source = composeSource(config.source, config);
    const { commit } = await source.resolve({ signal });
    return source.read(commit, { signal });
  }

  it('is read as a GitHub App', async () => {
    server.credential = 'x-access-token:ghs_token-0';

    const { files } = await read({
      gitAppId: '4711',
      gitAppKeyFile: await file('app.pem', github.privateKey),
      gitAppApiUrl: github.url.href,
    });

    expect(files.map(({ path }) => path)).to.deep.equal(['a.yaml']);
    expect(github.requests.at(-1)?.body).to.deep.equal({
      repositories: ['fleet'],
      permissions: { contents: 'read' },
    });
  });

  it('is read with a bearer token', async () => {
    server.bearer = 's3cret';

    const { files } = await read({
      gitTokenFile: await file('token', 's3cret'),
      gitAuth: 'bearer',
    });

    expect(files).to.have.length(1);
  });

  it('is read with the token of a user', async () => {
    server.credential = 'robot:s3cret';

    const { files } = await read({
      gitTokenFile: await file('token', 's3cret'),
      gitUsername: 'robot',
    });

    expect(files).to.have.length(1);
  });
});
