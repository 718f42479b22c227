import { expect } from 'chai';

import { ClusterUnreachableError, ThrottledError, TimeoutError } from '../../src/errors/errors.ts';
import { createRequestLane, type RequestLane } from '../../src/kube/request-lane.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

const LIMIT = 2;
const { signal } = new AbortController();

describe('request lane', () => {
  let clock: FakeClock;
  let lane: RequestLane;
  let begun: string[];
  let open: Map<string, { readonly answer: () => void; readonly fail: (error: Error) => void }>;

  beforeEach(() => {
    clock = new FakeClock();
    lane = createRequestLane({ limit: LIMIT, clock });
    begun = [];
    open = new Map();
  });

  /** A request that ends when the test says so; the answer is its name, or the name of its error. */
  function send(name: string, { signal: calledOff } = { signal }): Promise<string> {
    const request = (): Promise<string> => {
      begun.push(name);
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      open.set(name, { answer: () => resolve(name), fail: reject });
      return promise;
    };
    return lane
      .run(request, { signal: calledOff })
      .catch((error: unknown) => (error as Error).name);
  }

  async function answer(name: string): Promise<void> {
    await settle();
    open.get(name)?.answer();
    await settle();
  }

  async function fail(name: string, error: Error): Promise<void> {
    await settle();
    open.get(name)?.fail(error);
    await settle();
  }

  it('has as many requests under way as it may, and sends the others in their order', async () => {
    const all = Promise.all(['a', 'b', 'c', 'd'].map((name) => send(name)));
    await settle();
    expect(begun).to.deep.equal(['a', 'b']);

    await answer('b');
    expect(begun).to.deep.equal(['a', 'b', 'c']);

    for (const name of ['a', 'c', 'd']) await answer(name);
    expect(await all).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('gives the place of a request that failed to the next', async () => {
    const failing = send('a');
    const others = Promise.all([send('b'), send('c')]);
    await fail('a', new ClusterUnreachableError('gone'));

    for (const name of ['b', 'c']) await answer(name);

    expect(await failing).to.equal('ClusterUnreachableError');
    expect(await others).to.deep.equal(['b', 'c']);
  });

  it('forgets a request that is called off while it waits', async () => {
    const calling = new AbortController();
    const others = Promise.all([send('a'), send('b')]);
    const waiting = send('c', calling);
    const last = send('d');
    calling.abort();

    for (const name of ['a', 'b', 'd']) await answer(name);

    expect(await waiting).to.equal('AbortError');
    expect(await Promise.all([others, last])).to.deep.equal([['a', 'b'], 'd']);
    expect(begun).to.deep.equal(['a', 'b', 'd']);
  });

  it('sends nothing that was called off before', async () => {
    expect(await send('a', { signal: AbortSignal.abort() })).to.equal('AbortError');
    expect(begun).to.deep.equal([]);
  });

  it('turns away what waits when a request gets no answer in time, and tries again with what comes later', async () => {
    const first = send('a');
    const second = send('b');
    const waiting = Promise.all([send('c'), send('d')]);
    await fail('a', new TimeoutError('no answer'));

    expect(await Promise.all([first, waiting])).to.deep.equal([
      'TimeoutError',
      ['TimeoutError', 'TimeoutError'],
    ]);
    const later = send('e');
    for (const name of ['b', 'e']) await answer(name);
    expect(await Promise.all([second, later])).to.deep.equal(['b', 'e']);
  });

  it('turns nobody away for the sake of one whose own time was up', async () => {
    const calling = new AbortController();
    const first = send('a', calling);
    const second = send('b');
    const waiting = send('c');
    await settle();
    calling.abort();
    await fail('a', new TimeoutError('no answer'));

    for (const name of ['b', 'c']) await answer(name);

    expect(await first).to.equal('TimeoutError');
    expect(await Promise.all([second, waiting])).to.deep.equal(['b', 'c']);
  });

  describe('after a 429', () => {
    const throttled = (retryAfterSeconds?: number) =>
      new ThrottledError('slow down', { details: { retryAfterSeconds } });

    it('sends nothing for as long as the server asks for, then the same request again', async () => {
      const first = send('a');
      await settle();
      await fail('a', throttled(7));
      const second = send('b');

      await clock.advance(6_999);
      expect(begun).to.deep.equal(['a']);
      await clock.advance(1);
      expect(begun).to.deep.equal(['a', 'a']);

      for (const name of ['a', 'b']) await answer(name);
      expect(await Promise.all([first, second])).to.deep.equal(['a', 'b']);
    });

    it('has half as many under way, those first that were sent away, and one more with every answer', async () => {
      lane = createRequestLane({ limit: 4, clock });
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const all = Promise.all(names.map((name) => send(name)));
      await fail('d', throttled(1));
      await clock.advance(1_000);
      expect(begun).to.deep.equal(['a', 'b', 'c', 'd']);

      await answer('a');
      expect(begun.slice(4)).to.deep.equal(['d']);
      await answer('b');
      expect(begun.slice(5)).to.deep.equal(['e', 'f']);

      for (const name of ['c', 'd', 'e', 'f', 'g', 'h']) await answer(name);
      expect(await all).to.deep.equal(names);
    });

    it('sends one at a time when all of many were sent away', async () => {
      lane = createRequestLane({ limit: 4, clock });
      const names = ['a', 'b', 'c', 'd'];
      const all = Promise.all(names.map((name) => send(name)));
      for (const name of names) await fail(name, throttled(1));

      await clock.advance(1_000);
      const again = begun.slice(4);
      expect(again).to.have.lengthOf(1);

      await answer(again[0]!);
      expect(begun.slice(5)).to.have.lengthOf(2);
      for (const name of names) await answer(name);
      for (const name of names) await answer(name);
      expect(await all).to.deep.equal(names);
    });

    for (const { name, seconds, pauseMs } of [
      { name: 'a second when the server does not say', seconds: undefined, pauseMs: 1_000 },
      { name: 'a minute at most', seconds: 86_400, pauseMs: 60_000 },
    ]) {
      it(`pauses ${name}`, async () => {
        const first = send('a');
        await settle();
        await fail('a', throttled(seconds));

        await clock.advance(pauseMs);
        await answer('a');

        expect(await first).to.equal('a');
      });
    }

    it('gives up after five', async () => {
      const first = send('a');
      await settle();
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        await fail('a', throttled(1));
        await clock.advance(1_000);
      }

      expect(await first).to.equal('ThrottledError');
      expect(begun).to.have.lengthOf(5);
    });

    it('can be called off while it pauses', async () => {
      const calling = new AbortController();
      const first = send('a', calling);
      await settle();
      await fail('a', throttled(7));

      calling.abort();

      expect(await first).to.equal('AbortError');
    });
  });
});
