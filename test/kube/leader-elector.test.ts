import { expect } from 'chai';
import * as fc from 'fast-check';

import { settle } from '../support/fake-clock.ts';
import { ElectionWorld, type Replica } from './election-world.ts';

describe('leader election', () => {
  let world: ElectionWorld;

  beforeEach(() => {
    world = new ElectionWorld();
  });
  afterEach(() => world.stop());

  async function leaderAndFollower(): Promise<readonly [Replica, Replica]> {
    await world.start();
    return [await world.replica('turin-a'), await world.replica('turin-b')];
  }

  it('lets the first one lead at once, and the other follow', async () => {
    const [first, second] = await leaderAndFollower();

    expect(await world.pass(60_000)).to.equal(1);

    expect(first.leads).to.equal(true);
    expect(first.told).to.deep.equal(['leader turin-a']);
    expect(second.told).to.deep.equal(['follower turin-a']);
    expect(await world.holder()).to.equal('turin-a');
  });

  it('writes what other programs expect to read in a Lease', async () => {
    await leaderAndFollower();
    await world.pass(4_100);

    expect((await world.lease())['spec']).to.deep.equal({
      holderIdentity: 'turin-a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:04.000000Z',
      leaseTransitions: 1,
    });
  });

  it('renews every two seconds with one request, and nothing else', async () => {
    await world.start();
    await world.replica('turin-a');
    world.server.requests.reset();

    await world.pass(20_000);

    expect(world.server.requests.snapshot().byRequest).to.deep.equal({ 'patch leases admin': 10 });
  });

  it('takes over from who says nothing more, 15 s after its last sign of life', async () => {
    const [first, second] = await leaderAndFollower();
    await world.pass(1_000);
    first.freeze();

    await world.pass(12_900);
    expect(second.leads).to.equal(false);
    await world.pass(5_000);

    expect(second.leads).to.equal(true);
    expect((await world.lease())['spec']).to.include({ leaseTransitions: 2 });
  });

  it('does not let the frozen one write when it goes on', async () => {
    const [first, second] = await leaderAndFollower();
    first.freeze();
    await world.pass(20_000);

    expect(first.thaw()).to.equal(false);
    expect(await world.pass(30_000)).to.equal(1);

    expect(second.leads).to.equal(true);
    expect(first.told).to.deep.equal(['leader turin-a', 'follower ', 'follower turin-b']);
  });

  it('lets one that was frozen and alone lead again', async () => {
    await world.start();
    const only = await world.replica('turin-a');
    only.freeze();
    await world.pass(60_000);

    expect(only.thaw()).to.equal(false);
    await world.pass(3_000);

    expect(only.leads).to.equal(true);
  });

  it('lets the next one lead within one period after a release', async () => {
    const [first, second] = await leaderAndFollower();
    await world.pass(5_000);

    await first.elector.stop({ release: true });
    await world.pass(2_500);

    expect(second.leads).to.equal(true);
  });

  it('releases nothing that is another one’s', async () => {
    const [first] = await leaderAndFollower();
    await world.edit({ spec: { holderIdentity: 'somebody' } });

    await first.elector.stop({ release: true });

    expect(await world.holder()).to.equal('somebody');
  });

  it('makes the next one wait where nothing is released', async () => {
    const [first, second] = await leaderAndFollower();
    await world.pass(5_000);

    await first.elector.stop({ release: false });
    await world.pass(13_000);
    expect(second.leads).to.equal(false);
    await world.pass(5_000);

    expect(second.leads).to.equal(true);
  });

  it('steps down when it cannot renew for 10 s, and says so once', async () => {
    const [first, second] = await leaderAndFollower();
    world.server.faults.down(true);

    await world.pass(9_500);
    expect(first.leads).to.equal(true);
    await world.pass(1_000);
    expect(first.leads).to.equal(false);
    await world.pass(60_000);

    expect(second.leads).to.equal(false);
    const warnings = first.log.filter((line) => line.includes('cannot be read or renewed'));
    expect(warnings).to.have.length(1);
    world.server.faults.down(false);
    expect(await world.pass(20_000)).to.equal(1);
  });

  it('asks no more often while the main cluster is down', async () => {
    await world.start();
    await world.replica('turin-a');
    world.server.faults.forbidden(true);
    world.server.requests.reset();

    await world.pass(60_000);

    // One patch, or one look, in each period of 2 s and a little.
    expect(world.server.requests.snapshot().total).to.be.within(20, 31);
  });

  it('steps down where requests hang', async () => {
    const [first] = await leaderAndFollower();
    world.server.faults.hang(true);

    await world.pass(10_500);
    expect(first.leads).to.equal(false);

    world.server.faults.hang(false);
    expect(await world.pass(30_000)).to.equal(1);
  });

  it('makes a deleted Lease again without another one leading meanwhile', async () => {
    const [first] = await leaderAndFollower();
    await world.pass(3_000);
    await world.deleteLease();

    expect(await world.pass(40_000)).to.equal(1);

    expect(first.told).to.deep.equal(['leader turin-a']);
    expect(await world.holder()).to.equal('turin-a');
  });

  it('leads at once where there is no Lease and nobody has ever led', async () => {
    await world.start(undefined);
    const [first, second] = [await world.replica('turin-a'), await world.replica('turin-b')];

    expect(first.leads).to.equal(true);
    expect(await world.pass(30_000)).to.equal(1);
    expect(second.told).to.deep.equal(['follower turin-a']);
  });

  it('does not lead while it cannot be known whether anybody has ever led', async () => {
    await world.start(undefined);
    world.traces.isReadable = false;
    const first = await world.replica('turin-a');

    expect(await world.pass(60_000)).to.equal(0);
    world.traces.isReadable = true;
    await world.pass(3_000);

    expect(first.leads).to.equal(true);
  });

  it('waits for its duration when a Lease that it has seen is gone', async () => {
    const [first, second] = await leaderAndFollower();
    world.traces.isLed = false;
    first.freeze();
    await world.deleteLease();

    await world.pass(14_000);
    expect(second.leads).to.equal(false);
    await world.pass(5_000);
    expect(second.leads).to.equal(true);
  });

  it('counts a Lease that is not there as held where somebody has led, since it may have been deleted', async () => {
    await world.start(undefined);
    world.traces.isLed = true;
    const first = await world.replica('turin-a');

    await world.pass(14_000);
    expect(first.leads).to.equal(false);
    await world.pass(4_000);

    expect(first.leads).to.equal(true);
  });

  it('lets go of a Lease that somebody took by hand, and takes it again after its duration', async () => {
    const [first, second] = await leaderAndFollower();
    await world.edit({ spec: { holderIdentity: 'somebody' } });

    await world.pass(2_100);
    expect(first.leads).to.equal(false);
    expect(first.elector.leadership()).to.deep.equal({ role: 'follower', leader: 'somebody' });
    await world.pass(11_000);
    expect([first.leads, second.leads]).to.deep.equal([false, false]);
    await world.pass(6_000);

    expect([first, second].filter(({ leads }) => leads)).to.have.length(1);
  });

  const edits = [
    { what: 'empties it', body: { spec: { holderIdentity: '' } } },
    { what: 'gives it to the follower', body: { spec: { holderIdentity: 'turin-b' } } },
    { what: 'annotates it', body: { metadata: { annotations: { a: 'b' } } } },
    { what: 'clears it', body: { spec: null } },
  ];
  for (const { what, body } of edits) {
    it(`never has two leaders when somebody ${what} by hand`, async () => {
      await leaderAndFollower();
      // The leader has just renewed, and the follower is about to look.
      await world.pass(2_100);
      await world.edit(body);

      expect(await world.pass(40_000)).to.equal(1);
    });
  }

  it('never has two leaders, whatever happens', async function () {
    this.timeout(60_000);
    const happening = fc.oneof(
      fc.constantFrom(
        'down',
        'up',
        'hang',
        'answer',
        'slow',
        'fast',
        'delete',
        'new',
      ) as fc.Arbitrary<string>,
      fc
        .constantFrom('freeze', 'thaw', 'stop', 'release')
        .chain((what) => fc.nat({ max: 3 }).map((index) => `${what} ${index}`)),
      fc.constantFrom('', 'turin-0', 'turin-1', 'somebody').map((holder) => `hold ${holder}`),
    );
    const step = fc.tuple(happening, fc.integer({ min: 1, max: 120 }));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
        const lived = new ElectionWorld();
        await lived.start();
        await lived.replica('turin-0');
        await lived.replica('turin-1');
        for (const [what, tenths] of steps) {
          await happen(lived, what);
          expect(await lived.pass(tenths * 100), what).to.be.at.most(1);
        }
        lived.server.faults.down(false);
        lived.server.faults.hang(false);
        lived.server.faults.slow(0);
        await lived.replica('turin-last');
        for (const replica of lived.replicas) if (replica.isFrozen) replica.thaw();
        expect(await lived.pass(40_000)).to.equal(1);
        expect(lived.replicas.filter(({ leads }) => leads)).to.have.length(1);
        await lived.stop();
      }),
      { numRuns: 30 },
    );
  });
});

async function happen(world: ElectionWorld, what: string): Promise<void> {
  const { faults } = world.server;
  const [verb = '', argument = ''] = what.split(' ');
  const replica = world.replicas[Number(argument)];
  const actions: Readonly<Record<string, () => unknown>> = {
    down: () => faults.down(true),
    up: () => faults.down(false),
    hang: () => faults.hang(true),
    answer: () => faults.hang(false),
    slow: () => faults.slow(3_000),
    fast: () => faults.slow(0),
    delete: () => world.deleteLease().catch(() => undefined),
    new: () => world.replica(`turin-${world.replicas.length}`),
    freeze: () => replica?.freeze(),
    thaw: () => {
      if (replica?.isFrozen === true) replica.thaw();
    },
    stop: () => replica?.elector.stop({ release: false }),
    release: () => replica?.elector.stop({ release: true }),
    hold: () => world.edit({ spec: { holderIdentity: argument } }).catch(() => undefined),
  };
  // Stopping may take its time, which passes with the clock.
  void actions[verb]?.();
  await settle();
}
