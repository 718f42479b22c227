import type { ResourceKind } from '../../../src/model/kube-object.ts';
import { commitShortcuts, sleep } from '../bench-world.ts';
import { type Counts, preciseNow } from './channel.ts';
import type { Pair } from './fleet-pairs.ts';
import { readReadiness, type FleetWorld, isReady } from './fleet-world.ts';
import { type Shares, splitTime } from './own-share.ts';
import type { ServiceProcess, Usage } from './service-process.ts';

/** Nothing was asked for this long: whatever was going on is over. */
const QUIET_MS = 2_000;
const LOOK_MS = 200;
/** Longest time until objects are Ready: that is not a target, but the end of patience. */
const READY_LIMIT_MS = 120_000;
const READY_LIMIT_MS_EACH = 1_000;

/** What was asked of all clusters, and what the service used meanwhile. */
export interface Spent {
  readonly seconds: number;
  readonly leaves: Counts;
  readonly mainWrites: number;
  readonly mainRequests: number;
  readonly mainByRequest: Readonly<Record<string, number>>;
  readonly mainWatches: number;
  readonly cpuMs: number;
  readonly usage: Usage;
}

/** Begins to measure; the answer ends it. `service` may have been started just before: then it has used nothing yet. */
export async function measure(
  fleet: FleetWorld,
  service: ServiceProcess | undefined,
): Promise<(current: ServiceProcess) => Promise<Spent>> {
  const before = (await service?.usage())?.cpuMs ?? 0;
  await fleet.resetCounts();
  const start = performance.now();
  return async (current) => {
    const seconds = (performance.now() - start) / 1000;
    const [leaves, usage] = await Promise.all([fleet.leafCounts(), current.usage()]);
    const main = fleet.main.main.requests.snapshot();
    return {
      seconds,
      leaves,
      mainWrites: main.writes,
      // A service that leads renews its Lease, whether or not there is anything to do.
      mainRequests: main.total - leaseRequests(main.byRequest),
      mainByRequest: main.byRequest,
      mainWatches: main.watchesOpenNow,
      cpuMs: usage.cpuMs - before,
      usage,
    };
  };
}

function leaseRequests(byRequest: Readonly<Record<string, number>>): number {
  return Object.entries(byRequest)
    .filter(([request]) => request.includes(' leases '))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** Resolves when so many objects of a kind are Ready. */
export async function untilReady(
  fleet: FleetWorld,
  kind: ResourceKind,
  count: number,
): Promise<void> {
  const deadline = performance.now() + READY_LIMIT_MS + count * READY_LIMIT_MS_EACH;
  for (;;) {
    const { ready, others } = await readReadiness(fleet, kind);
    if (ready >= count) return;
    if (performance.now() > deadline) {
      const shown = others.slice(0, 10).join('\n  ');
      throw new Error(`only ${ready} of ${count} ${kind.plural} became Ready:\n  ${shown}`);
    }
    await sleep(LOOK_MS);
  }
}

/**
 * Resolves when every watch is open that is to be, and nothing was asked for two seconds. Answers when the last request
 * was seen, by `performance.now()`.
 */
export async function untilQuiet(fleet: FleetWorld, watches: number): Promise<number> {
  let last = '';
  let lastAt = performance.now();
  for (;;) {
    const { requests, watchesOpen } = await fleet.leafCounts();
    const { total, byRequest } = fleet.main.main.requests.snapshot();
    const seen = `${requests} ${total - leaseRequests(byRequest)} ${watchesOpen}`;
    if (seen !== last) {
      last = seen;
      lastAt = performance.now();
    }
    if (watchesOpen >= watches && performance.now() - lastAt >= QUIET_MS) return lastAt;
    await sleep(LOOK_MS);
  }
}

/** One more shortcut, from the commit to Connected on both sides, as the API servers of the leaves see it. */
export async function connectOne(
  fleet: FleetWorld,
  service: ServiceProcess,
  [a, b]: Pair,
): Promise<Shares> {
  const sides = [
    { leaf: a, peer: b },
    { leaf: b, peer: a },
  ];
  await fleet.follow(sides);
  await commitShortcuts(fleet.main, [[a, b]]);
  const commitAt = preciseNow();
  await service.hint();
  await untilShortcutReady(fleet, `${a}-${b}`);
  const milestones = await Promise.all(
    sides.map((side) => fleet.hostOf(side.leaf).call('milestones', side)),
  );
  return splitTime(commitAt, milestones.flat());
}

async function untilShortcutReady(fleet: FleetWorld, name: string): Promise<void> {
  const deadline = performance.now() + READY_LIMIT_MS;
  while (!(await isReady(fleet, name))) {
    if (performance.now() > deadline) throw new Error(`"${name}" did not become Ready`);
    await sleep(50);
  }
}
