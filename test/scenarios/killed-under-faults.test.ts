import { randomInt } from 'node:crypto';

import { expect } from 'chai';

import { SHORTCUT } from '../../src/model/kinds.ts';
import { keysDiffer } from '../support/pair-truth.ts';
import { randomFates } from '../support/random-fates.ts';
import { type Replica, Replicas } from '../support/replicas.ts';
import { ownObjectsOn } from '../support/scenario-objects.ts';
import { eventually, signal } from '../support/scenario-wait.ts';

const { SCENARIO_SEED, CHURN_SECONDS } = process.env;
const seed = Number(SCENARIO_SEED ?? randomInt(1_000_000));
/** Each takes half a minute: the next one waits until the Lease is over. */
const kills = Math.max(1, Math.floor(Number(CHURN_SECONDS ?? 0) / 60));
/** Share of the requests that something happens to. */
const SHARE = 0.2;
/** Kills fall in the middle of work. */
const WRITES = 10;
const LEAVES = ['rome', 'milan'] as const;
const RECOVERY_MS = 120_000;

describe(`two service processes with bad luck on the way, of which the leader is killed (SCENARIO_SEED=${seed})`, function () {
  this.timeout((kills + 2) * RECOVERY_MS);
  const fates = randomFates({ seed, share: SHARE, silence: false });
  const replicas = new Replicas((cluster, request) => fates.fateOf(cluster, request));
  const terms = new Set<string>();
  let endChurn = (): Promise<void> => Promise.resolve();
  let couple: readonly Replica[];

  before(async () => {
    await replicas.start();
    endChurn = replicas.churn();
    couple = [await replicas.replica(), await replicas.replica()];
  });
  after(async () => {
    await endChurn();
    await replicas.stop();
    const total = [...fates.injected.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(
      `      ${total} faults in ${fates.requests()} requests; ${replicas.writes.length} writes by ${terms.size} leaders\n`,
    );
  });

  /** Waits for so many writes by one of them from now on; answers with who it was. */
  async function writer(): Promise<Replica> {
    const start = replicas.writes.length;
    return eventually(`${WRITES} writes by one of the two`, () => {
      const since = replicas.writes.slice(start);
      const found = couple.find(
        ({ identity }) => since.filter(({ by }) => by === identity).length >= WRITES,
      );
      const seen = couple.map(({ identity, process }) => [
        identity,
        process.stderr().slice(-2_000),
      ]);
      return Promise.resolve(found === undefined ? { seen } : { done: found });
    });
  }

  for (let kill = 1; kill <= kills; kill += 1) {
    it(`go on when the leader is killed in the middle of its work (${kill})`, async () => {
      const leader = await writer();
      terms.add(leader.identity);
      leader.process.kill('SIGKILL');
      await leader.process.ended;
      const others = couple.filter((replica) => replica !== leader);
      couple = [...others, await replicas.replica()];
    });
  }

  it('end in the right state once nothing happens any more', async () => {
    terms.add((await writer()).identity);
    await endChurn();
    fates.end();

    const last = await replicas.scenario.git('rev-parse', 'HEAD');
    await eventually(
      'what was wished for last is Ready',
      async () => {
        const { items } = await replicas.scenario.main().list(SHORTCUT, { signal });
        const [status] = items.map((item) => item['status'] as Record<string, unknown> | undefined);
        const isSo = status?.['phase'] === 'Ready' && String(status['revision']).includes(last);
        return isSo ? { done: true } : { seen: status };
      },
      { longestMs: RECOVERY_MS },
    );
    for (const leaf of LEAVES) {
      expect(await ownObjectsOn(replicas.scenario.leaf(leaf)), leaf).to.have.length(4);
    }
    const [a, b] = LEAVES;
    expect(
      await keysDiffer([replicas.scenario.leaf(a), a], [replicas.scenario.leaf(b), b]),
    ).to.deep.equal([]);
  });

  it('never both wrote: each write came while its writer held the Lease', () => {
    expect(replicas.writes.filter(({ by, holder }) => by !== holder)).to.deep.equal([]);
    expect(new Set(replicas.writes.map(({ by }) => by)).size).to.be.at.least(kills + 1);
  });
});
