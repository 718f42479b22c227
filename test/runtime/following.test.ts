import { expect } from 'chai';

import { following } from '../../src/runtime/following.ts';

describe('following', () => {
  it('gives the answer of the work', async () => {
    const { signal } = new AbortController();

    expect(await following([signal], () => Promise.resolve('done'))).to.equal('done');
  });

  for (const index of [0, 1]) {
    it(`calls the work off with signal ${index}, for the same reason`, async () => {
      const leaders = [new AbortController(), new AbortController()];
      const reason = new Error('enough');
      const signals = leaders.map(({ signal }) => signal);

      const ended = following(signals, (signal) => {
        const { promise, resolve } = Promise.withResolvers<unknown>();
        signal.addEventListener('abort', () => resolve(signal.reason));
        return promise;
      });
      leaders[index]?.abort(reason);

      expect(await ended).to.equal(reason);
    });
  }

  it('begins with a signal that is aborted when one of them was before', async () => {
    const aborted = await following([AbortSignal.abort()], ({ aborted }) =>
      Promise.resolve(aborted),
    );

    expect(aborted).to.equal(true);
  });

  it('leaves the work alone once it is done, also after a failure', async () => {
    const leader = new AbortController();
    let followed: AbortSignal | undefined;

    const failure = await following([leader.signal], (signal) => {
      followed = signal;
      return Promise.reject(new Error('no'));
    }).catch((error: unknown) => error);
    leader.abort();

    expect(failure).to.be.instanceOf(Error);
    expect(followed?.aborted).to.equal(false);
  });
});
