import { expect } from 'chai';
import { validate } from 'node-cron';
import { cronExpression } from '../../src/config/cron.ts';
import { ConfigError } from '../../src/errors/errors.ts';

describe('Cron expression', () => {
  for (const { ms, want } of [
    { ms: 1000, want: '*/1 * * * * *' },
    { ms: 30_000, want: '*/30 * * * * *' },
    { ms: 60_000, want: '0 */1 * * * *' },
    { ms: 600_000, want: '0 */10 * * * *' },
    { ms: 3_600_000, want: '0 0 */1 * * *' },
    { ms: 43_200_000, want: '0 0 */12 * * *' },
    { ms: 86_400_000, want: '0 0 0 * * *' },
  ]) {
    it(`is "${want}" for ${ms} ms`, () => {
      expect(cronExpression(ms)).to.equal(want);
      expect(validate(want)).to.be.true;
    });
  }

  for (const { ms, nearest } of [
    { ms: 500, nearest: 'nearest allowed: 1s' },
    { ms: 1500, nearest: 'nearest allowed: 1s, 2s' },
    { ms: 7000, nearest: 'nearest allowed: 6s, 10s' },
    { ms: 45_000, nearest: 'nearest allowed: 30s, 1m' },
    { ms: 5_400_000, nearest: 'nearest allowed: 1h, 2h' },
    { ms: 72_000_000, nearest: 'nearest allowed: 12h, 24h' },
    { ms: 172_800_000, nearest: 'nearest allowed: 24h' },
  ]) {
    it(`does not exist for ${ms} ms, and the nearest intervals are named`, () => {
      // The names of the intervals are what the user needs: the one text that is looked at.
      expect(() => cronExpression(ms)).to.throw(ConfigError, new RegExp(`${nearest}$`));
    });
  }
});
