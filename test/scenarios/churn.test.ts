import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'chai';

import { SHORTCUT } from '../../src/model/kinds.ts';
import type { ApiServerOptions } from '../../src/sandbox/kubernetes/api-server.ts';
import { behindProxy, type ProxiedApiServer } from '../support/behind-proxy.ts';
import { createChurn } from '../support/churn.ts';
import { gatewaysAndConfigurationsOf, keysDiffer } from '../support/pair-truth.ts';
import { randomFates } from '../support/random-fates.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { objectsOn, ownObjectsOn } from '../support/scenario-objects.ts';
import { createScenarioServer } from '../support/scenario-servers.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const LEAVES = ['rome', 'milan', 'naples', 'turin'];
/** Wanted all the time, and never touched by anybody: nothing of it may ever be made anew. */
const STEADY = ['rome', 'milan'] as const;
/** Connected by somebody else. */
const FOREIGN = ['naples', 'turin'] as const;
const PAIRS = [
  ['rome', 'naples'],
  ['rome', 'turin'],
  ['milan', 'naples'],
  ['milan', 'turin'],
] as const;
/** Share of the requests that something happens to. */
const SHARE = 0.2;
/** The longest pause between tries is a minute, and a watch that has fallen silent is noticed after 150 s. */
const RECOVERY_MS = 300_000;

const { SCENARIO_SEED, CHURN_SECONDS } = process.env;

/** Ten minutes with `npm run test:churn`; else a moment each with a seed that stays and with one that nobody has tried. */
if (SCENARIO_SEED === undefined && CHURN_SECONDS === undefined) {
  describeChurn(1, 8);
  describeChurn(randomInt(1_000_000), 8);
} else {
  describeChurn(Number(SCENARIO_SEED ?? randomInt(1_000_000)), Number(CHURN_SECONDS ?? 8));
}

function describeChurn(seed: number, seconds: number): void {
  const isLong = seconds >= 300;
  // A new leader waits for 15 s where not every write of the last one was answered.
  const isElected = seconds >= 60;
  const quietMs = isLong ? 30_000 : 3_000;

  describe(`churn, with bad luck on the way to every cluster (SCENARIO_SEED=${seed} CHURN_SECONDS=${seconds})`, function () {
    this.timeout(seconds * 1_000 + 2 * RECOVERY_MS);
    const random = randomNumbers(seed);
    const fates = randomFates({ seed, share: SHARE, silence: isLong });
    const servers = new Map<string, ProxiedApiServer>();
    const steps = new Map<string, number>();
    const wrongDeletions: string[] = [];
    const lines: string[] = [];
    let isBadLuck = false;
    let scenario: Scenario;
    let untouched: Readonly<Record<string, readonly string[]>>;

    function createServer(options: ApiServerOptions): ProxiedApiServer {
      const server = behindProxy(createScenarioServer(options), (cluster, request) => {
        const { method, path } = request;
        if (isBadLuck && method === 'DELETE' && isUntouchable(cluster, path))
          wrongDeletions.push(`${path} on ${cluster}`);
        return isBadLuck ? fates.fateOf(cluster, request) : { kind: 'pass' };
      });
      servers.set(options.name, server);
      return server;
    }

    /** What must be there untouched at the end, by leaf. */
    async function steadyObjects(): Promise<Readonly<Record<string, readonly string[]>>> {
      const pairs = [STEADY, FOREIGN];
      const found = await Promise.all(
        pairs.flatMap(([a, b]) => [
          gatewaysAndConfigurationsOf(scenario.leaf(a), b),
          gatewaysAndConfigurationsOf(scenario.leaf(b), a),
        ]),
      );
      return Object.fromEntries(pairs.flat().map((leaf, index) => [leaf, found[index]!]));
    }

    before(async function () {
      this.timeout(120_000);
      const flags = isElected ? {} : { leaderElect: 'false' };
      scenario = await startScenario({ leaves: LEAVES, createServer, flags });
      const clusters: [string, string] = [...FOREIGN];
      await scenario.commit({
        'shortcuts/steady.yaml': shortcutFile('steady', { clusters: [...STEADY] }),
        'shortcuts/foreign.yaml': shortcutFile('foreign', { clusters, deletionPolicy: 'Orphan' }),
      });
      await scenario.ready('steady', 'foreign');
      await scenario.commit({ 'shortcuts/foreign.yaml': undefined });
      await scenario.gone('foreign');
      untouched = await steadyObjects();
    });
    after(async () => {
      report();
      await scenario.stop();
    });

    it('ends in the right state, with no orphan and no wrong deletion', async function () {
      const restarts = isElected ? 0.01 : 0.03;
      const churn = createChurn({ scenario, servers, pairs: PAIRS, random, restarts });
      scenario.world.resetRequests();
      isBadLuck = true;
      const end = performance.now() + seconds * 1_000;
      while (performance.now() < end) {
        const name = await churn.step();
        steps.set(name, (steps.get(name) ?? 0) + 1);
        await sleep(100 + random() * 500);
      }
      await churn.settle();
      fates.end();
      isBadLuck = false;
      const endedAt = performance.now();

      const wanted = ['steady', ...churn.wanted()].sort();
      await soon('exactly what is wanted is there, and Ready', async () => {
        await churn.resume();
        const { items } = await scenario.main().list(SHORTCUT, { signal });
        const phases = items.map((item) => [
          item.metadata.name,
          (item['status'] as { phase?: string } | undefined)?.phase,
        ]);
        const expected = wanted.map((name) => [name, 'Ready']);
        return JSON.stringify(phases.sort()) === JSON.stringify(expected)
          ? { done: true }
          : { seen: [phases, items.map((item) => item['status'])] };
      });
      const pairs = [STEADY, ...PAIRS.filter((pair) => churn.wanted().includes(pair.join('-')))];
      for (const leaf of LEAVES) {
        const peers = pairs
          .filter((pair) => (pair as readonly string[]).includes(leaf))
          .map(([a, b]) => (a === leaf ? b : a));
        await soon(`nothing is too much on ${leaf}`, async () => {
          const own = await ownObjectsOn(scenario.leaf(leaf));
          const tenants = (await objectsOn(scenario.leaf(leaf))).filter((object) =>
            object.startsWith('Namespace/liqo-tenant-'),
          );
          const foreign = (FOREIGN as readonly string[]).includes(leaf) ? 1 : 0;
          return own.length === 4 * peers.length && tenants.length === peers.length + foreign
            ? { done: true }
            : { seen: { own, tenants, peers } };
        });
      }
      const restMs = Math.round(performance.now() - endedAt);
      lines.push(`the right state ${restMs} ms after the last fault: ${wanted.join(', ')}`);
      expect(wrongDeletions, 'deleted').to.deep.equal([]);
      expect(await steadyObjects(), 'made anew').to.deep.equal(untouched);
      for (const [a, b] of pairs) {
        expect(await keysDiffer([scenario.leaf(a), a], [scenario.leaf(b), b])).to.deep.equal([]);
      }
    });

    it('writes nothing more on any leaf once all is as it should be', async () => {
      const [mainBefore, leavesBefore] = writes();
      lines.push(`writes: ${leavesBefore} on leaves, ${mainBefore} on main`);
      scenario.world.resetRequests();
      await sleep(quietMs);
      const [main, leaves] = writes();

      lines.push(
        `writes in ${quietMs / 1_000} s after the end: ${leaves} on leaves, ${main} on main`,
      );
      expect(leaves).to.equal(0);
    });

    /** On the main cluster, and on all leaves together, since they were last reset. */
    function writes(): readonly [main: number, leaves: number] {
      const { main, ...leaves } = scenario.world.requests();
      return [main?.writes ?? 0, Object.values(leaves).reduce((sum, leaf) => sum + leaf.writes, 0)];
    }

    function report(): void {
      const faults = [...fates.injected].sort(([a], [b]) => (a < b ? -1 : 1));
      const total = faults.reduce((sum, [, count]) => sum + count, 0);
      const list = (entries: Iterable<readonly [string, number]>) =>
        [...entries].map(([name, count]) => `${name} ${count}`).join(', ');
      const all = [
        `${total} faults in ${fates.requests()} requests: ${list(faults)}`,
        `steps: ${list([...steps].sort(([a], [b]) => (a < b ? -1 : 1)))}`,
        ...lines,
      ];
      process.stdout.write(all.map((line) => `      ${line}\n`).join(''));
    }
  });
}

/** Whether a path on a cluster leads into the tenant namespace of a pair that nothing may be deleted of. */
function isUntouchable(cluster: string, path: string): boolean {
  return [STEADY, FOREIGN].some(([a, b]) =>
    [
      [a, b],
      [b, a],
    ].some(([leaf = '', peer = '']) => {
      const namespace = new RegExp(`/namespaces/liqo-tenant-${peer}(/|$)`);
      return leaf === cluster && namespace.test(path);
    }),
  );
}

/** As `eventually`, for as long as it may take to notice that a watch is dead. */
async function soon<T>(what: string, look: Parameters<typeof eventually<T>>[1]): Promise<T> {
  return eventually(what, look, { longestMs: RECOVERY_MS });
}
