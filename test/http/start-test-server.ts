import { createHttpServer, type HttpServer } from '../../src/http/http-server.ts';
import type { HttpServerOptions } from '../../src/http/http-server.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { FakeSnapshotReader, type FakeWorld } from './fake-snapshot-reader.ts';

/** Milliseconds since the epoch at which the clock of these tests stands. */
export const NOW = Date.UTC(2026, 10, 22, 10, 0, 0);

export const standingClock: Clock = {
  now: () => NOW,
  sleep: () => Promise.reject(new Error('nobody sleeps at the HTTP edge')),
};

/** An HTTP edge over a fake world, without a port, and the reader behind it. */
export async function startTestServer(
  world: FakeWorld = {},
  overrides: Partial<HttpServerOptions> = {},
): Promise<{ server: HttpServer; reader: FakeSnapshotReader }> {
  const reader = new FakeSnapshotReader({ lastBeat: NOW, ...world });
  const server = await createHttpServer({
    reader,
    logger: silentLogger,
    version: '1.2.3',
    rateLimit: 0,
    clock: standingClock,
    staleAfterMs: 30_000,
    ...overrides,
  });
  return { server, reader };
}
