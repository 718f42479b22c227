import type { Milestone } from './channel.ts';

/** Where the time from a commit to Connected went, in milliseconds. The two parts add up to `total`. */
export interface Shares {
  readonly total: number;
  /** Ours: from the last thing that a write of ours needed to that write, along the critical path. */
  readonly own: number;
  /** The simulated Liqo's: from a write of ours to what it makes of it, along the critical path. */
  readonly liqo: number;
}

type What = Milestone['what'] | 'commit';

interface Step {
  readonly what: What;
  readonly leaf: string;
  readonly at: number;
}

/** What each step needs, on its own side and on the other (NETWORK.md section 15). */
const NEEDS: Readonly<
  Record<Milestone['what'], { readonly own: readonly What[]; readonly peers: readonly What[] }>
> = {
  namespace: { own: ['commit'], peers: [] },
  gateway: { own: ['namespace'], peers: ['endpoint'] },
  endpoint: { own: ['gateway'], peers: [] },
  secret: { own: ['gateway'], peers: [] },
  publicKey: { own: ['gateway'], peers: ['secret'] },
  connected: { own: ['publicKey'], peers: ['publicKey'] },
};

const MADE_BY_LIQO: ReadonlySet<What> = new Set(['endpoint', 'secret', 'connected']);

/**
 * Splits the time from `commitAt` until both sides are Connected. The critical path is walked backwards: from each step to
 * the last of those that it needs. A step that Liqo makes counts as Liqo's time, one that we write as ours. A gateway
 * needs the other side's endpoint only when it is the client: the server's is there before any endpoint is.
 *
 * @throws TypeError when a milestone is missing.
 */
export function splitTime(commitAt: number, milestones: readonly Milestone[]): Shares {
  const steps: readonly Step[] = [{ what: 'commit', leaf: '', at: commitAt }, ...milestones];

  function needsOf(step: Step): readonly Step[] {
    if (step.what === 'commit') return [];
    const { own, peers } = NEEDS[step.what];
    return steps.filter(({ what, leaf, at }) => {
      const isNeeded =
        (own.includes(what) && (leaf === step.leaf || leaf === '')) ||
        (peers.includes(what) && leaf !== step.leaf);
      return isNeeded && at <= step.at;
    });
  }

  const ends = steps.filter(({ what }) => what === 'connected');
  if (ends.length !== 2) throw new TypeError('a pair is followed until both sides are Connected');
  let step = latest(ends);
  const total = step.at - commitAt;
  let liqo = 0;
  while (step.what !== 'commit') {
    const before = latest(needsOf(step));
    if (MADE_BY_LIQO.has(step.what)) liqo += step.at - before.at;
    step = before;
  }
  return { total, own: total - liqo, liqo };
}

function latest(steps: readonly Step[]): Step {
  const [first, ...others] = steps;
  if (first === undefined) throw new TypeError('a step of the critical path was not seen');
  return others.reduce((last, step) => (step.at > last.at ? step : last), first);
}
