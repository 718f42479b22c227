import { expect } from 'chai';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';
import { ConfigError } from '../../src/errors/errors.ts';

describe('Duration', () => {
  for (const { text, ms } of [
    { text: '1ms', ms: 1 },
    { text: '500ms', ms: 500 },
    { text: '30s', ms: 30_000 },
    { text: '90s', ms: 90_000 },
    { text: '10m', ms: 600_000 },
    { text: '1h30m', ms: 5_400_000 },
    { text: '1h2m3s4ms', ms: 3_723_004 },
    { text: '5m10ms', ms: 300_010 },
    { text: '24h', ms: 86_400_000 },
  ]) {
    it(`reads ${text}`, () => {
      expect(parseDuration(text)).to.equal(ms);
    });
  }

  for (const text of ['', '0s', '30', '30 s', '-1s', '1.5h', '1d', '1m1h', '1s1s', 's', '24h1ms']) {
    it(`refuses "${text}"`, () => {
      expect(() => parseDuration(text)).to.throw(ConfigError);
    });
  }

  it('writes what it reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).to.equal(ms);
      }),
    );
    expect(formatDuration(5_400_000)).to.equal('1h30m');
  });
});
