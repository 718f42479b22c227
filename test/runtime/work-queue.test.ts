import { expect } from 'chai';
import fc from 'fast-check';
import { InvariantError } from '../../src/errors/errors.ts';
import type { Outcome, Trigger } from '../../src/model/outcome.ts';
import { ClusterUnreachableError } from '../../src/errors/errors.ts';
import { createLogger, silentLogger } from '../../src/runtime/logger.ts';
import {
  createWorkQueue,
  type WorkContext,
  type WorkQueue,
  type WorkQueueOptions,
} from '../../src/runtime/work-queue.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

interface Run extends WorkContext {
  readonly key: string;
  end(outcome?: Outcome): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** A queue whose runs end when the test says so. */
function aQueue(over: Partial<WorkQueueOptions<string>> = {}) {
  const clock = new FakeClock();
  const runs: Run[] = [];
  const queue = createWorkQueue<string>({
    work: (key, context) => {
      const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
      runs.push({
        key,
        ...context,
        end: async (outcome = { kind: 'settled' }) => {
          resolve(outcome);
          await settle();
        },
        fail: async (error) => {
          reject(error);
          await settle();
        },
      });
      return promise;
    },
    concurrency: 10,
    clock,
    random: () => 1,
    logger: silentLogger,
    backoff: { baseMs: 100, capMs: 1_000 },
    ...over,
  });
  return { queue, clock, runs };
}

async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await settle();
  return done;
}

describe('the work queue', () => {
  it('runs nothing before it is started, and loses nothing meanwhile', () => {
    const { queue, runs } = aQueue();
    queue.add('a', 'git');
    expect(runs).to.be.empty;
    expect(queue.depth).to.equal(1);

    queue.start();

    expect(runs.map(({ key, trigger }) => [key, trigger])).to.deep.equal([['a', 'git']]);
    expect(queue.depth).to.equal(0);
  });

  it('cannot be started twice', () => {
    const { queue } = aQueue();
    queue.start();

    expect(() => queue.start()).to.throw(InvariantError);
  });

  it('makes one run of many triggers that wait, and keeps the first reason', () => {
    const { queue, runs } = aQueue();
    queue.add('a', 'git');
    queue.add('a', 'schedule');
    queue.start();

    expect(runs.map(({ trigger }) => trigger)).to.deep.equal(['git']);
  });

  it('makes one more run of many triggers that arrive during a run', async () => {
    const { queue, runs } = aQueue();
    queue.start();
    queue.add('a', 'git');
    queue.add('a', 'manual');
    queue.add('a', 'cluster-change');
    await settle();
    expect(runs).to.have.length(1);

    await runs[0]?.end();

    expect(runs.map(({ trigger }) => trigger)).to.deep.equal(['git', 'manual']);
    await runs[1]?.end();
    expect(runs).to.have.length(2);
  });

  it('never runs a key twice at a time, even when its run adds it at once', async () => {
    const started: string[] = [];
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const { queue } = aQueue({
      work: (key) => {
        started.push(key);
        if (started.length === 1) queue.add('a', 'cluster-change');
        return promise;
      },
    });
    queue.start();
    queue.add('a', 'git');
    await settle();
    expect(started).to.have.length(1);

    resolve({ kind: 'settled' });
    await queue.idle();

    expect(started).to.have.length(2);
  });

  it('runs other keys while one waits for its own end, in order, and no more than allowed', async () => {
    const { queue, runs } = aQueue({ concurrency: 2 });
    queue.start();
    for (const key of ['a', 'a', 'b', 'c', 'd']) queue.add(key, 'git');
    queue.add('a', 'manual');
    expect(runs.map(({ key }) => key)).to.deep.equal(['a', 'b']);
    expect(queue.depth).to.equal(3);

    await runs[1]?.end();

    expect(runs.map(({ key }) => key)).to.deep.equal(['a', 'b', 'c']);
    await runs[0]?.end();
    expect(runs.map(({ key }) => key)).to.deep.equal(['a', 'b', 'c', 'a']);
  });

  describe('what a run says', () => {
    it('settled and stalled: nothing more', async () => {
      const { queue, runs, clock } = aQueue();
      queue.start();
      queue.add('a', 'git');
      queue.add('b', 'git');
      await runs[0]?.end({ kind: 'settled' });
      await runs[1]?.end({ kind: 'stalled' });

      await clock.advance(3_600_000);

      expect(runs).to.have.length(2);
      expect(clock.sleeping).to.equal(0);
    });

    it('retryAfter: again after this time and a tenth at most', async () => {
      const { queue, runs, clock } = aQueue();
      queue.start();
      queue.add('a', 'git');
      await runs[0]?.end({ kind: 'retryAfter', ms: 1_000 });

      await clock.advance(1_099);
      expect(runs).to.have.length(1);
      await clock.advance(1);

      expect(runs[1]?.trigger).to.equal('retry');
    });

    it('backoff: later each time, up to the cap, and from the start after a success', async () => {
      const { queue, runs, clock } = aQueue();
      queue.start();
      queue.add('a', 'git');
      for (const delay of [100, 200, 400, 800, 1_000, 1_000]) {
        const before = runs.length;
        await runs.at(-1)?.end({ kind: 'backoff' });
        await clock.advance(delay - 1);
        expect(runs).to.have.length(before);
        await clock.advance(1);
        expect(runs).to.have.length(before + 1);
      }
      await runs.at(-1)?.end({ kind: 'retryAfter', ms: 0 });
      await clock.advance(0);
      await runs.at(-1)?.end({ kind: 'backoff' });
      const before = runs.length;

      await clock.advance(100);

      expect(runs).to.have.length(before + 1);
    });

    for (const { name, error, level } of [
      { name: 'an error that nobody foresaw', error: new Error('broken'), level: 'error' },
      {
        name: 'a cluster that does not answer',
        error: new ClusterUnreachableError('no connection'),
        level: 'warn',
      },
    ]) {
      it(`${name}: logged with level ${level}, and like backoff`, async () => {
        const lines: string[] = [];
        const logger = createLogger({
          level: 'debug',
          destination: { write: (line) => void lines.push(line) },
        });
        const { queue, runs, clock } = aQueue({ logger });
        queue.start();
        queue.add('a', 'git');
        await runs[0]?.fail(error);

        await clock.advance(100);

        expect(runs).to.have.length(2);
        expect(lines.map((line) => JSON.parse(line) as object)).to.have.length(1);
        expect(JSON.parse(lines[0]!)).to.include({ level, key: 'a' });
      });
    }

    it('a change meanwhile comes first, and takes the place of the retry', async () => {
      const { queue, runs, clock } = aQueue();
      queue.start();
      queue.add('a', 'git');
      await runs[0]?.end({ kind: 'retryAfter', ms: 1_000 });
      queue.add('a', 'cluster-change');
      await runs[1]?.end();

      await clock.advance(10_000);

      expect(runs).to.have.length(2);
    });
  });

  describe('addAfter', () => {
    it('keeps the earliest time per key and trigger, and outlives runs before it', async () => {
      const { queue, runs, clock } = aQueue();
      queue.start();
      queue.addAfter('a', 500, 'schedule');
      queue.addAfter('a', 200, 'schedule');
      queue.addAfter('a', 800, 'schedule');
      queue.add('a', 'git');
      await runs[0]?.end();

      await clock.advance(200);
      expect(runs.map(({ trigger }) => trigger)).to.deep.equal(['git', 'schedule']);
      await runs[1]?.end();
      await clock.advance(10_000);

      expect(runs).to.have.length(2);
    });
  });

  describe('idle', () => {
    it('resolves when nothing waits or runs, whatever is due later', async () => {
      const { queue, runs } = aQueue({ concurrency: 1 });
      queue.start();
      queue.add('a', 'git');
      queue.add('b', 'git');
      const idle = queue.idle();

      await runs[0]?.end({ kind: 'backoff' });
      expect(await isDone(idle)).to.equal(false);
      await runs[1]?.end();

      expect(await isDone(idle)).to.equal(true);
      expect(await isDone(queue.idle())).to.equal(true);
    });
  });

  describe('pause', () => {
    it('calls off what runs, starts nothing more, and keeps all keys for the next start', async () => {
      const { queue, runs } = aQueue({ concurrency: 1 });
      queue.start();
      queue.add('a', 'git');
      queue.add('b', 'git');

      queue.pause();
      expect(runs[0]?.signal.aborted).to.equal(true);
      await runs[0]?.end();
      queue.add('c', 'git');

      expect(runs).to.have.length(1);
      expect(queue.isIdle).to.equal(false);
      queue.start();
      for (let index = 1; index < 4; index += 1) await runs[index]?.end();
      expect(runs.map(({ key }) => key)).to.deep.equal(['a', 'b', 'a', 'c']);
      expect(runs.slice(1).every(({ signal }) => !signal.aborted)).to.equal(true);
      expect(queue.isIdle).to.equal(true);
    });

    it('does not let a key run twice at a time when it goes on before the run has ended', async () => {
      const { queue, runs } = aQueue();
      queue.start();
      queue.add('a', 'git');

      queue.pause();
      queue.start();
      await settle();
      expect(runs).to.have.length(1);
      await runs[0]?.end({ kind: 'backoff' });

      expect(runs).to.have.length(2);
    });
  });

  describe('stop', () => {
    it('aborts what runs, waits for its end, and runs nothing more', async () => {
      const lines: string[] = [];
      const destination = { write: (line: string) => void lines.push(line) };
      const logger = createLogger({ level: 'debug', destination });
      const { queue, runs, clock } = aQueue({ concurrency: 1, logger });
      queue.start();
      queue.add('a', 'git');
      queue.add('b', 'git');
      queue.addAfter('c', 100, 'schedule');
      const stopped = queue.stop({ graceMs: 5_000 });
      expect(runs[0]?.signal.aborted).to.equal(true);
      expect(await isDone(stopped)).to.equal(false);

      await runs[0]?.fail(new DOMException('called off', 'AbortError'));

      expect(await isDone(stopped)).to.equal(true);
      queue.add('d', 'git');
      queue.addAfter('d', 0, 'git');
      await clock.advance(10_000);
      expect(runs).to.have.length(1);
      expect(clock.sleeping).to.equal(0);
      expect(lines).to.deep.equal([]);
    });

    it('gives up on a run that does not end in time', async () => {
      const { queue, clock } = aQueue();
      queue.start();
      queue.add('a', 'git');
      const stopped = queue.stop({ graceMs: 5_000 });

      await clock.advance(4_999);
      expect(await isDone(stopped)).to.equal(false);
      await clock.advance(1);

      expect(await isDone(stopped)).to.equal(true);
    });

    it('lets go those who wait for idleness, also when it was never started', async () => {
      const { queue } = aQueue();
      queue.add('a', 'git');
      const idle = queue.idle();

      await queue.stop({ graceMs: 0 });

      expect(await isDone(idle)).to.equal(true);
    });
  });

  it('looks at every key once more after its last trigger, whatever comes when', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      trigger: fc.constantFrom<Trigger>('git', 'schedule'),
      wait: fc.nat({ max: 3 }),
      outcome: fc.constantFrom<Outcome>({ kind: 'settled' }, { kind: 'backoff' }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 15 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, concurrency) => {
          const version: Record<string, number> = {};
          const seen: Record<string, number> = {};
          const running = new Set<string>();
          let most = 0;
          const clock = new FakeClock();
          const queue: WorkQueue<string> = createWorkQueue<string>({
            work: async (key, { signal }) => {
              expect(running.has(key)).to.equal(false);
              running.add(key);
              most = Math.max(most, running.size);
              seen[key] = version[key] ?? 0;
              await clock.sleep(2, { signal });
              running.delete(key);
              return steps[seen[key]]?.outcome ?? { kind: 'settled' };
            },
            concurrency,
            clock,
            random: () => 0.5,
            logger: silentLogger,
            backoff: { baseMs: 2, capMs: 8 },
          });
          queue.start();

          for (const { key, trigger, wait } of steps) {
            version[key] = (version[key] ?? 0) + 1;
            queue.add(key, trigger);
            await clock.advance(wait);
          }
          await clock.advance(100);

          expect(seen).to.deep.equal(version);
          expect(most).to.be.at.most(concurrency);
          await queue.stop({ graceMs: 0 });
        },
      ),
      { numRuns: 50 },
    );
  });
});
