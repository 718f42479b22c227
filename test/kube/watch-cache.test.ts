import { expect } from 'chai';
import {
  ClusterForbiddenError,
  ClusterUnreachableError,
  ExpiredError,
  InvariantError,
  ThrottledError,
} from '../../src/errors/errors.ts';
import type {
  KubeList,
  KubeReader,
  ListOptions,
  WatchEvent,
  WatchOptions,
} from '../../src/kube/kube-client.ts';
import { createWatchCache, type WatchCacheOptions } from '../../src/kube/watch-cache.ts';
import { CONFIG_MAP } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

function anObject(name: string, version: string, labels: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: version, labels },
  };
}

class ScriptedWatch {
  readonly options: WatchOptions;
  readonly #items: (WatchEvent | { end: true; error?: Error })[] = [];
  #wake: () => void = () => undefined;

  constructor(options: WatchOptions) {
    this.options = options;
    options.signal.addEventListener('abort', () => {
      void this.fail(new DOMException('called off', 'AbortError'));
    });
  }

  async open(): Promise<this> {
    this.options.onOpen?.();
    await settle();
    return this;
  }

  async send(...events: WatchEvent[]): Promise<void> {
    this.#items.push(...events);
    this.#wake();
    await settle();
  }

  async end(): Promise<void> {
    this.#items.push({ end: true });
    this.#wake();
    await settle();
  }

  async fail(error: Error): Promise<void> {
    this.#items.push({ end: true, error });
    this.#wake();
    await settle();
  }

  async *events(): AsyncGenerator<WatchEvent> {
    for (;;) {
      const item = this.#items.shift();
      if (item === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (!('end' in item)) yield item;
      else if (item.error === undefined) return;
      else throw item.error;
    }
  }
}

/** A server whose lists and watches a test holds in its hands. */
class ScriptedReader implements KubeReader {
  world: KubeList = { items: [], resourceVersion: '1' };
  listError: Error | undefined;
  watchError: Error | undefined;
  readonly lists: ListOptions[] = [];
  readonly watches: ScriptedWatch[] = [];

  get(): Promise<KubeObject> {
    return Promise.reject(new Error('a watch cache gets nothing'));
  }

  list(_kind: unknown, options: ListOptions): Promise<KubeList> {
    this.lists.push(options);
    return this.listError === undefined
      ? Promise.resolve(this.world)
      : Promise.reject(this.listError);
  }

  watch(_kind: unknown, options: WatchOptions): AsyncIterable<WatchEvent> {
    const watch = new ScriptedWatch(options);
    this.watches.push(watch);
    if (this.watchError !== undefined) void watch.fail(this.watchError);
    return watch.events();
  }

  /** The watch of the moment. */
  get last(): ScriptedWatch {
    return this.watches.at(-1)!;
  }
}

const unreachable = new ClusterUnreachableError('no rome');
const forbidden = new ClusterForbiddenError('not allowed');

describe('the watch cache', () => {
  let stops: (() => Promise<void>)[] = [];

  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    stops = [];
  });

  function aCache(over: Partial<WatchCacheOptions> = {}) {
    const clock = new FakeClock();
    const client = new ScriptedReader();
    client.world = { items: [anObject('a', '5')], resourceVersion: '10' };
    const lines: Record<string, unknown>[] = [];
    const cache = createWatchCache({
      client,
      kind: CONFIG_MAP,
      cluster: 'rome',
      clock,
      random: () => 0.5,
      logger: createLogger({
        level: 'debug',
        destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
      }),
      ...over,
    });
    stops.push(() => cache.stop());
    const changes: string[] = [];
    const states: string[] = [];
    cache.onChange(({ type, object }) =>
      changes.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion ?? ''}`),
    );
    cache.onState(({ kind }) => states.push(kind));
    return { cache, client, clock, changes, states, lines };
  }

  /** A cache that is synced and watches. */
  async function aRunningCache(over: Partial<WatchCacheOptions> = {}) {
    const all = aCache(over);
    all.cache.start();
    await settle();
    await all.client.last.open();
    all.changes.length = 0;
    all.states.length = 0;
    return all;
  }

  it('lists, then watches from the version of the list', async () => {
    const { cache, client, changes, states } = aCache({
      namespace: 'ns',
      labelSelector: 'liqo',
    });
    expect(cache.state()).to.deep.equal({ kind: 'syncing' });

    cache.start();
    await settle();

    expect(client.lists[0]).to.include({ namespace: 'ns', labelSelector: 'liqo' });
    expect(client.last.options).to.include({
      namespace: 'ns',
      labelSelector: 'liqo',
      resourceVersion: '10',
    });
    expect(changes).to.deep.equal(['added a@5']);
    expect(states).to.deep.equal(['synced']);
    expect(cache.list()).to.deep.equal([anObject('a', '5')]);
  });

  it('cannot be started twice', () => {
    const { cache } = aCache();
    cache.start();

    expect(() => cache.start()).to.throw(InvariantError);
  });

  it('follows events, and tells nothing twice', async () => {
    const { cache, client, changes } = await aRunningCache({ indexedLabels: ['peer'] });

    await client.last.send(
      { type: 'ADDED', object: anObject('a', '5') },
      { type: 'ADDED', object: anObject('b', '11', { peer: 'milan' }) },
      { type: 'MODIFIED', object: anObject('b', '12', { peer: 'milan' }) },
      { type: 'MODIFIED', object: anObject('b', '12', { peer: 'milan' }) },
      { type: 'DELETED', object: anObject('a', '13') },
    );

    expect(changes).to.deep.equal(['added b@11', 'modified b@12', 'deleted a@13']);
    expect(cache.list()).to.deep.equal([anObject('b', '12', { peer: 'milan' })]);
    expect(cache.get('ns', 'b')).to.deep.equal(anObject('b', '12', { peer: 'milan' }));
    expect(cache.byLabel('peer', 'milan')).to.have.length(1);
  });

  it('keeps of an object what is wanted', async () => {
    const transform = ({ apiVersion, kind, metadata }: KubeObject) => ({
      apiVersion,
      kind,
      metadata,
    });
    const { cache, client } = await aRunningCache({ transform });

    await client.last.send({
      type: 'ADDED',
      object: { ...anObject('b', '11'), data: { big: '' } },
    });

    expect(cache.get('ns', 'b')).to.deep.equal(anObject('b', '11'));
  });

  it('shows what was written before the watch tells it, and tells it once', async () => {
    const { cache, client, changes } = await aRunningCache();
    const written = anObject('b', '11');

    cache.remember(written);
    expect(cache.kind).to.equal(CONFIG_MAP);
    expect(cache.get('ns', 'b')).to.equal(written);
    await client.last.send({ type: 'ADDED', object: anObject('b', '11') });

    expect(changes).to.deep.equal(['added b@11']);
  });

  describe('when a watch ends', () => {
    it('watches on at once from the last event or bookmark, without a list', async () => {
      const { client, states, clock } = await aRunningCache();
      await client.last.send({ type: 'MODIFIED', object: anObject('a', '15') });
      await client.last.end();
      expect(client.last.options.resourceVersion).to.equal('15');

      await client.last.open();
      await client.last.send({ type: 'BOOKMARK', resourceVersion: '99' });
      await client.last.end();

      expect(client.last.options.resourceVersion).to.equal('99');
      expect(client.lists).to.have.length(1);
      expect(clock.sleeping).to.equal(1); // the next complete list, and no delay
      expect(states).to.deep.equal([]);
    });

    it('also when it was quiet', async () => {
      const { client, clock } = await aRunningCache();
      await clock.advance(60_000);
      await client.last.end();

      expect(client.watches).to.have.length(2);
      expect(client.last.options.resourceVersion).to.equal('10');
      expect(client.lists).to.have.length(1);
    });

    it('at once and without a word: lists again, later each time', async () => {
      const { client, clock, states } = await aRunningCache();
      for (const delay of [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
        const before = client.lists.length;
        await client.last.end();
        await clock.advance(delay - 1);
        expect(client.lists).to.have.length(before);
        await clock.advance(1);
        expect(client.lists).to.have.length(before + 1);
        await client.last.open();
      }

      expect(states).to.deep.equal([]);
    });
  });

  describe('when a connection breaks', () => {
    it('watches on from the last version after a short while, and stays synced', async () => {
      const { client, clock, states, changes } = await aRunningCache();
      await client.last.send({ type: 'ADDED', object: anObject('b', '11') });
      await client.last.fail(unreachable);
      expect(client.watches).to.have.length(1);

      await clock.advance(250);
      await client.last.open();

      expect(client.watches).to.have.length(2);
      expect(client.last.options.resourceVersion).to.equal('11');
      expect(client.lists).to.have.length(1);
      expect(states).to.deep.equal([]);
      expect(changes).to.deep.equal(['added b@11']);
    });

    it('fails when it cannot be made again, keeps the objects, and recovers with a list', async () => {
      const { cache, client, clock, states, changes, lines } = await aRunningCache();
      client.watchError = unreachable;
      client.listError = unreachable;
      await client.last.send({ type: 'ADDED', object: anObject('b', '11') });
      await client.last.fail(unreachable);
      await clock.advance(250);
      const failedAt = clock.now();
      expect(cache.state()).to.deep.equal({ kind: 'failed', error: unreachable, since: failedAt });
      await clock.advance(300_000);
      expect(cache.list()).to.have.length(2);
      expect(cache.state()).to.include({ kind: 'failed', since: failedAt });

      client.watchError = undefined;
      client.listError = undefined;
      client.world = { items: [anObject('b', '11'), anObject('c', '20')], resourceVersion: '30' };
      await clock.advance(30_000);
      expect(cache.state().kind).to.equal('failed');
      await client.last.open();

      expect(states).to.deep.equal(['failed', 'synced']);
      expect(changes).to.deep.equal(['added b@11', 'deleted a@5', 'added c@20']);
      expect(client.last.options.resourceVersion).to.equal('30');
      expect(
        lines.map(({ level, msg, cluster, kind }) => ({ level, msg, cluster, kind })),
      ).to.deep.equal([
        { level: 'debug', msg: 'Watch failed', cluster: 'rome', kind: 'ConfigMap' },
        { level: 'debug', msg: 'Watch recovered', cluster: 'rome', kind: 'ConfigMap' },
      ]);
    });
  });

  it('recovers with the first event, if nobody tells that the watch is open', async () => {
    const { client, clock, states } = await aRunningCache();
    client.watchError = unreachable;
    await client.last.fail(unreachable);
    await clock.advance(250);
    client.watchError = undefined;
    await clock.advance(1_000);
    expect(states).to.deep.equal(['failed']);

    await client.last.send({ type: 'BOOKMARK', resourceVersion: '50' });

    expect(states).to.deep.equal(['failed', 'synced']);
  });

  it('does not flap when lists are allowed and watches are not', async () => {
    const { cache, client, clock, states, changes } = aCache();
    client.watchError = forbidden;
    cache.start();

    await clock.advance(300_000);

    expect(states).to.deep.equal(['synced', 'failed']);
    expect(changes).to.deep.equal(['added a@5']);
    expect(cache.list()).to.have.length(1);
  });

  it('tells when a failure becomes another, and keeps since when', async () => {
    const { cache, client, clock, states } = aCache();
    client.listError = unreachable;
    cache.start();
    await settle();
    const since = clock.now();
    client.listError = forbidden;

    await clock.advance(60_000);

    expect(states).to.deep.equal(['failed', 'failed']);
    expect(cache.state()).to.deep.equal({ kind: 'failed', error: forbidden, since });
  });

  it('waits as long as a server asks for', async () => {
    const { cache, client, clock } = aCache();
    client.listError = new ThrottledError('slow down', { details: { retryAfterSeconds: 20 } });
    cache.start();

    await clock.advance(19_999);
    expect(client.lists).to.have.length(1);
    await clock.advance(1);

    expect(client.lists).to.have.length(2);
  });

  it('backs off by itself when a throttling server names no time', async () => {
    const { cache, client, clock } = aCache();
    client.listError = new ThrottledError('slow down');
    cache.start();

    await clock.advance(250);

    expect(client.lists).to.have.length(2);
  });

  for (const isOpen of [true, false]) {
    it(`lists again when the version has expired, ${isOpen ? 'after' : 'before'} the watch is open`, async () => {
      const { client, clock, states, changes } = await aRunningCache();
      await client.last.send({ type: 'ADDED', object: anObject('b', '11') });
      await client.last.end();
      if (isOpen) await client.last.open();
      client.world = { items: [anObject('a', '40')], resourceVersion: '50' };

      await client.last.fail(new ExpiredError('too old'));
      await clock.advance(500);

      expect(changes).to.deep.equal(['added b@11', 'deleted b@11', 'modified a@40']);
      expect(client.last.options.resourceVersion).to.equal('50');
      expect(states).to.deep.equal([]);
    });
  }

  it('lists again from time to time, and tells only what a watch has lost', async () => {
    const { client, clock, changes, states } = await aRunningCache({ resyncMs: 1_000 });
    client.world = { items: [anObject('a', '5'), anObject('b', '6')], resourceVersion: '20' };

    await clock.advance(1_000);
    expect(client.lists).to.have.length(2);
    await client.last.open();
    await clock.advance(1_000);
    expect(client.lists).to.have.length(3);

    expect(changes).to.deep.equal(['added b@6']);
    expect(states).to.deep.equal([]);
    expect(client.last.options.resourceVersion).to.equal('20');
  });

  for (const { random, resync } of [
    { random: 0, resync: 540_000 },
    { random: 1, resync: 660_000 },
  ]) {
    it(`lists again after 10 minutes, give or take a tenth (${resync} ms)`, async () => {
      const { client, clock } = await aRunningCache({ random: () => random });

      await clock.advance(resync - 1);
      expect(client.lists).to.have.length(1);
      await clock.advance(1);

      expect(client.lists).to.have.length(2);
    });
  }

  it('survives a listener that throws', async () => {
    const { cache, client, changes, lines } = await aRunningCache();
    cache.onChange(() => {
      throw new Error('a bug');
    });

    await client.last.send(
      { type: 'ADDED', object: anObject('b', '11') },
      { type: 'ADDED', object: anObject('c', '12') },
    );

    expect(changes).to.deep.equal(['added b@11', 'added c@12']);
    expect(lines.map(({ msg }) => msg)).to.deep.equal(['Listener failed', 'Listener failed']);
  });

  it('tells nothing to those who no longer listen', async () => {
    const { cache, client } = await aRunningCache();
    let told = 0;
    const stopChanges = cache.onChange(() => (told += 1));
    const stopStates = cache.onState(() => (told += 1));

    stopChanges();
    stopStates();
    client.watchError = forbidden;
    await client.last.send({ type: 'ADDED', object: anObject('b', '11') });
    await client.last.end();

    expect(cache.state().kind).to.equal('failed');
    expect(told).to.equal(0);
  });

  describe('synced', () => {
    const signal = new AbortController().signal;

    it('resolves with the first list, and at once afterwards', async () => {
      const { cache } = aCache();
      const synced = cache.synced({ signal });
      cache.start();

      await synced;
      await cache.synced({ signal });

      expect(cache.list()).to.have.length(1);
    });

    it('goes on waiting through failures', async () => {
      const { cache, client, clock } = aCache();
      client.listError = unreachable;
      cache.start();
      await settle();
      const synced = cache.synced({ signal });
      client.listError = undefined;
      await clock.advance(250);
      await client.last.open();

      await synced;
    });

    it('is called off', async () => {
      const { cache } = aCache();
      const stop = new AbortController();
      const waiting = cache.synced({ signal: stop.signal }).catch((error: unknown) => error);
      stop.abort();

      expect(await waiting).to.have.property('name', 'AbortError');
      const late = cache.synced({ signal: stop.signal }).catch((error: unknown) => error);
      expect(await late).to.have.property('name', 'AbortError');
    });
  });

  it('ends its watch when stopped, tells nothing more and leaves no timer', async () => {
    const { cache, client, clock, changes, states } = await aRunningCache();

    await cache.stop();

    expect(client.last.options.signal.aborted).to.equal(true);
    expect(clock.sleeping).to.equal(0);
    await clock.advance(3_600_000);
    expect(client.watches).to.have.length(1);
    expect([...changes, ...states]).to.deep.equal([]);
  });

  it('can be stopped during a list and during a delay', async () => {
    const listing = aCache();
    const gate = Promise.withResolvers<KubeList>();
    listing.client.list = async (_kind, { signal }) => {
      signal.addEventListener('abort', () => gate.reject(new DOMException('', 'AbortError')));
      return gate.promise;
    };
    listing.cache.start();
    await listing.cache.stop();
    expect(listing.cache.state().kind).to.equal('syncing');

    const waiting = aCache();
    waiting.client.listError = unreachable;
    waiting.cache.start();
    await settle();
    await waiting.cache.stop();
    expect(waiting.clock.sleeping).to.equal(0);
  });

  it('can be stopped before it was started', async () => {
    await aCache().cache.stop();
  });
});
