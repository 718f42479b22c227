import { expect } from 'chai';
import sinon, { type SinonFakeTimers } from 'sinon';
import { startSchedules } from '../../src/reconcile/triggers.ts';

describe('startSchedules', () => {
  let clock: SinonFakeTimers;
  let stop: () => void;
  let ticks: string[];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00.500Z') });
    ticks = [];
    stop = () => undefined;
  });

  afterEach(() => {
    stop();
    sinon.restore();
  });

  it('runs everything at its time, to the second', async () => {
    stop = startSchedules([
      { expression: '*/5 * * * * *', run: () => ticks.push(`sweep ${seconds()}`) },
      { expression: '*/15 * * * * *', run: () => ticks.push(`poll ${seconds()}`) },
    ]);

    await clock.tickAsync(15_000);

    expect(ticks).to.have.members(['sweep 5', 'sweep 10', 'sweep 15', 'poll 15']);
  });

  it('makes up for what a machine has missed that stood still, without a word of the library', async () => {
    const warn = sinon.stub(console, 'warn');
    stop = startSchedules([{ expression: '0 */1 * * * *', run: () => ticks.push('poll') }]);
    await clock.tickAsync(1_000);

    clock.setSystemTime(Date.parse('2026-01-01T00:01:30Z'));
    await clock.tickAsync(59_500);

    expect(ticks).to.include('poll');
    expect(warn.args).to.deep.equal([]);
  });

  it('runs nothing more once it is stopped', async () => {
    stop = startSchedules([{ expression: '*/5 * * * * *', run: () => ticks.push('sweep') }]);
    await clock.tickAsync(5_000);

    stop();
    await clock.tickAsync(60_000);

    expect(ticks).to.deep.equal(['sweep']);
  });

  function seconds(): number {
    return new Date().getUTCSeconds();
  }
});
