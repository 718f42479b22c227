import { expect } from 'chai';

import type { RequestSnapshot } from '../../src/sandbox/kubernetes/access/request-counts.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { eventually, untilTrue } from '../support/scenario-wait.ts';

const LEAVES = ['rome', 'milan', 'naples'];
const PAIRS = [
  ['rome', 'milan'],
  ['milan', 'naples'],
  ['rome', 'naples'],
] as const;
const NAMES = PAIRS.map((pair) => pair.join('-'));
/** Namespace, Configuration, gateway and PublicKey, each on two leaves. */
const WRITES_OF_A_SHORTCUT = 8;
/** What `liqoctl network connect --wait` was recorded to send. */
const REQUESTS_OF_LIQOCTL = 58;
const PASSES = 4;

describe('requests of three leaves and three shortcuts', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    scenario = await startScenario({ leaves: LEAVES, pace: 'recorded', steps: {} });
    await untilTrue('all leaves known', async () => {
      return (await scenario.snapshot()).counts.leavesReady === LEAVES.length;
    });
  });
  after(() => scenario.stop());

  const counts = (): readonly RequestSnapshot[] => Object.values(scenario.world.requests());
  const countOf = (cluster: string, request: string): number =>
    scenario.world.requests()[cluster]?.byRequest[`${request} liqo-shortcuts`] ?? 0;
  const leafTotal = (figure: 'writes' | 'total'): number =>
    LEAVES.reduce((sum, leaf) => sum + (scenario.world.requests()[leaf]?.[figure] ?? 0), 0);

  async function untilLookedAtAgain(times: number): Promise<void> {
    await eventually(`every cluster listed ${times} times more`, async () => {
      const seen = [
        countOf('main', 'list shortcuts'),
        ...LEAVES.map((leaf) => countOf(leaf, 'list connections')),
      ];
      return Promise.resolve(seen.every((count) => count >= times) ? { done: true } : { seen });
    });
  }

  it('writes each object once, and sends less than liqoctl', async function () {
    const startedAt = performance.now();
    await scenario.commit(
      Object.fromEntries(
        PAIRS.map(([a, b]) => [
          `shortcuts/${a}-${b}.yaml`,
          shortcutFile(`${a}-${b}`, { clusters: [a, b] }),
        ]),
      ),
    );
    await scenario.ready(...NAMES);

    // From the very start of the service: its lists and watches are among them.
    const perShortcut = leafTotal('total') / PAIRS.length;
    this.test!.title +=
      ` (${leafTotal('writes')} writes; ${perShortcut.toFixed(1)} requests a shortcut;` +
      ` ${Math.round(performance.now() - startedAt)} ms from the commit until all are Connected)`;
    expect(leafTotal('writes')).to.equal(WRITES_OF_A_SHORTCUT * PAIRS.length);
    expect(perShortcut).to.be.lessThan(REQUESTS_OF_LIQOCTL);
  });

  it('needs few connections and watches', () => {
    for (const { tlsHandshakes, watchesOpenNow } of counts()) {
      expect(tlsHandshakes).to.be.at.most(2);
      expect(watchesOpenNow).to.be.at.most(10);
    }
  });

  it('writes nothing after a restart', async () => {
    await scenario.stopService();
    scenario.world.resetRequests();

    // From now on everything is listed and looked at again each second, with nothing trusted that can be looked at.
    await scenario.startService({ resync: '1s' });
    await untilLookedAtAgain(2);
    await scenario.ready(...NAMES);

    expect(counts().map(({ writes }) => writes)).to.deep.equal([0, 0, 0, 0]);
  });

  it('writes nothing while nothing changes, and only lists and watches', async () => {
    scenario.world.resetRequests();

    await untilLookedAtAgain(PASSES);

    expect(counts().map(({ writes }) => writes)).to.deep.equal([0, 0, 0, 0]);
    const requests = new Set(counts().flatMap(({ byRequest }) => Object.keys(byRequest)));
    const others = [...requests].filter((request) => !/^(list|watch) /.test(request));
    // With the slow look every key Secret is read again, by name: listing Secrets is no right of ours. So are the rights
    // themselves: a leaf's administrator may have taken one away. And a leader renews its Lease, which is counted apart.
    expect(others).to.deep.equal([
      'patch leases liqo-shortcuts',
      'create selfsubjectaccessreviews liqo-shortcuts',
      'get secrets liqo-shortcuts',
    ]);
  });
});
