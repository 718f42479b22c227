import { expect } from 'chai';

import { CONNECTION } from '../../src/liqo/kinds.ts';
import { STALE_AFTER_MS } from '../../src/reconcile/freshness.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { type ScenarioEngine, startEngine } from '../support/scenario-engine.ts';
import { leafFile, shortcutFile } from '../support/scenario-files.ts';
import { findObject } from '../support/scenario-objects.ts';
import { untilTrue } from '../support/scenario-wait.ts';

/** Requests that nobody answers are given up soon, and the clock can be put on: the service itself waits much longer. */
describe('silence', function () {
  this.timeout(90_000);
  let scenario: Scenario;
  let service: ScenarioEngine;

  before(async () => {
    scenario = await startScenario({ service: false });
    service = await startEngine(scenario);
    for (const leaf of ['rome', 'milan', 'naples']) await service.create(leafFile(leaf));
    await service.create(shortcutFile('rome-milan', { clusters: ['rome', 'milan'] }));
    await service.create(shortcutFile('milan-naples', { clusters: ['milan', 'naples'] }));
    await service.untilReadyIs('rome-milan', 'True', 'Connected');
    await service.untilReadyIs('milan-naples', 'True', 'Connected');
  });
  after(async () => {
    await service.stop();
    await scenario.stop();
  });

  it('pitfall 14: of a gateway makes its last word, Connected, count no longer than it is fresh', async () => {
    await scenario.world.fault('rome', 'gateway-stopped');
    // The other side notices first; by then the last word of this one has been heard.
    await service.untilReadyIs('rome-milan', 'False', 'ConnectionLost');
    await untilTrue('the last word is heard', async () => {
      const said = await findObject(
        scenario.leaf('rome'),
        CONNECTION,
        'liqo-tenant-milan/gw-milan',
      );
      const mirror = service.engine.registry.get('rome')?.leaf?.mirror;
      const heard = mirror?.get('connections', 'liqo-tenant-milan', 'gw-milan');
      return heard?.metadata.resourceVersion === said?.metadata.resourceVersion;
    });

    service.putOn(STALE_AFTER_MS + 1_000);

    const { message } = await service.untilReadyIs('rome-milan', 'Unknown', 'ConnectionStale');
    expect(message).to.include('leaf "rome"');
  });

  it('that ends makes the tunnel count again', async () => {
    await scenario.world.fault('rome', 'gateway-stopped', { on: false });

    await service.untilReadyIs('rome-milan', 'True', 'Connected');
  });

  it('of an API server makes its leaf unknown, and nobody else', async () => {
    await scenario.world.fault('naples', 'hang');
    await scenario.world.fault('naples', 'drop-watches');

    await service.untilReadyIs('milan-naples', 'Unknown', 'LeafUnreachable');

    await service.untilReadyIs('rome-milan', 'True', 'Connected');
  });

  it('that ends there is noticed', async () => {
    await scenario.world.fault('naples', 'hang', { on: false });

    await service.untilReadyIs('milan-naples', 'True', 'Connected');
  });
});
