import { expect } from 'chai';
import { ClusterUnreachableError } from '../../src/errors/errors.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { createShortcut } from './main-server.ts';
import { createSmallWorld, type SmallWorld } from './small-world.ts';

describe('pauses between tries of a Shortcut', () => {
  const clock = new FakeClock();
  /** When something was tried on rome. */
  const tries: number[] = [];
  let world: SmallWorld;

  before(async () => {
    world = await createSmallWorld({ clock });
    const clientOf = world.clientOf.bind(world);
    world.clientOf = (cluster) => {
      const client = clientOf(cluster);
      client.apply = () => {
        if (cluster === 'rome') tries.push(clock.now());
        return Promise.reject(new ClusterUnreachableError('the API server answered 500'));
      };
      return client;
    };
    await world.startKnown();
  });

  after(() => world.stop());

  it('grow to a minute, and not beyond', async () => {
    await createShortcut(world.main);
    while (tries.length < 14) {
      await clock.advance(1_000);
      for (let turn = 0; turn < 10; turn += 1) await settle();
    }

    const pauses = tries.slice(1).map((time, index) => time - (tries[index] ?? 0));
    // A random share of each: here it is always half.
    expect(Math.max(...pauses)).to.be.within(30_000, 31_000);
  });
});
