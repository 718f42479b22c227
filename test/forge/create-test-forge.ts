import { createForge } from '../../src/forge/create-forge.ts';
import type { Forge } from '../../src/forge/forge.ts';
import { createRequestCounter, type RequestCounter } from '../../src/forge/request-counter.ts';
import type { TokenSource } from '../../src/git/auth/token-source.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import type { FakeForge } from '../support/fake-forges/fake-forge.ts';

export interface TestForge {
  readonly forge: Forge;
  readonly requests: RequestCounter;
}

/** The adapter for a fake, with the fake's own token unless another source is given. */
export async function createTestForge(
  fake: FakeForge,
  {
    tokens,
    clock = systemClock,
    context = 'liqo-shortcuts/torino',
    targetUrl = 'https://shortcuts.example',
    apiUrl = fake.apiUrl,
  }: {
    readonly tokens?: TokenSource;
    readonly clock?: Clock;
    readonly context?: string;
    readonly targetUrl?: string;
    readonly apiUrl?: string;
  } = {},
): Promise<TestForge> {
  const requests = createRequestCounter();
  const own = {
    token: () => Promise.resolve(fake.token),
    another: () => Promise.resolve(undefined),
  };
  const forge = await createForge({
    kind: fake.kind,
    apiUrl,
    repository: fake.repository,
    context: { name: () => context, targetUrl },
    tokens: tokens ?? own,
    network: {},
    userAgent: 'liqo-shortcuts/test',
    clock,
    onRequest: (operation, code) => requests.count(operation, code),
  });
  return { forge, requests };
}
