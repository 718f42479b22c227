import { expect } from 'chai';
import type { CacheChange } from '../../src/kube/watch-cache.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { Shortcut } from '../../src/model/shortcut.ts';
import { createFreshness } from '../../src/reconcile/freshness.ts';
import type { ObjectEvent } from '../../src/model/object-event.ts';
import type { MainCluster } from '../../src/reconcile/main-cluster.ts';
import {
  createStatusKeeper,
  isWorthALook,
  type StatusKeeper,
} from '../../src/reconcile/status-keeper.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { createShortcutMemory, type ShortcutMemory } from '../../src/status/shortcut-memory.ts';
import { aConnection, aGatewayServer, aPlan } from '../status/samples.ts';
import { aKnownSide, anUnknownSide } from '../support/builders/a-known-side.ts';
import { aShortcut, type ShortcutOverrides } from '../support/builders/a-shortcut.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createMainServer, createShortcut } from './main-server.ts';

const { signal } = new AbortController();
const MINUTE = 60_000;

function aSample(latency: string, value = 'Connected', at = 0): KubeObject {
  const timestamp = new Date(at).toISOString();
  return aConnection({ value, latency: { value: latency, timestamp } });
}

describe('status keeper', () => {
  let server: ApiServer;
  let clock: FakeClock;
  let shortcut: Shortcut;
  let memory: ShortcutMemory;
  let remembered: KubeObject[];
  let log: string[];
  let events: ObjectEvent[];
  let keeper: StatusKeeper;

  beforeEach(async () => {
    server = await createMainServer();
    clock = new FakeClock();
    memory = createShortcutMemory();
    remembered = [];
    log = [];
    events = [];
    const main: Partial<MainCluster> = {
      client: server.client({ outside: true }),
      remember: (_kind, object) => remembered.push(object),
    };
    keeper = createStatusKeeper({
      main: main as MainCluster,
      freshness: createFreshness(() => clock.now()),
      clock,
      logger: createLogger({ level: 'info', destination: { write: (line) => log.push(line) } }),
      events: { record: (event) => events.push(event) },
    });
    shortcut = await createShortcut(server);
    server.requests.reset();
  });

  /** One look at a tunnel with this latency on rome's side, as far as the status is concerned. */
  async function keep(
    latency: string | undefined,
    overrides: ShortcutOverrides = {},
  ): Promise<void> {
    const merged = { ...shortcut, metadata: { ...shortcut.metadata, ...overrides.metadata } };
    const rome = aKnownSide({
      gatewayServers: [aGatewayServer()],
      connections: latency === undefined ? [] : [aSample(latency, 'Connected', clock.now())],
    });
    const sides = [rome, anUnknownSide()] as const;
    const input = { shortcut: merged, sides, installation: 'turin' };
    await keeper.keep({
      shortcut: merged,
      input,
      plan: aPlan(),
      failure: undefined,
      memory,
      signal,
    });
    const ref = { kind: SHORTCUT, namespace: 'liqo-shortcuts', name: 'rome-milan' };
    shortcut = (await server.client().get(ref, { signal })) as Shortcut;
  }

  function latencyInCR(): string | undefined {
    return shortcut.status?.sides?.[0]?.connection?.latency;
  }

  function writes(): number {
    return server.requests.snapshot().writes;
  }

  it('writes the status, and lets everybody know what is stored', async () => {
    await keep('12ms');

    expect(shortcut.status).to.include({
      key: 'milan--rome',
      observedGeneration: 1,
      phase: 'Unknown',
    });
    expect(remembered).to.deep.equal([shortcut]);
  });

  it('writes nothing when nothing changed', async () => {
    await keep('12ms');
    await clock.advance(10_000);
    await keep('12ms');

    expect(writes()).to.equal(1);
    expect(remembered).to.have.lengthOf(1);
  });

  it('notes in log, history and an Event what a user would notice, and nothing else', async () => {
    await keep('12ms');
    await keep('12ms');
    await keep(undefined);

    expect(memory.history).to.have.lengthOf(1);
    expect(events).to.have.lengthOf(1);
    expect(events[0]).to.deep.include({ type: 'Warning', reason: memory.history[0]?.reason });
    expect(events[0]?.regarding.metadata.uid).to.equal(shortcut.metadata.uid);
    expect(memory.history[0]).to.deep.include({
      from: '',
      to: 'Unknown',
      reason: 'LeafUnreachable',
    });
    expect(log).to.have.lengthOf(1);
  });

  it('answers a request to look again, and says which revision it is about', async () => {
    await keep('12ms', {
      metadata: {
        annotations: {
          'shortcuts.liqo.io/reconcile-requested-at': 'yesterday',
          'shortcuts.liqo.io/revision': 'main@sha1:0123',
        },
      },
    });

    expect(shortcut.status).to.include({
      lastHandledReconcileAt: 'yesterday',
      revision: 'main@sha1:0123',
    });
  });

  it('shows a failure', () => {
    const input = { shortcut, sides: [aKnownSide(), anUnknownSide()], installation: '' } as const;
    const failure = { reason: 'Rejected', message: 'spec.mtu', terminal: true } as const;

    const status = keeper.compute({ shortcut, input, plan: aPlan(), failure, memory });

    expect(status.phase).to.equal('Stalled');
  });

  describe('of latencies', () => {
    it('writes a new one at most every five minutes, and only when it moved far', async () => {
      await keep('20ms');
      await clock.advance(4.9 * MINUTE);
      await keep('90ms');
      expect(latencyInCR()).to.equal('20ms');

      await clock.advance(0.1 * MINUTE);
      await keep('90ms');
      expect(latencyInCR()).to.equal('90ms');

      await clock.advance(5 * MINUTE);
      await keep('94ms');
      expect(latencyInCR()).to.equal('90ms');
      expect(writes()).to.equal(2);
    });

    it('counts five minutes from the last one written, also after a restart', async () => {
      await keep('20ms');
      memory = createShortcutMemory();
      await keep('90ms');
      await clock.advance(4.9 * MINUTE);
      await keep('90ms');
      expect(latencyInCR()).to.equal('20ms');

      await clock.advance(0.1 * MINUTE);
      await keep('90ms');
      expect(latencyInCR()).to.equal('90ms');
    });

    it('leaves a first one out that means nothing, and writes the next when it is due', async () => {
      await keep('6.5s');
      expect(latencyInCR()).to.equal(undefined);

      await clock.advance(5 * MINUTE);
      await keep('12ms');
      expect(latencyInCR()).to.equal('12ms');
    });

    it('takes it away with the connection', async () => {
      await keep('20ms');
      await keep(undefined);

      expect(latencyInCR()).to.equal(undefined);
    });
  });
});

describe('isWorthALook', () => {
  const NOW = Date.parse('2026-01-01T01:00:00Z');
  let memory: ShortcutMemory;

  beforeEach(() => {
    memory = createShortcutMemory();
    memory.latencies.set('rome', { text: '20ms', at: NOW - 5 * MINUTE });
  });

  function isWorth(change: CacheChange, shortcut = aShortcut()): boolean {
    return isWorthALook(change, { shortcut, memory, cluster: 'rome', now: NOW });
  }

  function modified(previous: KubeObject, object: KubeObject): CacheChange {
    return { type: 'modified', previous, object };
  }

  const before = aSample('20ms');
  const cases: readonly { name: string; after: KubeObject; want: boolean }[] = [
    { name: 'the refreshing of a connection', after: aSample('20ms'), want: false },
    { name: 'a latency that hardly moved', after: aSample('24ms'), want: false },
    { name: 'a latency that moved far', after: aSample('90ms'), want: true },
    { name: 'another value', after: aSample('20ms', 'Error'), want: true },
    {
      name: 'another connection of the same name',
      after: { ...before, metadata: { ...before.metadata, uid: 'connection-2' } },
      want: true,
    },
  ];

  for (const { name, after, want } of cases) {
    it(`is ${want ? 'so' : 'not so'} for ${name}`, () => {
      expect(isWorth(modified(before, after))).to.equal(want);
    });
  }

  it('is so for anything about a connection that is not up', () => {
    const down = aSample('N/A', 'Error');

    expect(isWorth(modified(down, down))).to.be.true;
  });

  it('is so for every other kind, and for all that comes and goes', () => {
    expect(isWorth(modified(aGatewayServer(), aGatewayServer()))).to.be.true;
    expect(isWorth({ type: 'added', object: before })).to.be.true;
    expect(isWorth({ type: 'deleted', object: before })).to.be.true;
  });

  it('is so for a refreshing when the connection was doubted', () => {
    const condition = {
      type: 'Ready',
      status: 'Unknown',
      reason: 'ConnectionStale',
      message: '',
    } as const;
    const doubted = aShortcut({
      status: { conditions: [{ ...condition, lastTransitionTime: '' }] },
    });

    expect(isWorth(modified(before, before), doubted)).to.be.true;
  });

  it('is not so within five minutes of the last latency written', () => {
    memory.latencies.set('rome', { text: '20ms', at: NOW - 4.9 * MINUTE });

    expect(isWorth(modified(before, aSample('90ms')))).to.be.false;
  });

  it('is so for the first latency of all', () => {
    memory.latencies.delete('rome');

    expect(isWorth(modified(before, aSample('20ms')))).to.be.true;
  });
});
