import { expect } from 'chai';

import type { Milestone } from './fleet/channel.ts';
import { splitTime } from './fleet/own-share.ts';

const COMMIT = 1_000;

/** A connection with rome as the server; times in milliseconds after the commit. */
function milestones(changes: Readonly<Record<string, number>> = {}): readonly Milestone[] {
  const times = {
    'rome namespace': 100,
    'milan namespace': 110,
    'rome gateway': 130,
    'rome endpoint': 430,
    'rome secret': 330,
    'milan gateway': 450,
    'milan secret': 650,
    'milan publicKey': 470,
    'rome publicKey': 700,
    'rome connected': 900,
    'milan connected': 880,
    ...changes,
  };
  return Object.entries(times).map(([step, after]) => {
    const [leaf = '', what = ''] = step.split(' ');
    return { leaf, what: what as Milestone['what'], at: COMMIT + after };
  });
}

describe('splitTime', () => {
  it('gives us what passes until our writes, and Liqo what it makes of them, along the critical path', () => {
    const shares = splitTime(COMMIT, milestones());

    // commit → namespace 100 (ours) → gateway 130 (ours) → endpoint 430 (Liqo) → client 450 (ours) → its Secret 650 (Liqo)
    // → PublicKey 700 (ours) → Connected 900 (Liqo)
    expect(shares).to.deep.equal({ total: 900, own: 100 + 30 + 20 + 50, liqo: 300 + 200 + 200 });
  });

  it('counts a write that comes late as ours', () => {
    const late = milestones({ 'milan publicKey': 800, 'milan connected': 950 });

    const { total, own } = splitTime(COMMIT, late);

    // Needed since 450, when there was a gateway on milan to own it, and rome's Secret.
    expect({ total, own }).to.deep.equal({ total: 950, own: 100 + 30 + 20 + 350 });
  });

  it('refuses a pair that is not Connected on both sides', () => {
    const half = milestones().filter(({ leaf, what }) => leaf !== 'milan' || what !== 'connected');

    expect(() => splitTime(COMMIT, half)).to.throw(TypeError);
  });
});
