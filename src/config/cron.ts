import { ConfigError } from '../errors/errors.ts';
import { formatDuration } from './duration.ts';

const DIVISORS_OF_60 = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];
const DIVISORS_OF_24 = [1, 2, 3, 4, 6, 8, 12];

/**
 * Every interval that a cron expression can keep evenly, by its length in milliseconds, in ascending order. Anything
 * else would begin anew, too early, with each minute, hour or day.
 */
const EXPRESSIONS: ReadonlyMap<number, string> = new Map([
  ...DIVISORS_OF_60.map((n): [number, string] => [n * 1000, `*/${n} * * * * *`]),
  ...DIVISORS_OF_60.map((n): [number, string] => [n * 60_000, `0 */${n} * * * *`]),
  ...DIVISORS_OF_24.map((n): [number, string] => [n * 3_600_000, `0 0 */${n} * * *`]),
  [24 * 3_600_000, '0 0 0 * * *'],
]);

/** The node-cron expression (six fields, seconds first) for every `ms` milliseconds. Throws ConfigError. */
export function cronExpression(ms: number): string {
  const expression = EXPRESSIONS.get(ms);
  if (expression !== undefined) return expression;
  const allowed = [...EXPRESSIONS.keys()];
  const nearest = [
    allowed.findLast((candidate) => candidate < ms),
    allowed.find((candidate) => candidate > ms),
  ];
  const names = nearest.filter((candidate) => candidate !== undefined).map(formatDuration);
  throw new ConfigError(
    `${formatDuration(ms)} does not divide a minute, an hour or a day; nearest allowed: ${names.join(', ')}`,
  );
}
