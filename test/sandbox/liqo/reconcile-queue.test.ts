import { expect } from 'chai';
import { systemClock } from '../../../src/runtime/clock.ts';
import {
  createReconcileQueue,
  type ReconcileQueue,
} from '../../../src/sandbox/liqo/reconcile-queue.ts';

describe('queue of a simulated controller', () => {
  let stopping: AbortController;
  let looks: string[];
  let errors: number;

  beforeEach(() => {
    stopping = new AbortController();
    looks = [];
    errors = 0;
  });

  function queue(reconcile: (key: string, look: number) => Promise<void>): ReconcileQueue {
    return createReconcileQueue({
      reconcile(key) {
        looks.push(key);
        return reconcile(key, looks.length);
      },
      clock: systemClock,
      signal: stopping.signal,
      onError: () => {
        errors += 1;
      },
    });
  }

  it('looks once for many requests, and each key on its own', async () => {
    const subject = queue(() => Promise.resolve());
    for (const key of ['a', 'a', 'b', 'a']) subject.add(key);
    await subject.idle();

    expect(looks.sort()).to.deep.equal(['a', 'b']);
  });

  it('looks once more for a request that comes during a look', async () => {
    const subject: ReconcileQueue = queue((key, look) => {
      if (look === 1) subject.add(key);
      return Promise.resolve();
    });
    subject.add('a');
    await subject.idle();

    expect(looks).to.deep.equal(['a', 'a']);
  });

  it('tries again by itself after failures', async () => {
    const subject = queue((_key, look) =>
      look < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve(),
    );
    subject.add('a');
    await subject.idle();

    expect(looks).to.have.length(3);
    expect(errors).to.equal(2);
  });

  it('does not wait for its next try when something changes', async () => {
    let pending = Promise.withResolvers<undefined>();
    const sleeps: number[] = [];
    const subject = createReconcileQueue({
      reconcile: () => {
        looks.push('a');
        return looks.length === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
      },
      clock: {
        now: () => 0,
        sleep(ms, { signal }) {
          sleeps.push(ms);
          pending.resolve(undefined);
          // A sleep that only being woken ends.
          const { promise, reject } = Promise.withResolvers<undefined>();
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          return promise.then(() => undefined);
        },
      },
      signal: stopping.signal,
      onError: () => undefined,
    });
    subject.add('a');
    await pending.promise;
    pending = Promise.withResolvers<undefined>();
    subject.add('a');
    await subject.idle();

    expect(looks).to.have.length(2);
    expect(sleeps).to.deep.equal([5]);
  });

  it('says nothing of a failure, and takes nothing more, once it is stopped', async () => {
    const subject = queue(() => {
      stopping.abort();
      return Promise.reject(new Error('called off'));
    });
    subject.add('a');
    await subject.idle();
    subject.add('b');
    await subject.idle();

    expect(looks).to.deep.equal(['a']);
    expect(errors).to.equal(0);
  });

  it('passes on a clock that fails', async () => {
    const subject = createReconcileQueue({
      reconcile: () => Promise.reject(new Error('no')),
      clock: { now: () => 0, sleep: () => Promise.reject(new TypeError('broken clock')) },
      signal: stopping.signal,
      onError: () => undefined,
    });
    subject.add('a');

    const failure = await subject.idle().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TypeError);
  });
});
