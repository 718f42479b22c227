import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { type ApiServer, createApiServer } from '../../../src/sandbox/kubernetes/api-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { HttpCaller, type Kubeconfig, lines } from './http-caller.ts';
import { rejection, signal, toyServer, until } from './toy-server.ts';
import { aWidget, WIDGET, WIDGET_REF } from './widgets.ts';

const WIDGETS = '/apis/example.org/v1/namespaces/toys/widgets';

describe('faults on command', () => {
  let server: ApiServer;
  let http: HttpCaller;

  beforeEach(async () => {
    server = await toyServer();
    await server.start();
    http = new HttpCaller(server);
  });
  afterEach(async () => {
    server.faults.hang(false);
    await http.close();
    await server.stop();
  });

  const outside = () => server.client({ outside: true });

  it('down: nobody comes in, watches break, controllers inside go on', async () => {
    const events = lines(await http.open('GET', `${WIDGETS}?watch=1`));
    const next = events.next();
    server.faults.down(true);

    expect(await rejection(next)).to.be.an('error');
    expect(await rejection(http.call('GET', WIDGETS))).to.be.an('error');
    expect((await rejection(outside().list(WIDGET, { signal }))).code).to.equal(
      'CLUSTER_UNREACHABLE',
    );
    expect((await server.client().list(WIDGET, { signal })).items).to.be.empty;

    server.faults.down(false);
    await http.close();
    http = new HttpCaller(server);
    expect((await http.call('GET', WIDGETS)).code).to.equal(200);
  });

  it('hang: requests are taken and never answered', async () => {
    server.faults.hang(true);
    const controller = new AbortController();
    const call = outside().list(WIDGET, { signal: controller.signal });
    const request = http.open('GET', WIDGETS, {}, controller.signal);
    await until('both came in', () => server.requests.snapshot().total === 2);
    controller.abort();

    expect((await rejection(call)).name).to.equal('AbortError');
    expect((await rejection(request)).name).to.equal('AbortError');
  });

  it('slow: answers are late', async () => {
    const clock = new FakeClock();
    const slow = await toyServer({ clock });
    slow.faults.slow(3000);
    const call = slow.client({ outside: true }).list(WIDGET, { signal });
    await until('it waits', () => clock.sleeping === 1);
    await clock.advance(3000);

    expect((await call).items).to.be.empty;
    await slow.stop();
  });

  it('forbidden: whom and what it names, until it ends', async () => {
    server.faults.forbidden(true, { verb: 'list', resource: 'widgets', user: 'admin' });
    const listed = await http.call('GET', WIDGETS);
    const got = await http.call('GET', `${WIDGETS}/w`);
    server.faults.forbidden(true);
    const all = await http.call('GET', `${WIDGETS}/w`);
    server.faults.forbidden(false);
    const none = await http.call('GET', WIDGETS);

    expect([listed, got, all, none].map(({ code }) => code)).to.deep.equal([403, 404, 403, 200]);
  });

  it('revoked: the user is not let in, until it ends', async () => {
    server.faults.revoked(true, 'admin');
    const refused = await http.call('GET', WIDGETS);
    server.faults.revoked(true, 'somebody');
    server.faults.revoked(false, 'admin');
    const answered = await http.call('GET', WIDGETS);

    expect([refused.code, answered.code]).to.deep.equal([401, 200]);
  });

  it('forbidden: a question for rights knows of it, and counts as no write', async () => {
    const ask = (verb: 'list' | 'get') => outside().isAllowed({ verb, kind: WIDGET }, { signal });
    server.faults.forbidden(true, { verb: 'list', resource: 'widgets' });

    expect([await ask('list'), await ask('get')]).to.deep.equal([false, true]);

    server.faults.forbidden(false);
    expect(await ask('list')).to.equal(true);
    expect(server.requests.snapshot()).to.include({ total: 3, writes: 0 });
  });

  it('silent watches: they stay open and never speak again', async () => {
    const before = outside()
      .watch(WIDGET, { signal, resourceVersion: '0' })
      [Symbol.asyncIterator]();
    const dead = before.next();
    await until('it is open', () => server.requests.snapshot().watchesOpenNow === 1);
    server.faults.silentWatches(true);
    const during = outside()
      .watch(WIDGET, { signal, resourceVersion: '0' })
      [Symbol.asyncIterator]();
    const mute = during.next();
    await until('it is open', () => server.requests.snapshot().watchesOpenNow === 2);
    server.faults.silentWatches(false);
    const after = outside().watch(WIDGET, { signal, resourceVersion: '0' })[Symbol.asyncIterator]();
    const alive = after.next();
    await until('it is open', () => server.requests.snapshot().watchesOpenNow === 3);

    await server.client().create(WIDGET, aWidget(), { signal });

    expect((await alive).value).to.include({ type: 'ADDED' });
    const first = await Promise.race([dead, mute, Promise.resolve('silence')]);
    expect(first).to.equal('silence');
    await server.stop();
    expect((await dead).done).to.equal(true);
  });

  it('dropped watches: those from outside break, and can be opened again', async () => {
    const watch = outside().watch(WIDGET, { signal, resourceVersion: '0' })[Symbol.asyncIterator]();
    const next = watch.next();
    await until('it is open', () => server.requests.snapshot().watchesOpenNow === 1);
    server.faults.dropWatches();

    expect((await rejection(next)).code).to.equal('CLUSTER_UNREACHABLE');
  });

  it('counts what comes in from outside', async () => {
    await http.call('POST', WIDGETS, { body: aWidget() });
    await http.call('GET', WIDGETS);
    await outside().patch(WIDGET_REF, { spec: { size: 1 } }, { signal });
    await server.client().delete(WIDGET_REF, { signal });
    const counted = server.requests.snapshot();
    server.requests.reset();

    expect(counted).to.deep.include({ total: 3, writes: 2, reads: 1, tlsHandshakes: 1 });
    expect(counted.byRequest).to.deep.equal({
      'create widgets admin': 1,
      'list widgets admin': 1,
      'patch widgets admin': 1,
    });
    expect(counted.bytes).to.be.above(100);
    expect(server.requests.snapshot()).to.deep.include({ total: 0, bytes: 0, byRequest: {} });
  });

  it('a client that is closed calls its calls off', async () => {
    const client = server.client();
    await client.close();

    expect((await rejection(client.list(WIDGET, { signal }))).name).to.equal('AbortError');
  });
});

describe('the life of a server', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'api-server-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('remembers objects, tokens, certificate and port', async () => {
    const stateFile = join(folder, 'deep', 'rome.json');
    const first = await toyServer({ stateFile });
    first.addUser('hub', ['team']);
    await first.client().create(WIDGET, aWidget({ size: 3 }), { signal });
    await first.start();
    const kubeconfigs = [first.kubeconfig('admin'), first.kubeconfig('hub')];
    const { resourceVersion } = await first.client().list(WIDGET, { signal });
    await first.stop();

    const second = createApiServer({ name: 'rome', stateFile });
    await second.start();
    const list = await second.client().list(WIDGET, { signal });
    const late = second.client().watch(WIDGET, { signal, resourceVersion: '2' });

    expect([second.kubeconfig('admin'), second.kubeconfig('hub')]).to.deep.equal(kubeconfigs);
    expect(list.resourceVersion).to.equal(resourceVersion);
    expect(list.items[0]!['spec']).to.deep.equal({ color: 'red', size: 3 });
    expect((await rejection(late[Symbol.asyncIterator]().next())).code).to.equal('API_EXPIRED');

    // Its port being taken, a third one takes another.
    const third = createApiServer({ name: 'rome', stateFile });
    await third.start();
    expect(third.url).not.to.equal(second.url);
    await third.stop();
    await second.stop();
  });

  it('saves some time after a change', async () => {
    const stateFile = join(folder, 'rome.json');
    const clock = new FakeClock();
    const server = await toyServer({ stateFile, clock });
    await until('it gathers changes', () => clock.sleeping === 1);
    await clock.advance(500);
    await until('it is saved', () => {
      try {
        return createApiServer({ name: 'rome', stateFile }).name === 'rome';
      } catch {
        return false;
      }
    });
    await server.client().create(WIDGET, aWidget(), { signal });
    await until('it gathers changes again', () => clock.sleeping === 1);
    await server.stop();

    const again = createApiServer({ name: 'rome', stateFile });
    expect((await again.client().list(WIDGET, { signal })).items).to.have.length(1);
    await again.stop();
  });

  it('writes kubeconfigs with everything inline', async () => {
    const server = createApiServer({ name: 'rome' });
    expect(() => server.url).to.throw();
    await server.start();
    const config = parse(server.kubeconfig('admin')) as Kubeconfig;

    expect(config['current-context']).to.equal('rome');
    expect(config.clusters[0]!.cluster.server).to.match(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(() => server.kubeconfig('nobody')).to.throw();
    expect(await rejection(server.start())).to.be.an('error');
    await server.stop();
  });

  it('fails to start on a port that is taken', async () => {
    const first = createApiServer({ name: 'a' });
    await first.start();
    const port = Number(new URL(first.url).port);

    const error = await rejection(createApiServer({ name: 'b', port }).start());

    expect(error.code).to.equal('EADDRINUSE');
    await first.stop();
  });
});
