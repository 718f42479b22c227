import { atMost, type Figure, percentile } from '../figure.ts';
import type { Counts } from './channel.ts';
import type { Spent } from './fleet-phases.ts';
import type { Shares } from './own-share.ts';

/** The least that `liqoctl network connect` writes too: namespace, Configuration, gateway and key on each side. */
const WRITES_PER_SHORTCUT = 8;

/** All shortcuts in one commit. `begin` is what was asked before, while the leaves were read. */
export function ofConnecting(
  begin: Counts,
  busy: Spent,
  { leaves, shortcuts }: { readonly leaves: number; readonly shortcuts: number },
): readonly Figure[] {
  const minimum = shortcuts * WRITES_PER_SHORTCUT;
  return [
    { name: 'leaves', value: leaves, unit: '' },
    { name: 'shortcuts', value: shortcuts, unit: '' },
    { name: 'commit → all Ready', value: busy.seconds, unit: 's' },
    { name: 'writes on leaves', value: busy.leaves.writes, unit: '' },
    atMost(1.25, {
      name: 'writes on leaves / minimum',
      value: busy.leaves.writes / minimum,
      unit: `(minimum ${minimum})`,
    }),
    {
      name: 'requests on leaves per shortcut',
      value: busy.leaves.requests / shortcuts,
      unit: '(liqoctl 58–61)',
    },
    { name: 'writes on main per shortcut', value: busy.mainWrites / shortcuts, unit: '' },
    atMost(2, {
      name: 'TLS handshakes of a leaf, at most',
      value: begin.mostHandshakesOfALeaf + busy.leaves.mostHandshakesOfALeaf,
      unit: '(since the start)',
    }),
    atMost(10, {
      name: 'watches on a leaf, at most',
      value: busy.leaves.mostWatchesOfALeaf,
      unit: '',
    }),
    { name: 'CPU until all is quiet', value: busy.cpuMs / 1000, unit: 's' },
    { name: 'CPU per shortcut', value: busy.cpuMs / shortcuts, unit: 'ms' },
    atMost(300, { name: 'memory (RSS) at the peak', value: busy.usage.peakMiB, unit: 'MiB' }),
  ];
}

/** Nothing but Connections that Liqo rewrites every 10 s. */
export function ofRest({ seconds, leaves, mainWrites, mainRequests, cpuMs, usage }: Spent) {
  return [
    { name: 'rest: measured', value: seconds, unit: 's' },
    atMost(0, { name: 'rest: writes', value: leaves.writes + mainWrites, unit: '' }),
    atMost(0, { name: 'rest: requests', value: leaves.requests + mainRequests, unit: '' }),
    { name: 'rest: watch data', value: leaves.bytes / seconds / 1024, unit: 'KiB/s' },
    atMost(10, { name: 'rest: share of a core', value: cpuMs / seconds / 10, unit: '%' }),
    atMost(250, { name: 'rest: memory (RSS)', value: usage.rssMiB, unit: 'MiB' }),
    { name: 'rest: JavaScript heap', value: usage.heapMiB, unit: 'MiB' },
  ] satisfies readonly Figure[];
}

/** A restart with nothing to do. */
export function ofRestart({ seconds, leaves, mainWrites, mainRequests, cpuMs, usage }: Spent) {
  return [
    atMost(60, { name: 'restart → everything read and looked at', value: seconds, unit: 's' }),
    atMost(0, { name: 'restart: writes', value: leaves.writes + mainWrites, unit: '' }),
    { name: 'restart: requests', value: leaves.requests + mainRequests, unit: '' },
    { name: 'restart: CPU', value: cpuMs / 1000, unit: 's' },
    { name: 'restart: memory (RSS) at the peak', value: usage.peakMiB, unit: 'MiB' },
  ] satisfies readonly Figure[];
}

/** One more shortcut at this size. */
export function ofSamples(shares: readonly Shares[]): readonly Figure[] {
  if (shares.length === 0) return [];
  const seconds = (of: keyof Shares, share: number): number =>
    percentile(
      shares.map((one) => one[of]),
      share,
    ) / 1000;
  return [
    { name: 'one more: samples', value: shares.length, unit: '' },
    { name: 'one more: commit → Connected, median', value: seconds('total', 0.5), unit: 's' },
    { name: 'one more: commit → Connected, p95', value: seconds('total', 0.95), unit: 's' },
    { name: 'one more: our own share, median', value: seconds('own', 0.5), unit: 's' },
    atMost(3, { name: 'one more: our own share, p95', value: seconds('own', 0.95), unit: 's' }),
    { name: "one more: Liqo's share, median", value: seconds('liqo', 0.5), unit: 's' },
  ];
}

/** The same beside leaves that hang. */
export function ofHanging(health: readonly Shares[], beside: readonly Shares[]): readonly Figure[] {
  if (health.length === 0 || beside.length === 0) return [];
  const p95 = (shares: readonly Shares[]): number =>
    percentile(
      shares.map(({ total }) => total),
      0.95,
    ) / 1000;
  return [
    { name: 'beside hanging leaves: samples', value: beside.length, unit: '' },
    {
      name: 'beside hanging leaves: commit → Connected, p95',
      value: p95(beside),
      unit: 's',
    },
    atMost(1.2, {
      name: 'beside hanging leaves: p95 / p95 in health',
      value: p95(beside) / p95(health),
      unit: '',
    }),
  ];
}
