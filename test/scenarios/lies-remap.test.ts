import { isDeepStrictEqual } from 'node:util';

import { expect } from 'chai';

import { CONFIGURATION } from '../../src/liqo/kinds.ts';
import { textAt } from '../../src/liqo/read-field.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { ShortcutStatus } from '../../src/model/shortcut.ts';
import { followObjects } from '../support/follow-objects.ts';
import { FAST_PINGS, type Scenario, startScenario } from '../support/scenario.ts';
import { shortcutFile } from '../support/scenario-files.ts';
import { findObject, specOf, statusOf } from '../support/scenario-objects.ts';
import { eventually } from '../support/scenario-wait.ts';

const OF_ROME = 'liqo-tenant-rome/rome';
const CIDR = '10.222.0.0/16';

describe('lies about the remap', function () {
  this.timeout(90_000);
  let scenario: Scenario;

  before(async function () {
    this.timeout(60_000);
    // A change of CIDRs is under way for a while.
    const steps = { ...FAST_PINGS, cidr: 150 };
    scenario = await startScenario({ leaves: ['rome', 'milan'], steps });
    await scenario.commit({
      'shortcuts/a.yaml': shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }),
    });
    await scenario.ready('rome-milan');
  });
  after(() => scenario.stop());

  it('lie: True, with the remap of an earlier spec: no address is told and nothing is Ready until it is of now', async () => {
    const former = statusOf(await findObject(scenario.leaf('milan'), CONFIGURATION, OF_ROME));
    const configurations = await followObjects(scenario.leaf('milan'), CONFIGURATION);
    const shortcuts = await followObjects(scenario.main(), SHORTCUT);

    await scenario.world.fault('rome', 'cidr-changed', { cidr: CIDR });
    await eventually('rome is seen under the new prefix', async () => {
      const seen = (await scenario.shortcut('rome-milan'))?.sides[0]?.seenAs?.pod;
      return seen?.join() === CIDR ? { done: true } : { seen };
    });
    await scenario.ready('rome-milan');

    const lies = (await configurations()).filter(
      (object) =>
        JSON.stringify(specOf(object)['remote']).includes(CIDR) &&
        isDeepStrictEqual(statusOf(object)['remote'], former['remote']),
    );
    expect(lies.map(conditionOf)).to.include('True');
    const doubts = (await shortcuts())
      .map((object) => statusOf(object) as ShortcutStatus)
      .filter(({ conditions }) => conditions?.[0]?.reason === 'CIDRPending')
      .map(({ sides = [] }) => sides)
      .filter(([rome]) => rome?.cidrs?.pod.join() === CIDR);
    expect(doubts).to.not.deep.equal([]);
    for (const [rome, milan] of doubts) {
      const words = [rome?.connection?.status, milan?.connection?.status];
      expect(words).to.deep.equal(['Connected', 'Connected']);
      expect(rome?.seenAs).to.equal(undefined);
    }
  });
});

function conditionOf(configuration: KubeObject): string | undefined {
  const [condition] = statusOf(configuration)['conditions'] as readonly unknown[];
  return textAt(condition, 'status');
}
