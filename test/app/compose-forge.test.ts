import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { composeForge } from '../../src/app/compose-forge.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { GivenFlags } from '../../src/config/flag-reader.ts';
import type { MainCluster } from '../../src/reconcile/main-cluster.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { createMemories } from '../../src/status/shortcut-memory.ts';
import { createFakeGithub } from '../support/fake-forges/fake-github.ts';
import { startFakeGitHubApi } from '../support/fake-github-api.ts';
import { eventually } from '../support/scenario-wait.ts';
import { makeTempDir } from '../support/temp-git.ts';

const COMMIT = 'a'.repeat(40);

function compose(flags: GivenFlags) {
  const config = loadConfig(flags, {}, { read: () => 'content' });
  const main: Partial<MainCluster> = {
    failure: () => undefined,
    shortcuts: () => [],
    leafClusters: () => [],
  };
  const engine = { main: main as MainCluster, memories: createMemories() };
  return composeForge({ config, logger: silentLogger }, engine, () => 'torino');
}

describe('composeForge', () => {
  it('makes nothing where nobody asks for it', async () => {
    expect(await compose({ source: 'https://github.com/fleet/shortcuts' })).to.equal(undefined);
  });

  it('reports by a token of the GitHub App that may do that and nothing else', async function () {
    this.timeout(30_000);
    const dir = await makeTempDir();
    const app = await startFakeGitHubApi(systemClock);
    const fake = await createFakeGithub().start();
    const keyFile = join(dir, 'app.pem');
    await writeFile(keyFile, app.privateKey);
    app.installations.set(fake.repository, 99);
    fake.fault = () => {
      fake.token = app.tokens.at(-1) ?? '';
      return undefined;
    };
    const reporter = await compose({
      ...{ source: `https://github.com/${fake.repository}`, reportTo: 'github' },
      ...{ gitAppId: '4711', gitAppKeyFile: keyFile, gitAppApiUrl: app.url.href },
      reportUrl: fake.apiUrl,
    });
    const revision = `main@sha1:${COMMIT}`;

    reporter?.start();
    reporter?.passed({
      report: { revision, plan: { held: [], guards: [] } },
      source: { revisionAttempted: revision, revisionApplied: revision },
      removed: [],
    });

    await eventually('it is told', () => {
      const seen = [fake.statusesOf(COMMIT), reporter?.snapshot().error, app.requests];
      return Promise.resolve(fake.statuses.length > 0 ? { done: true } : { seen });
    });
    await reporter?.stop();
    const asked = app.requests.map(({ body }) => body).filter((body) => body !== undefined);
    expect(asked).to.deep.equal([
      {
        repositories: ['shortcuts'],
        permissions: { statuses: 'write', pull_requests: 'write' },
      },
    ]);
    await fake.stop();
    await app.stop();
    await rm(dir, { recursive: true });
  });
});
