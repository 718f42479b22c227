import { expect } from 'chai';

import { benchFleet } from './fleet/fleet.bench.ts';

/** Five processes on a busy machine take their time. */
const LIMIT_MS = 180_000;

describe('the fleet benchmark', () => {
  it('counts the least writes for all pairs of four leaves, and none at rest and after a restart', async function () {
    this.timeout(LIMIT_MS);

    const figures = await benchFleet({
      leaves: 4,
      shortcuts: 6,
      processes: 2,
      samples: 0,
      hanging: 0,
      restSeconds: 1,
      profileDir: undefined,
      tell: () => undefined,
    });

    const counts = Object.fromEntries(figures.map(({ name, value }) => [name, value]));
    expect(counts).to.include({
      leaves: 4,
      shortcuts: 6,
      'writes on leaves': 48,
      'TLS handshakes of a leaf, at most': 1,
      'rest: writes': 0,
      'rest: requests': 0,
      'restart: writes': 0,
    });
    expect(counts['watches on a leaf, at most']).to.be.within(1, 10);
  });
});
