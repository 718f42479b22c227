import { expect } from 'chai';
import { systemClock } from '../../src/runtime/clock.ts';

describe('the system clock', () => {
  it('goes on while it sleeps', async () => {
    const before = systemClock.now();

    await systemClock.sleep(20, { signal: new AbortController().signal });

    expect(systemClock.now()).to.be.at.least(before + 19);
  });

  it('wakes with an AbortError when called off', async () => {
    const stop = new AbortController();
    const sleep = systemClock.sleep(60_000, { signal: stop.signal });

    stop.abort();

    expect(await sleep.catch((error: unknown) => (error as Error).name)).to.equal('AbortError');
  });
});
