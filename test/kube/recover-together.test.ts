import { recoverTogether } from '../../src/kube/recover-together.ts';
import { createWatchCache, type WatchCache } from '../../src/kube/watch-cache.ts';
import { CONFIG_MAP, SECRET } from '../../src/model/kinds.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { type ApiServer, createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../leaves/until.ts';

describe('watches of one cluster', () => {
  let server: ApiServer;
  let clock: FakeClock;
  let caches: readonly WatchCache[];

  beforeEach(() => {
    server = createApiServer({ name: 'rome' });
    clock = new FakeClock();
    // The second always waits ten times longer than the first.
    caches = [CONFIG_MAP, SECRET].map((kind, index) =>
      createWatchCache({
        client: server.client({ outside: true }),
        kind,
        cluster: 'rome',
        clock,
        random: () => (index === 0 ? 0.1 : 1),
        logger: silentLogger,
      }),
    );
  });

  afterEach(async () => {
    await Promise.all(caches.map((cache) => cache.stop()));
  });

  const statesAre = (kind: string) =>
    until(`both are ${kind}`, () => caches.every((cache) => cache.state().kind === kind));

  it('are all back with the first one', async () => {
    recoverTogether(caches);
    server.faults.down(true);
    for (const cache of caches) cache.start();
    await statesAre('failed');
    server.faults.down(false);

    await clock.advance(60);

    await statesAre('synced');
  });
});
