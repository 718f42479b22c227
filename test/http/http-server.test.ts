import { connect } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import sinon from 'sinon';
import { createHttpServer } from '../../src/http/http-server.ts';
import { ConfigError } from '../../src/errors/errors.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { FakeSnapshotReader } from './fake-snapshot-reader.ts';
import { standingClock, startTestServer } from './start-test-server.ts';

describe('HTTP server', () => {
  afterEach(() => {
    sinon.restore();
  });

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
    it(`is not written with ${method}, and says how it is read`, async () => {
      const { server } = await startTestServer();

      for (const url of ['/', '/api/v1/status', '/api/v1/leaves/rome', '/healthz']) {
        const response = await server.inject({ method, url });

        expect(response.statusCode, url).to.equal(405);
        expect(response.headers.allow, url).to.equal('GET, HEAD');
        expect(response.headers['content-type'], url).to.match(/^application\/problem\+json/);
      }
      await server.close();
    });
  }

  it('refuses a write before it looks at the body', async () => {
    const { server } = await startTestServer();

    const response = await server.inject({
      method: 'POST',
      url: '/api/v1/status',
      headers: { 'content-type': 'application/json' },
      payload: '{'.repeat(5000),
    });

    expect(response.statusCode).to.equal(405);
    await server.close();
  });

  it('answers HEAD like GET, without the body', async () => {
    const { server } = await startTestServer();

    for (const url of ['/', '/api/v1/status', '/healthz']) {
      const head = await server.inject({ method: 'HEAD', url });

      expect(head.statusCode, url).to.equal(200);
      expect(head.body, url).to.equal('');
      expect(Number(head.headers['content-length']), url).to.be.greaterThan(0);
    }
    await server.close();
  });

  for (const url of ['/', '/style.css', '/api/v1/status', '/healthz', '/none']) {
    it(`sends strict headers with ${url}`, async () => {
      const { server } = await startTestServer();

      const { headers } = await server.inject(url);

      expect(headers['content-security-policy']).to.equal(
        "default-src 'none';script-src 'self';style-src 'self';connect-src 'self';" +
          "img-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      );
      expect(headers).to.include({
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
      expect(headers).not.to.have.property('server');
      expect(headers).not.to.have.property('x-powered-by');
      await server.close();
    });
  }

  for (const url of ['/%zz', '/../../package.json', '/%2e%2e/http-server.ts', '/http-server.ts']) {
    it(`serves nothing at ${url}`, async () => {
      const { server } = await startTestServer();

      const response = await server.inject(url);

      expect(response.statusCode).to.be.oneOf([400, 404]);
      expect(response.headers['content-type']).to.match(/^application\/problem\+json/);
      await server.close();
    });
  }

  it('answers an address that asks too much with 429 and when to come again, but not the probes', async () => {
    const { server } = await startTestServer({}, { rateLimit: 2 });
    const statusOf = async (url: string) => (await server.inject(url)).statusCode;

    expect(await statusOf('/api/v1/leaves')).to.equal(200);
    expect(await statusOf('/metrics')).to.equal(200);
    const refused = await server.inject('/api/v1/leaves');

    expect(refused.statusCode).to.equal(429);
    expect(refused.headers['content-type']).to.match(/^application\/problem\+json/);
    expect(refused.headers['retry-after']).to.equal('60');
    expect(refused.json()).to.include({ status: 429, title: 'Too Many Requests' });
    for (let turn = 0; turn < 5; turn += 1) expect(await statusOf('/healthz')).to.equal(200);
    await server.close();
  });

  it('logs what it did wrong, and keeps it from the client', async () => {
    const lines: string[] = [];
    const reader = new FakeSnapshotReader();
    sinon.stub(reader, 'snapshot').throws(new RangeError('private detail'));
    const server = await createHttpServer({
      reader,
      version: '1.2.3',
      rateLimit: 0,
      clock: standingClock,
      staleAfterMs: 1,
      logger: createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } }),
    });

    const response = await server.inject('/api/v1/status?leaf=private-query');

    expect(response.statusCode).to.equal(500);
    expect(response.headers).not.to.have.property('etag');
    expect(response.json()).to.deep.equal({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
    });
    expect(lines).to.have.lengthOf(1);
    expect(lines[0]).to.contain('RangeError').and.contain('http-server.test.ts');
    expect(lines[0]).not.to.match(/private(-query| detail)/);
    expect(JSON.parse(lines[0]!)).to.include({ level: 'error', route: '/api/v1/status' });
    await server.close();
  });

  it('hides also what is thrown without being an error', async () => {
    const { server, reader } = await startTestServer();
    sinon.stub(reader, 'snapshot').callsFake(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- that is the case
      throw 'private detail';
    });

    const response = await server.inject('/readyz');

    expect(response.statusCode).to.equal(500);
    expect(response.body).not.to.contain('private');
    await server.close();
  });

  describe('on a port', () => {
    it('says where it listens, and lets go of the port when it is closed', async () => {
      const { server } = await startTestServer();

      const { host, port, url } = await server.listen({ host: '127.0.0.1', port: 0 });

      expect(host).to.equal('127.0.0.1');
      expect(url).to.equal(`http://127.0.0.1:${port}/`);
      expect((await fetch(`${url}healthz`)).status).to.equal(200);
      await server.close();
      const next = (await startTestServer()).server;
      expect(await next.listen({ host: '127.0.0.1', port })).to.include({ port });
      await next.close();
    });

    it('goes on to a free port where it may, and fails where it may not', async () => {
      const first = (await startTestServer()).server;
      const { port } = await first.listen({ host: '127.0.0.1', port: 0 });
      const second = (await startTestServer()).server;
      const third = (await startTestServer()).server;

      const next = await second.listen({ host: '127.0.0.1', port, nextFreePort: true });
      const refused = await third.listen({ host: '127.0.0.1', port }).catch((e: unknown) => e);

      expect(next.port).to.be.greaterThan(port);
      expect((await fetch(`${next.url}readyz`)).status).to.equal(200);
      expect(refused).to.be.instanceOf(ConfigError).with.property('message').include('EADDRINUSE');
      await Promise.all([first.close(), second.close(), third.close()]);
    });

    it('does not look for another port when the address itself is wrong', async () => {
      const { server } = await startTestServer();

      const error = await server
        .listen({ host: '192.0.2.1', port: 8080, nextFreePort: true })
        .catch((reason: unknown) => reason);

      expect(error).to.be.instanceOf(ConfigError).with.property('message').include('EADDRNOTAVAIL');
      await server.close();
    });

    it('names an address on which a person can open it', async () => {
      const { server } = await startTestServer();

      const { url, port } = await server.listen({ host: '0.0.0.0', port: 0 });

      expect(url).to.equal(`http://127.0.0.1:${port}/`);
      await server.close();
    });

    it('writes an IPv6 address in brackets', async function () {
      const { server } = await startTestServer();
      const listening = await server.listen({ host: '::1', port: 0 }).catch(() => undefined);
      if (listening === undefined) return this.skip();

      expect(listening.url).to.equal(`http://[::1]:${listening.port}/`);
      await server.close();
    });

    it('closes although somebody keeps a connection open', async () => {
      const { server } = await startTestServer();
      const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');

      // Cut in the middle of a request: the client may see a reset, or just the end.
      const closed = new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
      await server.close();

      await closed;
      expect(socket.destroyed).to.be.true;
    });

    it('refuses headers of more than 16 KiB', async () => {
      const { server } = await startTestServer();
      const { url } = await server.listen({ host: '127.0.0.1', port: 0 });

      const response = await fetch(`${url}healthz`, { headers: { x: 'y'.repeat(17 * 1024) } });

      expect(response.status).to.equal(431);
      await server.close();
    });
  });
});
