import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'chai';

import { SHORTCUT } from '../../src/model/kinds.ts';
import { behindProxy } from '../support/behind-proxy.ts';
import { randomFates } from '../support/random-fates.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { type ProgramProcess, startProgram } from '../support/scenario-process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { objectsOn, ownObjectsOn } from '../support/scenario-objects.ts';
import { createScenarioServer } from '../support/scenario-servers.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const LEAVES = ['rome', 'milan'];
const FILE = 'shortcuts/rome-milan.yaml';
/** Kills in each of the two halves of a cycle. */
const KILLS = 2;
/** A connection takes some 17 writes to make and about 10 to take away; after a kill there are fewer left. */
const MOST_WRITES = 8;
const MOST_DELAY_MS = 15;

const seed = Number(process.env['SCENARIO_SEED'] ?? randomInt(1_000_000));

describeKills('killed in the middle', { cycles: 5, faults: 0 });
describeKills('killed in the middle, with bad luck on the way to every cluster', {
  cycles: 1,
  faults: 0.2,
});

/** `faults`: share of the requests that something happens to. */
function describeKills(
  what: string,
  { cycles, faults }: { readonly cycles: number; readonly faults: number },
): void {
  describe(`the service, ${what} (SCENARIO_SEED=${seed})`, function () {
    this.timeout(300_000);
    const random = randomNumbers(seed);
    const fates = randomFates({ seed, share: faults, silence: false });
    let scenario: Scenario;
    let service: ProgramProcess;
    let emptyLeaves: readonly (readonly string[])[];
    let kills = 0;
    let inTheMiddle = 0;

    before(async function () {
      this.timeout(60_000);
      scenario = await startScenario({
        leaves: LEAVES,
        service: false,
        createServer: (options) =>
          behindProxy(createScenarioServer(options), (cluster, request) =>
            fates.fateOf(cluster, request),
          ),
      });
      emptyLeaves = await Promise.all(LEAVES.map((leaf) => objectsOn(scenario.leaf(leaf))));
      start();
      await eventually('the leaves are registered', async () => {
        const { watchesOpenNow = 0 } = scenario.world.requests()['rome'] ?? {};
        return Promise.resolve(watchesOpenNow > 0 ? { done: true } : { seen: service.stderr() });
      });
    });
    after(async () => {
      service.kill('SIGKILL');
      await service.ended;
      await scenario.stop();
    });

    function start(): void {
      service = startProgram(
        ...['run', '--source', scenario.world.repositoryDir, '--poll', '1s'],
        ...['--kubeconfig', join(scenario.world.kubeconfigDir, 'service.yaml')],
        ...['--http', '127.0.0.1:0', '--log-level', 'warn'],
        // Or each start would wait until the Lease of the one that was killed is over.
        ...['--leader-elect', 'false'],
      );
    }

    async function phaseOf(): Promise<unknown> {
      const { items } = await scenario.main().list(SHORTCUT, { signal });
      return (items[0]?.['status'] as { phase?: string } | undefined)?.phase ?? items.length;
    }
    const isConnected = async () => (await phaseOf()) === 'Ready';
    const isGone = async () => (await phaseOf()) === 0;

    /** Kills the service after some of its writes, or once there is nothing more to write, and starts it again. */
    async function killSometime(isDone: () => Promise<boolean>): Promise<void> {
      const writes = Math.floor(random() * MOST_WRITES);
      const delayMs = Math.floor(random() * MOST_DELAY_MS);
      await eventually(`${writes} writes`, async () => {
        const seen = Object.values(scenario.world.requests()).reduce((sum, now) => {
          return sum + now.writes;
        }, 0);
        return seen >= writes || (await isDone()) ? { done: true } : { seen: service.stderr() };
      });
      await sleep(delayMs);
      service.kill('SIGKILL');
      expect((await service.ended).signal).to.equal('SIGKILL');
      kills += 1;
      if (!(await isDone())) inTheMiddle += 1;
      scenario.world.resetRequests();
      start();
    }

    async function untilDone(what: string, isDone: () => Promise<boolean>): Promise<void> {
      for (let kill = 0; kill < KILLS; kill += 1) await killSometime(isDone);
      await eventually(what, async () =>
        (await isDone()) ? { done: true } : { seen: [await phaseOf(), service.stderr()] },
      );
    }

    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      it(`connects all the same (${cycle})`, async () => {
        scenario.world.resetRequests();
        await scenario.commit({
          [FILE]: shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
        });

        await untilDone('connected', isConnected);

        for (const leaf of LEAVES) {
          expect(await ownObjectsOn(scenario.leaf(leaf))).to.have.length(4);
        }
      });

      it(`leaves no orphan (${cycle})`, async () => {
        scenario.world.resetRequests();
        await scenario.commit({ [FILE]: undefined });

        await untilDone('gone', isGone);

        for (const [index, leaf] of LEAVES.entries()) {
          const left = await objectsOn(scenario.leaf(leaf));
          // What Liqo itself leaves, as recorded (test/fixtures/recorded/reset).
          const liqoLeaves = left.filter(
            (object) =>
              object.startsWith('ForeignCluster/') ||
              object === `RouteConfiguration/liqo/${leaf}-node-gw-node`,
          );
          expect(left).to.deep.equal([...(emptyLeaves[index] ?? []), ...liqoLeaves].sort());
        }
      });
    }

    it(`was killed ${2 * cycles * KILLS} times`, function () {
      this.test!.title += ` (${inTheMiddle} of them with something left to do)`;
      expect(kills).to.equal(2 * cycles * KILLS);
    });
  });
}
