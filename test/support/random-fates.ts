import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Fate, ProxiedRequest } from './front-proxy.ts';
import { randomNumbers } from './random-numbers.ts';

export interface RandomFatesOptions {
  readonly seed: number;
  /** Share of the requests that something happens to, from 0 to 1. */
  readonly share: number;
  /** Whether answers and watches may fall silent, which only time limits of minutes find out. */
  readonly silence: boolean;
}

/** Bad luck on the way to API servers, decided by a seed. */
export interface RandomFates {
  fateOf(cluster: string, request: ProxiedRequest): Promise<Fate>;
  /** From now on everything passes. */
  end(): void;
  /** What has happened so far, by its name. */
  readonly injected: ReadonlyMap<string, number>;
  /** Requests that came by, watches included. */
  readonly requests: () => number;
}

type Named = readonly [name: string, fate: Fate | { readonly kind: 'delay'; readonly ms: number }];

const STATUS = '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"bad luck"}';
/** As a real kube-apiserver says it (test/envtest/too-many-requests.envtest.ts): no Status, and a text. */
export const TOO_MANY = {
  kind: 'answer',
  status: 429,
  headers: { 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8' },
  body: 'Too many requests, please try again later.\n',
} as const satisfies Fate;
const PAGE = '<html><body>Bad gateway</body></html>';
const PASS: Fate = { kind: 'pass' };

/**
 * What befalls a request depends on the seed, the cluster, what is asked for, and how often it was asked for before, and
 * not on what else is under way: so one seed means the same bad luck in every run, as far as the same requests come.
 */
export function randomFates({ seed, share, silence }: RandomFatesOptions): RandomFates {
  const asked = new Map<string, number>();
  const injected = new Map<string, number>();
  let requests = 0;
  let isOver = false;

  function randomOf(cluster: string, { method, path, isWatch }: ProxiedRequest): () => number {
    const subject = `${cluster} ${method} ${path} ${isWatch}`;
    const count = (asked.get(subject) ?? 0) + 1;
    asked.set(subject, count);
    const digest = createHash('sha256').update(`${seed} ${subject} ${count}`).digest();
    return randomNumbers(digest.readUInt32LE(0));
  }

  return {
    injected,
    requests: () => requests,
    end: () => {
      isOver = true;
    },
    fateOf: async (cluster, request) => {
      requests += 1;
      if (isOver) return PASS;
      const random = randomOf(cluster, request);
      if (random() >= share) return PASS;
      const [name, fate] = request.isWatch ? ofWatch(random, silence) : ofCall(random, silence);
      injected.set(name, (injected.get(name) ?? 0) + 1);
      if (fate.kind !== 'delay') return fate;
      await sleep(fate.ms, undefined, { signal: request.signal });
      return PASS;
    },
  };
}

function ofCall(random: () => number, silence: boolean): Named {
  const bytes = Math.floor(random() * 2_000);
  return pick(random, [
    ['delay', { kind: 'delay', ms: 50 + random() * 750 }],
    ['delay', { kind: 'delay', ms: 50 + random() * 750 }],
    ['429', TOO_MANY],
    ['500', { kind: 'answer', status: 500, body: STATUS }],
    ['503', { kind: 'answer', status: 503, body: PAGE }],
    ['502 page', { kind: 'answer', status: 502, body: PAGE }],
    // As an ingress says it that has nobody behind it: no word about the object.
    ['404 page', { kind: 'answer', status: 404, body: PAGE }],
    ['garbage', { kind: 'answer', status: 200, body: PAGE }],
    ['lost request', { kind: 'drop', when: 'before' }],
    ['lost answer', { kind: 'drop', when: 'after' }],
    ['truncated', { kind: 'truncate', bytes, then: 'end' }],
    ['broken off', { kind: 'truncate', bytes, then: 'break' }],
    ...(silence && random() < 0.1 ? [['silent', silent(bytes)] as const] : []),
  ]);
}

function ofWatch(random: () => number, silence: boolean): Named {
  const bytes = Math.floor(random() * 8_000);
  return pick(random, [
    ['429 to a watch', TOO_MANY],
    ['500 to a watch', { kind: 'answer', status: 500, body: STATUS }],
    ['watch half closed', { kind: 'truncate', bytes, then: 'end' }],
    ['watch half closed', { kind: 'truncate', bytes, then: 'end' }],
    ['watch broken off', { kind: 'truncate', bytes, then: 'break' }],
    ['watch broken off', { kind: 'truncate', bytes, then: 'break' }],
    ...(silence ? [['watch silent', silent(bytes)] as const] : []),
  ]);
}

function silent(bytes: number): Fate {
  return { kind: 'truncate', bytes, then: 'silence' };
}

function pick(random: () => number, choices: readonly Named[]): Named {
  return choices[Math.floor(random() * choices.length)]!;
}
