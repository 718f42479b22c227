import { ConfigError } from '../errors/errors.ts';

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const DURATION = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** A day: no wait of ours is longer, and timers of Node end at 24 days. */
const LONGEST_MS = 24 * 3_600_000;

/** Milliseconds of `30s`, `10m`, `1h30m`, `500ms`. Throws ConfigError; zero and more than a day are refused too. */
export function parseDuration(text: string): number {
  const [, ...counts] = DURATION.exec(text) ?? [];
  const ms = UNITS.reduce((sum, [, unitMs], index) => sum + Number(counts[index] ?? 0) * unitMs, 0);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new ConfigError(
    'is no duration between 1ms and 24h; write it like 30s, 10m, 1h30m or 500ms',
  );
}

/** The shortest text that `parseDuration` reads as `ms`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text;
}
