import { expect } from 'chai';
import type { KubeClient, WatchEvent } from '../../../src/kube/kube-client.ts';
import type { ApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { HttpCaller, lines } from './http-caller.ts';
import { addNamespace, rejection, signal, toyServer, until } from './toy-server.ts';
import { aWidget, WIDGET, WIDGET_REF } from './widgets.ts';

const WATCH = '/apis/example.org/v1/namespaces/toys/widgets?watch=1';

describe('watches in process', () => {
  let server: ApiServer;
  let client: KubeClient;

  beforeEach(async () => {
    server = await toyServer();
    client = server.client({ outside: true });
  });
  afterEach(() => server.stop());

  const untilOpen = () =>
    until('the watch is open', () => server.requests.snapshot().watchesOpenNow === 1);
  async function version(): Promise<string> {
    return (await client.list(WIDGET, { signal })).resourceVersion;
  }
  function iterate(options: object) {
    return client
      .watch(WIDGET, { signal, resourceVersion: '0', ...options })
      [Symbol.asyncIterator]();
  }
  const text = (event: IteratorResult<WatchEvent>) => {
    if (event.done === true) return 'end';
    const { value } = event;
    return value.type === 'BOOKMARK'
      ? `BOOKMARK ${value.resourceVersion}`
      : `${value.type} ${value.object.metadata.name}`;
  };

  it('starts with what was missed, and goes on', async () => {
    const resourceVersion = await version();
    await client.create(WIDGET, aWidget(), { signal });
    const events = iterate({ resourceVersion });

    const first = await events.next();
    await client.patch(WIDGET_REF, { spec: { size: 2 } }, { signal });
    const second = await events.next();
    await client.delete(WIDGET_REF, { signal });
    const third = await events.next();

    expect([first, second, third].map(text)).to.deep.equal(['ADDED w', 'MODIFIED w', 'DELETED w']);
  });

  it('starts with everything when no version is named', async () => {
    await client.create(WIDGET, aWidget(), { signal });

    expect(text(await iterate({}).next())).to.equal('ADDED w');
  });

  it('shows objects that begin and cease to be selected as coming and going', async () => {
    await addNamespace(client, 'elsewhere');
    await client.create(WIDGET, aWidget(), { signal });
    const events = iterate({
      resourceVersion: await version(),
      labelSelector: 'on=1',
      namespace: 'toys',
    });
    const label = (value: string | null) =>
      client.patch(WIDGET_REF, { metadata: { labels: { on: value } } }, { signal });
    await client.create(WIDGET, aWidget({}, { namespace: 'elsewhere', labels: { on: '1' } }), {
      signal,
    });

    await label('1');
    await label(null);

    expect(text(await events.next())).to.equal('ADDED w');
    expect(text(await events.next())).to.equal('DELETED w');
  });

  it('is told 410 when its version is too old', async () => {
    const resourceVersion = await version();
    await client.create(WIDGET, aWidget(), { signal });
    server.faults.expireWatches();

    const error = await rejection(iterate({ resourceVersion }).next());

    expect(error.code).to.equal('API_EXPIRED');
  });

  it('forgets changes after some thousands of them', async () => {
    const resourceVersion = await version();
    await client.create(WIDGET, aWidget(), { signal });
    for (let size = 0; size < 4100; size++) {
      await client.patch(WIDGET_REF, { spec: { size: (size % 2) + 1 } }, { signal });
    }

    const error = await rejection(iterate({ resourceVersion }).next());

    expect(error.code).to.equal('API_EXPIRED');
  });

  it('is told 410 in the middle of it', async () => {
    const next = iterate({ resourceVersion: await version() }).next();
    await untilOpen();
    server.faults.expireWatches();

    expect((await rejection(next)).code).to.equal('API_EXPIRED');
  });

  it('ends with an AbortError when it is called off', async () => {
    const controller = new AbortController();
    const next = iterate({ resourceVersion: await version(), signal: controller.signal }).next();
    await untilOpen();
    controller.abort();

    expect((await rejection(next)).name).to.equal('AbortError');
  });

  it('ends quietly when the server stops', async () => {
    const events = iterate({ resourceVersion: await version() });
    const next = events.next();
    await untilOpen();
    await server.stop();

    expect(text(await next)).to.equal('end');
  });

  it('reminds of the version every minute', async () => {
    const clock = new FakeClock();
    const timed = await toyServer({ clock });
    const events = timed
      .client()
      .watch(WIDGET, { signal, resourceVersion: '0' })
      [Symbol.asyncIterator]();
    const next = events.next();
    await until('it waits', () => clock.sleeping === 2);

    await clock.advance(60_000);

    expect(text(await next)).to.match(/^BOOKMARK \d+$/);
    await events.return?.(undefined);
    await timed.stop();
  });
});

describe('watches over HTTPS', () => {
  let server: ApiServer;
  let http: HttpCaller;
  let client: KubeClient;

  beforeEach(async () => {
    server = await toyServer();
    await server.start();
    http = new HttpCaller(server);
    client = server.client();
  });
  afterEach(async () => {
    await http.close();
    await server.stop();
  });

  it('sends a line for each event, and is counted while open', async () => {
    const controller = new AbortController();
    const response = await http.open('GET', `${WATCH}&resourceVersion=0`, {}, controller.signal);
    const events = lines(response);
    await client.create(WIDGET, aWidget(), { signal });

    const { value } = await events.next();

    expect(value.type).to.equal('ADDED');
    expect(server.requests.snapshot()).to.include({ watchesOpened: 1, watchesOpenNow: 1 });
    controller.abort();
    await events.next().catch(() => undefined);
    await until('it is closed', () => server.requests.snapshot().watchesOpenNow === 0);
  });

  it('ends after the time asked for', async () => {
    const response = await http.open('GET', `${WATCH}&timeoutSeconds=1`);

    expect(await response.text()).to.equal('');
  });

  it('sends what exists first, then says that this was all', async () => {
    await client.create(WIDGET, aWidget(), { signal });
    const query =
      'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
    const events = lines(await http.open('GET', `${WATCH}&${query}`));

    const first = await events.next();
    const second = await events.next();

    expect(first.value.type).to.equal('ADDED');
    expect(second.value.type).to.equal('BOOKMARK');
    expect(second.value.object.metadata.annotations).to.deep.equal({
      'k8s.io/initial-events-end': 'true',
    });
  });

  it('tells 410 in an event, to a version that is too old and to a watch under way', async () => {
    await client.create(WIDGET, aWidget(), { signal });
    const { resourceVersion } = await client.list(WIDGET, { signal });
    const events = lines(await http.open('GET', `${WATCH}&resourceVersion=${resourceVersion}`));

    await client.patch(WIDGET_REF, { spec: { size: 1 } }, { signal });
    server.faults.expireWatches();
    await events.next();
    const { value } = await events.next();
    const late = await http.open('GET', `${WATCH}&resourceVersion=${resourceVersion}`);

    expect(value).to.deep.include({ type: 'ERROR' });
    expect(value.object).to.include({ code: 410, reason: 'Expired' });
    expect((await lines(late).next()).value.object).to.include({ code: 410, reason: 'Expired' });
  });

  it('breaks when watches are dropped', async () => {
    const events = lines(await http.open('GET', `${WATCH}&resourceVersion=0`));
    const next = events.next();
    server.faults.dropWatches();

    expect(await rejection(next)).to.be.an('error');
  });

  it('sends tables, the columns once', async () => {
    await client.create(WIDGET, aWidget(), { signal });
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const events = lines(await http.open('GET', WATCH, { headers }));

    const first = await events.next();
    await client.patch(WIDGET_REF, { spec: { size: 1 } }, { signal });
    const second = await events.next();

    expect(first.value.object.columnDefinitions).to.have.length(4);
    expect(second.value.object.columnDefinitions).to.equal(null);
    expect(second.value.object.rows[0]!.cells[0]).to.equal('w');
  });
});
