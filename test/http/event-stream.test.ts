import { expect } from 'chai';
import { request } from 'undici';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { eventually, untilTrue } from '../support/scenario-wait.ts';
import { aShortcutItem, aSnapshot, type FakeSnapshotReader } from './fake-snapshot-reader.ts';
import type { HttpServer } from '../../src/http/http-server.ts';
import { startTestServer } from './start-test-server.ts';

interface StreamEvent {
  readonly id: string;
  readonly data: Patch;
}

interface Heard {
  readonly events: readonly StreamEvent[];
  /** Everything else that came. */
  readonly comments: () => string;
  readonly isOver: () => boolean;
  leave(): void;
}

interface Patch {
  readonly reset: boolean;
  readonly summary: { readonly synced: boolean };
  readonly shortcuts: {
    readonly changed: readonly { readonly name: string; readonly phase: string }[];
    readonly removed: readonly string[];
  };
}

function until(what: string, isSo: () => boolean): Promise<void> {
  return untilTrue(what, () => Promise.resolve(isSo()));
}

describe('GET /api/v1/events', () => {
  let server: HttpServer;
  let reader: FakeSnapshotReader;
  let clock: FakeClock;
  let url: string;
  const heard: Heard[] = [];

  beforeEach(async () => {
    clock = new FakeClock();
    ({ server, reader } = await startTestServer({}, { clock }));
    const address = await server.listen({ host: '127.0.0.1', port: 0 });
    url = `${address.url}api/v1/events`;
  });
  afterEach(async () => {
    for (const one of heard.splice(0)) one.leave();
    await server.close();
  });

  async function listen(headers: Record<string, string> = {}): Promise<Heard> {
    const { statusCode, headers: got, body } = await request(url, { headers });
    expect(statusCode).to.equal(200);
    expect(got['content-type']).to.equal('text/event-stream');
    let comments = '';
    let rest = '';
    let isOver = false;
    const events: StreamEvent[] = [];
    body.setEncoding('utf8');
    body.on('data', (chunk: string) => {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, id, data] = /^event: status\nid: (.*)\ndata: (.*)$/.exec(block) ?? [];
        if (id === undefined || data === undefined) comments += block;
        else events.push({ id, data: JSON.parse(data) as Patch });
      }
    });
    body.on('close', () => (isOver = true));
    body.on('error', () => undefined);
    const one: Heard = {
      events,
      comments: () => comments,
      isOver: () => isOver,
      leave: () => body.destroy(),
    };
    heard.push(one);
    return one;
  }

  async function nth(one: Heard, count: number) {
    return eventually(`event ${count}`, () => {
      const event = one.events[count - 1];
      return Promise.resolve(event === undefined ? { seen: one.events.length } : { done: event });
    });
  }

  /** Another picture, and the time after which it is told. */
  async function change(phase: string): Promise<void> {
    reader.change({ snapshot: { shortcuts: [aShortcutItem({ phase })] } });
    await clock.advance(100);
  }

  it('begins with the whole picture', async () => {
    const { data } = await nth(await listen(), 1);

    expect(data.reset).to.equal(true);
    expect(data.shortcuts.changed.map(({ name }) => name)).to.deep.equal(
      aSnapshot().shortcuts.map(({ name }) => name),
    );
  });

  it('goes on with what changes, several changes of a moment at once', async () => {
    const one = await listen();
    await nth(one, 1);

    reader.change({ snapshot: { shortcuts: [aShortcutItem({ phase: 'Degraded' })] } });
    await change('Down');
    const { data } = await nth(one, 2);
    await change('Ready');
    const { data: later } = await nth(one, 3);

    expect(data.reset).to.equal(false);
    expect(data.shortcuts.changed.map(({ phase }) => phase)).to.deep.equal(['Down']);
    expect(later.shortcuts.changed.map(({ phase }) => phase)).to.deep.equal(['Ready']);
    expect(one.events).to.have.length(3);
  });

  it('says nothing when nothing that is shown changes, but that it is alive', async () => {
    const one = await listen();
    await nth(one, 1);

    reader.change({ snapshot: { version: '1' } });
    await clock.advance(15_000);
    await until('a sign of life', () => one.comments().includes(': alive'));

    expect(one.events).to.have.length(1);
  });

  it('goes on where it was left', async () => {
    const first = await listen();
    const { id } = await nth(first, 1);
    await change('Down');
    await nth(first, 2);
    first.leave();
    await until('nobody listens', () => reader.listeners === 0);
    reader.change({ snapshot: { shortcuts: [] } });

    const second = await listen({ 'last-event-id': id });
    await nth(second, 2);

    const [one, two] = second.events.map(({ data }) => data);
    expect(one?.reset).to.equal(false);
    expect(one?.shortcuts.changed.map(({ phase }) => phase)).to.deep.equal(['Down']);
    expect(two?.shortcuts.removed).to.have.length(1);
  });

  for (const [what, id] of [
    ['of another process', '0-0'],
    ['of the future', 'FUTURE'],
    ['that is none', '\u00e9<script>'],
  ] as const) {
    it(`begins anew for an id ${what}`, async () => {
      const { id: known } = await nth(await listen(), 1);
      const later = known.replace(/-0$/, '-7');

      const { data } = await nth(await listen({ 'last-event-id': id.replace('FUTURE', later) }), 1);

      expect(data.reset).to.equal(true);
    });
  }

  it('begins anew for somebody who was away for too long', async () => {
    const { id } = await nth(await listen(), 1);
    for (let turn = 0; turn < 501; turn += 1) await change(turn % 2 === 0 ? 'Down' : 'Ready');

    const { data } = await nth(await listen({ 'last-event-id': id }), 1);

    expect(data.reset).to.equal(true);
  });

  it('cuts off who does not read, and nobody else', async () => {
    const reading = await listen();
    await nth(reading, 1);
    const { body: idle } = await request(url);
    let isCut = false;
    idle.on('error', () => (isCut = true));
    idle.on('close', () => (isCut = true));
    idle.pause();
    const message = 'x'.repeat(512 * 1024);

    for (let turn = 0; turn < 40; turn += 1) {
      reader.change({ snapshot: { mainError: `${turn} ${message}` } });
      await clock.advance(100);
      await settle();
      await nth(reading, turn + 2);
    }
    idle.resume();

    await until('the idle one is cut off', () => isCut);
    expect(reading.isOver()).to.equal(false);
  });

  it('asks nothing of the service while nobody listens', async () => {
    const one = await listen();
    await nth(one, 1);
    one.leave();

    await until('nobody listens', () => reader.listeners === 0);

    expect(clock.sleeping).to.equal(0);
  });

  it('ends with the service', async () => {
    const one = await listen();
    await nth(one, 1);

    await server.close();

    await until('the stream is over', () => one.isOver());
  });

  it('is for those who have the token', async () => {
    const guarded = await startTestServer({}, { token: 'secret' });
    const response = await guarded.server.inject('/api/v1/events');
    await guarded.server.close();
    expect(response.statusCode).to.equal(401);
  });
});
