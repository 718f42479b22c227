import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { SHORTCUT } from '../../src/model/kinds.ts';
import { behindProxy } from '../support/behind-proxy.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { HOOK_HOSTS, type HookDelivery } from '../support/hook-deliveries.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { findObject, specOf } from '../support/scenario-objects.ts';
import { createScenarioServer } from '../support/scenario-servers.ts';
import { eventually, untilTrue } from '../support/scenario-wait.ts';

const FILE = 'shortcuts/rome-milan.yaml';
const SECRET = 'webhook-secret';
const [GITHUB] = HOOK_HOSTS;

describe('webhooks, where no poll ever comes', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  let server: GitServer;
  let secretFile: string;
  let mtu = 1300;
  /** The main cluster fails to write Shortcuts. */
  let isRefusing = false;

  before(async () => {
    scenario = await startScenario({
      leaves: ['rome', 'milan'],
      service: false,
      createServer: (options) =>
        behindProxy(createScenarioServer(options), (cluster, { method, path }) => {
          return isRefusing &&
            cluster === 'main' &&
            method === 'PATCH' &&
            path.includes('shortcuts/rome')
            ? { kind: 'answer', status: 500, body: '{}' }
            : { kind: 'pass' };
        }),
    });
    await scenario.commit({ 'leaves/rome.yaml': leafFile('rome') });
    server = await startGitServer(scenario.dir);
    secretFile = join(scenario.dir, 'webhook-secret');
    await writeFile(secretFile, `${SECRET}\n`);
    await push();
    await scenario.startService({
      source: `${server.url}/repository/.git`,
      ref: 'main',
      poll: '1h',
      webhookSecretFile: secretFile,
    });
    await untilMirrored();
    await scenario.ready('rome-milan');
  });
  after(async () => {
    await scenario.stop();
    await server.stop();
  });

  /** Another wish in the repository, of which nobody is told. */
  async function push(): Promise<void> {
    mtu += 1;
    const { repositoryDir } = scenario.world;
    await mkdir(join(repositoryDir, 'shortcuts'), { recursive: true });
    const clusters: [string, string] = ['rome', 'milan'];
    await writeFile(
      join(repositoryDir, FILE),
      shortcutFile('rome-milan', { clusters, gateway: { mtu } }),
    );
    await scenario.git('add', '-A');
    await scenario.git('commit', '-q', '-m', 'Another wish');
  }

  async function mirrored() {
    return findObject(scenario.main(), SHORTCUT, 'liqo-shortcuts/rome-milan');
  }

  async function untilMirrored(): Promise<void> {
    await eventually(`the MTU is ${mtu}`, async () => {
      const found = await mirrored();
      const seen = found && (specOf(found)['gateway'] as { mtu?: number }).mtu;
      return seen === mtu ? { done: true } : { seen };
    });
  }

  function aPush(secret = SECRET, ref = 'refs/heads/main'): HookDelivery {
    return GITHUB!.push(ref, secret);
  }

  /** Sends a webhook, and answers with what the Git server was asked for it. */
  async function requestsFor(delivery: HookDelivery): Promise<readonly string[]> {
    const before = await scenario.snapshot();
    server.requests.length = 0;
    expect(await scenario.hook(delivery)).to.equal(202);
    await untilTrue('the source was looked at', async () => {
      const { source } = await scenario.snapshot();
      return source?.lastPollAt !== before.source?.lastPollAt;
    });
    return [...server.requests];
  }

  for (const { name, push: pushOf } of HOOK_HOSTS) {
    it(`bring a push that ${name} tells of to the main cluster`, async () => {
      await push();

      expect(await scenario.hook(pushOf('refs/heads/main', SECRET))).to.equal(202);

      await untilMirrored();
    });
  }

  it('do no harm when they are sent again', async () => {
    await push();
    expect(await scenario.hook(aPush())).to.equal(202);
    await untilMirrored();
    const before = (await mirrored())?.['spec'];
    const { source } = await scenario.snapshot();

    for (let time = 0; time < 3; time += 1) await requestsFor(aPush());

    expect((await mirrored())?.['spec']).to.deep.equal(before);
    const { revisionApplied, held, problems } = (await scenario.snapshot()).source!;
    expect(revisionApplied).to.equal(source?.revisionApplied);
    expect([held, problems]).to.deep.equal([[], []]);
  });

  it('fetch nothing for a push to another branch', async () => {
    const forNothing = await requestsFor(aPush());
    await scenario.git('branch', '-f', 'other');
    await scenario
      .git('commit-tree', '-m', 'Elsewhere', 'HEAD^{tree}', '-p', 'HEAD')
      .then((id) => scenario.git('update-ref', 'refs/heads/other', id));

    const forAnother = await requestsFor(aPush(SECRET, 'refs/heads/other'));
    await push();
    const forOurs = await requestsFor(aPush());

    expect(forAnother).to.deep.equal(forNothing);
    expect(forOurs.length).to.be.greaterThan(forNothing.length);
  });

  it('are one look that runs and one that waits, however many they are, and none is lost', async () => {
    const forNothing = await requestsFor(aPush());
    await push();
    const gate = Promise.withResolvers<undefined>();
    server.requests.length = 0;
    // The look-up goes through, and the fetch that follows it waits: this pass will not see the next commit.
    server.gate = async () => {
      if (server.requests.length > forNothing.length) await gate.promise;
    };
    expect(await scenario.hook(aPush())).to.equal(202);
    const isFetching = () => server.requests.length > forNothing.length;
    await untilTrue('it fetches', () => Promise.resolve(isFetching()));

    await push();
    const answers = await Promise.all(Array.from({ length: 50 }, () => scenario.hook(aPush())));
    const during = server.requests.length;
    gate.resolve(undefined);
    await untilMirrored();
    const after = [...server.requests];

    expect(new Set(answers)).to.deep.equal(new Set([202]));
    expect(during, 'nothing runs beside it').to.equal(forNothing.length + 1);
    // Each of the two found something new, for which it looked and fetched.
    expect(after.length).to.equal(4 * forNothing.length);
    expect(await requestsFor(aPush()), 'nothing waits any more').to.deep.equal(forNothing);
  });

  it('are known by the secret of now, without a restart', async () => {
    await writeFile(secretFile, `${SECRET}\nanother-secret\n`);
    expect(await scenario.hook(aPush())).to.equal(202);
    expect(await scenario.hook(aPush('another-secret'))).to.equal(202);

    await writeFile(secretFile, 'another-secret\n');
    expect(await scenario.hook(aPush())).to.equal(401);
    expect(await scenario.hook(aPush('another-secret'))).to.equal(202);
    await writeFile(secretFile, SECRET);
  });

  it('are not lost when the Git server fails just then', async () => {
    await push();
    server.fault = { on: /./, fault: { kind: 'status', status: 503 } };
    expect(await scenario.hook(aPush())).to.equal(202);
    await untilTrue('it is told', async () => {
      return (await scenario.snapshot()).source?.error?.code === 'GIT_UNREACHABLE';
    });

    server.fault = undefined;

    await untilMirrored();
  });

  it('are not lost when the main cluster takes no write just then', async () => {
    await push();
    isRefusing = true;
    expect(await scenario.hook(aPush())).to.equal(202);
    await untilTrue('it is told', async () => {
      const code = (await scenario.snapshot()).source?.error?.code;
      return code !== undefined && !code.startsWith('GIT_');
    });

    isRefusing = false;

    await untilMirrored();
  });
});
