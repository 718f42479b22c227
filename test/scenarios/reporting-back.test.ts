import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import type { FakeForge } from '../support/fake-forges/fake-forge.ts';
import { createFakeGitea } from '../support/fake-forges/fake-gitea.ts';
import { createFakeGithub } from '../support/fake-forges/fake-github.ts';
import { createFakeGitlab } from '../support/fake-forges/fake-gitlab.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { eventually, untilTrue } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';
const PULL = 12;

const shortcut = (mtu: number): string =>
  shortcutFile('rome-milan', {
    clusters: ['rome', 'milan'],
    server: 'milan',
    gateway: { mtu, serviceType: 'LoadBalancer' },
  });

describe('reporting back to the host of the repository', function () {
  this.timeout(300_000);
  let scenario: Scenario;
  let fake: FakeForge;
  let tokenFile: string;
  const log: string[] = [];

  before(async () => {
    scenario = await startScenario({
      leaves: ['rome', 'milan'],
      service: false,
      log: { write: (line) => void log.push(line) },
      flags: { maxDeletions: '0', logLevel: 'debug' },
    });
    tokenFile = join(scenario.dir, 'forge-token');
    await serve(createFakeGithub());
  });
  after(async () => {
    await scenario.stop();
    await fake.stop();
  });
  afterEach(() => {
    expect(fake.violations).to.deep.equal([]);
    expect(log.join('')).not.to.contain(fake.token);
  });

  /** Starts the service with another host. */
  async function serve(next: FakeForge): Promise<void> {
    fake = await next.start();
    fake.mergedBy = () => PULL;
    await writeFile(tokenFile, fake.token);
    await startService();
  }

  async function startService(): Promise<void> {
    await scenario.startService({
      reportTo: fake.kind,
      reportUrl: fake.apiUrl,
      reportRepository: fake.repository,
      reportTokenFile: tokenFile,
      publicUrl: 'https://shortcuts.example',
    });
  }

  /** What is noticed only by silence is told a minute later: 45 s until a word is too old, and 15 s for trouble to last. */
  async function untilStates(commit: string, ...states: readonly string[]): Promise<void> {
    await eventually(
      `${commit} is ${states.join(', ')}`,
      () => {
        const seen = fake.statusesOf(commit);
        const isSo = seen.join() === states.join();
        return Promise.resolve(isSo ? { done: true } : { seen });
      },
      { longestMs: 120_000 },
    );
  }

  it('tells a push as pending, then as success, with one comment', async function () {
    await scenario.world.fault('milan', 'no-load-balancer-address');
    fake.requests.length = 0;

    const commit = await scenario.commit({ [FILE]: shortcut(1300) });

    await untilStates(commit, 'pending');
    await untilTrue('the comment tells what is waited for', () =>
      Promise.resolve(fake.comments.some(({ body }) => body.includes('EndpointPending'))),
    );
    await scenario.world.fault('milan', 'no-load-balancer-address', { on: false });
    await untilStates(commit, 'pending', 'success');
    const comments = fake.comments.map(({ pull, author, body }) => [
      pull,
      author,
      body.includes('1 ready'),
    ]);
    expect(comments).to.deep.equal([[PULL, fake.self, true]]);
    const { forge } = await scenario.snapshot();
    expect(forge?.reported).to.include({ commit, state: 'success' });
    const reads = fake.requests.length - fake.writes().length;
    this.test!.title += ` (${reads} reads, ${fake.writes().length} writes)`;
    expect(await scenario.text('/metrics')).to.match(
      /liqo_shortcuts_forge_requests_total\{operation="status",code="201"\} [1-9]/,
    );
  });

  it('sends nothing but reads after a restart, and only what is new', async () => {
    await scenario.stopService();
    fake.requests.length = 0;

    await startService();
    await untilTrue('it has read what is told', () =>
      Promise.resolve(fake.requests.some(({ path }) => path.endsWith('/comments'))),
    );
    const next = await scenario.commit({});
    await untilStates(next, 'success');

    const [comment] = fake.comments;
    const base = `/api/v3/repos/${fake.repository}`;
    expect(fake.writes()).to.deep.equal([
      `PATCH ${base}/issues/comments/${comment?.id}`,
      `POST ${base}/statuses/${next}`,
    ]);
  });

  it('tells a broken file as a failure of its commit, and the commit that mends it', async () => {
    const broken = await scenario.commit({ 'shortcuts/broken.yaml': 'kind: Shortcut\nspec: [' });
    await untilStates(broken, 'failure');
    expect(fake.comments.at(-1)?.body).to.contain('shortcuts/broken.yaml');

    const mended = await scenario.commit({ 'shortcuts/broken.yaml': undefined });

    await untilStates(mended, 'success');
    await untilStates(broken, 'failure');
  });

  it('tells a leaf that is down once', async () => {
    const commit = await scenario.commit({ [FILE]: shortcut(1310) });
    await eventually('success in the end', () => {
      const seen = fake.statusesOf(commit);
      return Promise.resolve(seen.at(-1) === 'success' ? { done: true } : { seen });
    });
    const before = fake.statusesOf(commit);

    await scenario.world.fault('rome', 'down');

    await untilStates(commit, ...before, 'error');
    await scenario.world.fault('rome', 'down', { on: false });
    await untilStates(commit, ...before, 'error', 'success');
  });

  it('tells a guard that holds', async () => {
    const commit = await scenario.commit({ [FILE]: undefined });

    await untilStates(commit, 'failure');

    expect(fake.statuses.at(-1)?.description).to.contain('held back');
    await scenario.commit({ [FILE]: shortcut(1310) });
  });

  for (const { name, create, mtu } of [
    { name: 'GitLab', create: createFakeGitlab, mtu: 1320 },
    { name: 'Gitea', create: createFakeGitea, mtu: 1330 },
  ]) {
    it(`tells a push to ${name}`, async () => {
      await scenario.stopService();
      await fake.stop();
      await serve(create());

      const commit = await scenario.commit({ [FILE]: shortcut(mtu) });

      await eventually('success in the end', () => {
        const seen = fake.statusesOf(commit);
        return Promise.resolve(seen.at(-1) === 'success' ? { done: true } : { seen });
      });
      expect(fake.comments.map(({ pull }) => pull)).to.deep.equal([PULL]);
    });
  }
});
