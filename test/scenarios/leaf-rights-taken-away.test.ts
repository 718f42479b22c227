import { expect } from 'chai';

import type { LeafScope } from '../../src/liqo/leaf-rules.ts';
import {
  describeRightsTakenAway,
  oneOfEach,
  RightsScenario,
} from '../support/describe-right-taken-away.ts';
import { textOf } from '../support/granted-right.ts';
import { rightsOf } from '../support/leaf-rights.ts';

const SCOPES: readonly LeafScope[] = ['strict', 'cluster'];

for (const scope of SCOPES) {
  describeRightsTakenAway(scope, oneOfEach(rightsOf({ scope, peers: ['rome'] })));
}

describe('a right that is taken away, unknown to the service', function () {
  this.timeout(120_000);
  const leaves = new RightsScenario('strict');

  before(async () => {
    await leaves.prepare();
    await leaves.scenario.startService();
    await leaves.wish();
    await leaves.untilCarriedOut();
  });
  after(() => leaves.scenario.stop());

  async function untilHealed(): Promise<void> {
    await leaves.take();
    await leaves.untilMissing([]);
    await leaves.untilCarriedOut();
  }

  it('is found out by the write that is refused, and nothing more is written until it is back', async () => {
    await leaves.take(({ verb, resource }) => verb === 'patch' && resource === 'gatewayservers');
    await leaves.wish();

    await leaves.forbidden('leaf "milan"', 'patch gatewayservers');
    await leaves.untilMissing([
      'patch gatewayservers.networking.liqo.io in namespace liqo-tenant-rome',
    ]);
    leaves.scenario.world.resetRequests();
    await leaves.wish();
    await leaves.forbidden();
    await leaves.untilAskedAgain();
    expect(leaves.writes()).to.equal(0);
    await untilHealed();
  });

  it('is found out by the watch that cannot go on', async () => {
    await leaves.take(({ verb, resource }) => verb === 'watch' && resource === 'connections');
    await leaves.scenario.world.fault('milan', 'drop-watches');

    await leaves.untilMissing([
      'watch connections.networking.liqo.io in namespace liqo-tenant-rome',
    ]);

    expect(await leaves.forbidden('leaf "milan"', 'watch connections')).to.equal('Unknown');
    await untilHealed();
  });
});

describe('a right that is missing from the beginning', function () {
  this.timeout(120_000);
  const leaves = new RightsScenario('cluster');

  before(() => leaves.prepare());
  after(() => leaves.scenario.stop());

  it('keeps everything unwritten on either leaf, until it is granted', async () => {
    await leaves.take(({ verb, resource }) => verb === 'create' && resource === 'publickeies');
    const before = await leaves.holdings();
    await leaves.scenario.startService();
    await leaves.wish();

    await leaves.forbidden('leaf "milan"', 'create publickeies');

    expect(leaves.writes()).to.equal(0);
    expect(await leaves.holdings()).to.deep.equal(before);
    await leaves.take();
    await leaves.untilCarriedOut();
  });
});

describe('a leaf that grants nothing', function () {
  this.timeout(120_000);
  const leaves = new RightsScenario('namespaced');

  before(() => leaves.prepare());
  after(() => leaves.scenario.stop());

  it('is never written on, nor is its peer, and all that is missing is named', async () => {
    const given = rightsOf(leaves.grantOn('milan'));
    await leaves.take(() => true);
    const before = await leaves.holdings();
    await leaves.scenario.startService();
    await leaves.wish();

    await leaves.untilMissing(given.map(textOf).sort());

    expect(await leaves.forbidden('leaf "milan"', 'deploy/leaf-rbac/')).to.equal('Unknown');
    expect(leaves.writes()).to.equal(0);
    expect(await leaves.holdings()).to.deep.equal(before);
  });

  it('is connected once it grants them', async () => {
    await leaves.take();

    await leaves.untilMissing([]);
    await leaves.untilCarriedOut();
  });
});
