import { expect } from 'chai';
import fc from 'fast-check';
import { backoffDelay } from '../../src/runtime/backoff.ts';
import { systemRandom } from '../../src/runtime/random.ts';

describe('backoffDelay', () => {
  const backoff = { baseMs: 100, capMs: 5_000 };

  for (const { failures, want } of [
    { failures: 1, want: 100 },
    { failures: 2, want: 200 },
    { failures: 6, want: 3_200 },
    { failures: 7, want: 5_000 },
    { failures: 10_000, want: 5_000 },
  ]) {
    it(`is ${want} ms at most after ${failures} failures`, () => {
      expect(backoffDelay(failures, backoff, () => 1)).to.equal(want);
    });
  }

  it('lies between nothing and the step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (failures) => {
        const delay = backoffDelay(failures, backoff, systemRandom);

        expect(delay).to.be.within(
          0,
          backoffDelay(failures, backoff, () => 1),
        );
      }),
    );
  });
});
