import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { SHORTCUT } from '../../src/model/kinds.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { eventually, signal } from '../support/scenario-wait.ts';
import { makeSshKey, type SshGitServer, startSshGitServer } from '../support/ssh-git-server.ts';

describe('a repository that is read over SSH', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  let server: SshGitServer;
  const keyFile = () => join(scenario.dir, 'ssh-key');
  const knownHostsFile = () => join(scenario.dir, 'known_hosts');

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ service: false });
    await scenario.commit({
      'leaves/rome.yaml': leafFile('rome'),
      'leaves/milan.yaml': leafFile('milan'),
      'leaves/naples.yaml': leafFile('naples'),
      'shortcuts/rome-milan.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
    });
    server = await startSshGitServer(scenario.dir);
    await writeFile(keyFile(), server.clientKey.private, { mode: 0o440 });
    await writeFile(knownHostsFile(), server.knownHosts());
    await scenario.startService({
      source: `ssh://git@127.0.0.1:${server.port}${scenario.dir}/repository/.git`,
      ref: 'main',
      gitSshKeyFile: keyFile(),
      gitKnownHostsFile: knownHostsFile(),
      dataDir: join(scenario.dir, 'data'),
    });
  });
  after(async () => {
    await scenario.stop();
    await server.stop();
  });

  async function shortcuts(): Promise<readonly string[]> {
    const { items } = await scenario.main().list(SHORTCUT, { signal });
    return items.map(({ metadata }) => metadata.name).sort();
  }

  it('is followed from a push to a tunnel', async () => {
    await scenario.ready('rome-milan');

    const further = shortcutFile('milan-naples', { clusters: ['milan', 'naples'] });
    await scenario.commit({ 'shortcuts/milan-naples.yaml': further });

    await scenario.ready('rome-milan', 'milan-naples');
  });

  it('is not followed while its host cannot prove who it is, and nothing is taken away', async () => {
    await writeFile(knownHostsFile(), `[127.0.0.1]:${server.port} ${makeSshKey().public}\n`);
    await scenario.commit({ 'shortcuts/milan-naples.yaml': undefined });

    const error = await eventually('the trouble is told', async () => {
      const { source } = await scenario.snapshot();
      return source?.error === undefined ? { seen: source } : { done: source.error };
    });

    expect(error.code).to.equal('GIT_HOST_KEY');
    expect(error.message).to.include('SHA256:');
    expect(await shortcuts()).to.deep.equal(['milan-naples', 'rome-milan']);
    await scenario.ready('rome-milan', 'milan-naples');
  });

  it('is followed again with the right key of the host', async () => {
    await writeFile(knownHostsFile(), server.knownHosts());
    scenario.look();

    await scenario.gone('milan-naples');

    await scenario.ready('rome-milan');
  });
});
