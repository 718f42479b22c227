import { expect } from 'chai';
import fc from 'fast-check';
import { createFreshness, type Freshness, STALE_AFTER_MS } from '../../src/reconcile/freshness.ts';
import { aConnection } from '../status/samples.ts';
import { without } from '../status/without.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const PING_MS = 10_000;

/** A Connection as the leaf wrote it at this time of its own clock. */
function connectedAt(leafTime: number, uid = 'connection-1') {
  const timestamp = new Date(leafTime).toISOString();
  return aConnection({ value: 'Connected', latency: { value: '12ms', timestamp } }, { uid });
}

describe('freshness', () => {
  let now: number;
  let freshness: Freshness;

  beforeEach(() => {
    now = START;
    freshness = createFreshness(() => now);
  });

  it('believes a connection that was written a moment ago', () => {
    expect(freshness.isFresh(connectedAt(START - PING_MS))).to.be.true;
  });

  it('believes a connection that says no time: the value itself speaks', () => {
    now += 3_600_000;

    expect(freshness.isFresh(aConnection({ value: 'Connected' }))).to.be.true;
    expect(freshness.isFresh(aConnection({}))).to.be.true;
  });

  it('believes a connection as long as it moves', () => {
    for (let ping = 0; ping < 20; ping += 1) {
      freshness.note(connectedAt(now));
      now += PING_MS;
      expect(freshness.isFresh(connectedAt(now - PING_MS))).to.be.true;
    }
  });

  it('doubts a connection that has not moved for 45 s', () => {
    const connection = connectedAt(START);
    freshness.note(connection);

    now += STALE_AFTER_MS - 1;
    expect(freshness.isFresh(connection)).to.be.true;
    now += 1;
    expect(freshness.isFresh(connection)).to.be.false;
  });

  it('doubts at first sight what is old by its own word: nobody saw it move', () => {
    expect(freshness.isFresh(connectedAt(START - STALE_AFTER_MS))).to.be.false;
  });

  it('doubts in time also what a leaf wrote whose clock is ahead', () => {
    const ahead = connectedAt(START + 3_600_000);
    freshness.note(ahead);

    now += STALE_AFTER_MS;
    expect(freshness.isFresh(ahead)).to.be.false;
  });

  it('believes a connection again as soon as it moves', () => {
    const old = connectedAt(START - STALE_AFTER_MS);
    expect(freshness.isFresh(old)).to.be.false;

    expect(freshness.isFresh(connectedAt(START - STALE_AFTER_MS + PING_MS))).to.be.true;
  });

  it('looks at connections of different gateways separately', () => {
    freshness.note(connectedAt(START, 'a'));
    now += STALE_AFTER_MS;
    freshness.note(connectedAt(now, 'b'));

    expect(freshness.isFresh(connectedAt(START, 'a'))).to.be.false;
    expect(freshness.isFresh(connectedAt(now, 'b'))).to.be.true;
  });

  it('knows nothing of a connection any more once it is forgotten', () => {
    const ahead = START + 3_600_000;
    freshness.note(connectedAt(ahead));
    now += STALE_AFTER_MS;

    freshness.forget(connectedAt(ahead));

    expect(freshness.isFresh(connectedAt(ahead))).to.be.true;
  });

  it('forgets what it never saw without a word', () => {
    const metadata = without(connectedAt(START).metadata, 'uid');

    expect(() => freshness.forget({ ...connectedAt(START), metadata })).not.to.throw();
    expect(freshness.isFresh({ ...connectedAt(START), metadata })).to.be.true;
  });

  it('takes a time that it cannot read for one of now', () => {
    const connection = aConnection({ value: 'Connected', latency: { timestamp: 'yesterday' } });

    expect(freshness.isFresh(connection)).to.be.true;
    now += STALE_AFTER_MS;
    expect(freshness.isFresh(connection)).to.be.false;
  });

  it('is never wrong about a connection that it sees move, however wrong the clock of the leaf', () => {
    const skew = fc.integer({ min: -86_400_000, max: 86_400_000 });
    fc.assert(
      fc.property(skew, fc.integer({ min: 1, max: 50 }), (offset, pings) => {
        now = START;
        freshness = createFreshness(() => now);
        freshness.note(connectedAt(now + offset));
        for (let ping = 0; ping < pings; ping += 1) {
          now += PING_MS;
          freshness.note(connectedAt(now + offset));
          expect(freshness.isFresh(connectedAt(now + offset))).to.be.true;
        }
        now += STALE_AFTER_MS;
        expect(freshness.isFresh(connectedAt(now - STALE_AFTER_MS + offset))).to.be.false;
      }),
    );
  });
});
