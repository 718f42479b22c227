import { expect } from 'chai';

import { commentGap, settleOf, statusGap } from '../../src/forge/pace.ts';

/** What GitHub takes of one commit and context. */
const LIMIT = 1_000;
const DAY_MS = 24 * 3_600_000;

/** How many statuses a commit can get in a time when it never comes to rest. */
function most(ms: number): number {
  let [count, at] = [0, 0];
  for (; at <= ms; count += 1) at += Math.max(statusGap(count + 1), settleOf('success', 'error'));
  return count;
}

describe('the pace of reports', () => {
  it('keeps a commit that flaps for two years below what GitHub takes', () => {
    expect(most(2 * 365 * DAY_MS)).to.be.lessThan(LIMIT);
    expect(most(DAY_MS)).to.be.at.most(16);
  });

  it('holds back no commit that comes to rest', () => {
    expect([0, 1, 2, 3, 4].map(statusGap)).to.deep.equal([0, 0, 0, 0, 0]);
  });

  it('lets trouble prove itself, and what follows a success', () => {
    expect(settleOf('error', undefined)).to.equal(settleOf('pending', 'success'));
    expect(settleOf('error', 'pending')).to.be.greaterThan(settleOf('failure', 'success'));
    expect(settleOf('success', 'pending')).to.equal(settleOf('pending', undefined));
  });

  it('writes details of a comment ever more rarely, and at least each hour', () => {
    const gaps = Array.from({ length: 20 }, (_, count) => commentGap(count));

    expect(gaps).to.deep.equal(gaps.toSorted((a, b) => a - b));
    expect(gaps.at(-1)).to.equal(3_600_000);
  });
});
