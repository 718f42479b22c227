import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  ClusterForbiddenError,
  ClusterUnreachableError,
  CredentialInvalidError,
  ExpiredError,
  InvariantError,
  NotFoundError,
  RejectedByApiError,
  ThrottledError,
  TimeoutError,
} from '../../src/errors/errors.ts';
import type { OperatorError } from '../../src/errors/operator-error.ts';
import { createKubeClient, type KubeClientOptions } from '../../src/kube/client-node-client.ts';
import { type ClusterCredentials, createCredentials } from '../../src/kube/credentials.ts';
import type { KubeClient, WatchEvent } from '../../src/kube/kube-client.ts';
import { LEASE } from '../../src/kube/lease-record.ts';
import { CONFIG_MAP, NAMESPACE, SHORTCUT } from '../../src/model/kinds.ts';
import type { ObjectRef } from '../../src/model/kube-object.ts';
import {
  Cable,
  type RawApiServer,
  refuse,
  reply,
  startRawApiServer,
} from '../support/raw-api-server.ts';
import { until } from '../leaves/until.ts';
import { untilTrue } from '../support/scenario-wait.ts';
import { hurriedClock } from '../support/hurried-clock.ts';
import { TEST_CERTIFICATE_DATA, TEST_KEY_DATA } from '../support/test-certificate.ts';

const signal = new AbortController().signal;
const ref: ObjectRef = { kind: CONFIG_MAP, namespace: 'ns', name: 'one' };
const object = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'one', namespace: 'ns', resourceVersion: '7' },
};

async function failureOf(promise: Promise<unknown>): Promise<OperatorError> {
  try {
    await promise;
  } catch (error) {
    return error as OperatorError;
  }
  throw new Error('it did not fail');
}

async function eventsOf(events: AsyncIterable<WatchEvent>): Promise<WatchEvent[]> {
  return Array.fromAsync(events);
}

function line(type: string, value: unknown): string {
  return `${JSON.stringify({ type, object: value })}\n`;
}

describe('the client-node client', () => {
  let server: RawApiServer;
  let clients: KubeClient[];

  async function aClient(over: Partial<KubeClientOptions> = {}): Promise<KubeClient> {
    const client = await createKubeClient({
      credentials: server.credentials(),
      cluster: 'rome',
      ...over,
    });
    clients.push(client);
    return client;
  }

  function withTokenFile(tokenFile: string): ClusterCredentials {
    const fields = { server: server.url, caData: TEST_CERTIFICATE_DATA, tokenFile };
    return createCredentials(fields, 'rome');
  }

  beforeEach(async () => {
    server = await startRawApiServer();
    clients = [];
  });

  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server.stop();
  });

  describe('requests', () => {
    it('carry the token, a user agent, and ask for JSON', async () => {
      server.answer = (_request, response) => reply(response, object);
      const client = await aClient({ userAgent: 'liqo-shortcuts/9' });

      expect(await client.get(ref, { signal })).to.deep.equal(object);

      const [request] = server.requests;
      expect(request?.path).to.equal('/api/v1/namespaces/ns/configmaps/one');
      expect(request?.headers.authorization).to.equal('Bearer a-secret-token');
      expect(request?.headers['user-agent']).to.equal('liqo-shortcuts/9');
      expect(request?.headers.accept).to.equal('application/json');
    });

    it('read the token of a service account from its file', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'token-'));
      try {
        const tokenFile = join(directory, 'token');
        await writeFile(tokenFile, 'projected\n');
        server.answer = (_request, response) => reply(response, object);
        const client = await aClient({ credentials: withTokenFile(tokenFile) });

        await client.get(ref, { signal });

        expect(server.requests[0]?.headers.authorization).to.equal('Bearer projected');
      } finally {
        await rm(directory, { recursive: true });
      }
    });

    it('fail as an invalid credential when that file is gone', async () => {
      const client = await aClient({ credentials: withTokenFile('/nowhere/token') });

      const error = await failureOf(client.get(ref, { signal }));

      expect(error).to.be.instanceOf(CredentialInvalidError);
    });

    it('show the client certificate', async () => {
      server.answer = (_request, response) => reply(response, object);
      const fields = { server: server.url, caData: TEST_CERTIFICATE_DATA };
      const pair = { certData: TEST_CERTIFICATE_DATA, keyData: TEST_KEY_DATA };
      const client = await aClient({
        credentials: createCredentials({ ...fields, ...pair }, 'rome'),
      });

      await client.get(ref, { signal });

      expect(server.requests[0]).to.include({ hasCertificate: true });
      expect(server.requests[0]?.headers).not.to.have.property('authorization');
    });

    it('expect the name of the server that they were told', async () => {
      const client = await aClient({ credentials: server.credentials({ tlsServerName: 'other' }) });

      const error = await failureOf(client.get(ref, { signal }));

      expect(error.details).to.include({ transport: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    });

    it('go without TLS to a loopback server of a test', async () => {
      const plain = createServer((_request, response) => response.end(JSON.stringify(object)));
      await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = plain.address() as AddressInfo;
        const credentials = createCredentials(
          { server: `http://127.0.0.1:${port}`, token: 't' },
          'rome',
        );
        const client = await aClient({ credentials });

        expect(await client.get(ref, { signal })).to.deep.equal(object);
      } finally {
        plain.closeAllConnections();
        plain.close();
      }
    });

    it('name the field manager in every write', async () => {
      server.answer = (_request, response) => reply(response, object);
      const client = await aClient({ fieldManager: 'me' });

      await client.create(CONFIG_MAP, object, { signal });
      await client.apply(CONFIG_MAP, object, { signal, force: true });
      await client.patch(ref, { data: {} }, { signal, subresource: 'status' });
      await client.delete(ref, { signal, uid: 'u', propagationPolicy: 'Foreground' });

      expect(
        server.requests.map(({ method, path, query, headers }) => [
          `${method} ${path}`,
          query.toString(),
          headers['content-type'],
        ]),
      ).to.deep.equal([
        ['POST /api/v1/namespaces/ns/configmaps', 'fieldManager=me', 'application/json'],
        [
          'PATCH /api/v1/namespaces/ns/configmaps/one',
          'fieldManager=me&force=true',
          'application/apply-patch+yaml',
        ],
        [
          'PATCH /api/v1/namespaces/ns/configmaps/one/status',
          'fieldManager=me',
          'application/merge-patch+json',
        ],
        ['DELETE /api/v1/namespaces/ns/configmaps/one', '', 'application/json'],
      ]);
      expect(JSON.parse(server.requests[3]!.body)).to.deep.equal({
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: 'u' },
        propagationPolicy: 'Foreground',
      });
    });

    it('never address something else than was meant', async () => {
      const client = await aClient();

      const error = await failureOf(client.get({ ...ref, name: '..' }, { signal }));

      expect(error).to.be.instanceOf(InvariantError);
      expect(server.requests).to.be.empty;
    });

    it('share one TLS handshake with all watches, from a cold start on', async () => {
      const stop = new AbortController();
      server.answer = ({ query }, response) => {
        if (!query.has('watch')) reply(response, object);
        else
          response.writeHead(200).write(line('BOOKMARK', { metadata: { resourceVersion: '1' } }));
      };
      const client = await aClient();

      const watches = Array.from({ length: 9 }, () =>
        client
          .watch(CONFIG_MAP, { resourceVersion: '1', signal: stop.signal })
          [Symbol.asyncIterator](),
      );
      await Promise.all(watches.map((watch) => watch.next()));
      await Promise.all(Array.from({ length: 50 }, () => client.get(ref, { signal })));
      stop.abort();

      expect(server.handshakes).to.equal(1);
    });

    it('work over HTTP/1.1 where a proxy speaks nothing newer', async () => {
      await server.stop();
      server = await startRawApiServer({ http1: true });
      server.answer = (_request, response) => reply(response, object);
      const client = await aClient();

      await Promise.all(Array.from({ length: 3 }, () => client.get(ref, { signal })));

      expect(server.requests).to.have.length(3);
    });
  });

  describe('lists', () => {
    function page(names: string[], next?: string) {
      return {
        kind: 'List',
        metadata: { resourceVersion: '42', ...(next !== undefined && { continue: next }) },
        items: names.map((name) => ({ metadata: { name } })),
      };
    }

    it('are read page by page, and items get their kind', async () => {
      server.answer = ({ query }, response) =>
        reply(response, query.get('continue') === 'more' ? page(['b']) : page(['a'], 'more'));
      const client = await aClient();

      const list = await client.list(NAMESPACE, { signal, labelSelector: 'a=b,c' });

      expect(list).to.deep.equal({
        resourceVersion: '42',
        items: ['a', 'b'].map((name) => ({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name },
        })),
      });
      expect(server.requests.map(({ query }) => query.toString())).to.deep.equal([
        'labelSelector=a%3Db%2Cc&limit=500',
        'labelSelector=a%3Db%2Cc&limit=500&continue=more',
      ]);
    });

    it('start over in one piece when the pages have expired', async () => {
      server.answer = ({ query }, response) => {
        if (query.has('continue')) refuse(response, { code: 410, reason: 'Expired' });
        else reply(response, query.has('limit') ? page(['a'], 'more') : page(['a', 'b', 'c']));
      };
      const client = await aClient();

      const list = await client.list(SHORTCUT, { signal, namespace: 'ns' });

      expect(list.items.map(({ metadata }) => metadata.name)).to.deep.equal(['a', 'b', 'c']);
    });

    it('fail when a later page fails: half a list is no list', async () => {
      server.answer = ({ query }, response) => {
        if (query.has('continue')) refuse(response, { code: 403 });
        else reply(response, page(['a'], 'more'));
      };
      const client = await aClient();

      expect(await failureOf(client.list(SHORTCUT, { signal }))).to.be.instanceOf(
        ClusterForbiddenError,
      );
    });

    for (const { name, body } of [
      { name: 'an object', body: object },
      { name: 'null', body: null },
      { name: 'items that are none', body: { metadata: { resourceVersion: '1' }, items: [7] } },
      { name: 'no version', body: { metadata: {}, items: [] } },
    ]) {
      it(`never take ${name} for "nothing there"`, async () => {
        server.answer = (_request, response) => reply(response, body);
        const client = await aClient();

        expect(await failureOf(client.list(SHORTCUT, { signal }))).to.be.instanceOf(
          ClusterUnreachableError,
        );
      });
    }
  });

  describe('an answer without end', () => {
    const MEBIBYTE = 'x'.repeat(1024 * 1024);

    /** Answers until the client has had enough, and counts mebibytes. */
    function flood(): { sent: number; isOver: boolean } {
      const flooded = { sent: 0, isOver: false };
      server.answer = (_request, response) => {
        response.writeHead(200);
        response.stream.on('close', () => (flooded.isOver = true));
        const send = (): void => {
          if (response.stream.destroyed) return;
          flooded.sent += 1;
          response.write(MEBIBYTE, () => setImmediate(send));
        };
        send();
      };
      return flooded;
    }

    for (const { name, ask } of [
      { name: 'an object', ask: (client: KubeClient) => client.get(ref, { signal }) },
      { name: 'a list', ask: (client: KubeClient) => client.list(CONFIG_MAP, { signal }) },
      {
        name: 'a watch',
        ask: (client: KubeClient) =>
          eventsOf(client.watch(CONFIG_MAP, { resourceVersion: '5', signal })),
      },
    ]) {
      it(`is read no further than any that is asked for: ${name}`, async () => {
        const flooded = flood();
        const client = await aClient();

        const error = await failureOf(ask(client));

        expect(error).to.be.instanceOf(ClusterUnreachableError);
        expect(error.message).to.include('larger than any');
        await untilTrue('the server is told to stop', () => Promise.resolve(flooded.isOver));
        expect(flooded.sent).to.be.lessThan(64);
      });
    }

    it('is a list whose pages do not come to an end', async () => {
      const metadata = { resourceVersion: '1', continue: 'more' };
      server.answer = (_request, response) => reply(response, { items: [], metadata });
      const client = await aClient();

      expect(await failureOf(client.list(CONFIG_MAP, { signal }))).to.be.instanceOf(
        ClusterUnreachableError,
      );
    });
  });

  describe('what goes wrong', () => {
    const cases: {
      name: string;
      answer: RawApiServer['answer'];
      want: new (...args: never[]) => Error;
      details?: object;
    }[] = [
      {
        name: 'an answer that is no JSON',
        answer: (_request, response) => response.writeHead(200).end('<html>a-secret</html>'),
        want: ClusterUnreachableError,
      },
      {
        name: 'JSON that is no object of Kubernetes',
        answer: (_request, response) => reply(response, { hello: 'a-secret' }),
        want: ClusterUnreachableError,
      },
      {
        name: 'a truncated answer',
        answer: (_request, response) => {
          response.writeHead(200, { 'content-length': '100' });
          response.write('{"a-secret":');
          setImmediate(() => server.drop());
        },
        want: ClusterUnreachableError,
      },
      {
        name: 'a redirect, even to a good answer',
        answer: ({ path }, response) => {
          if (path === '/a-secret') reply(response, object);
          else response.writeHead(302, { location: '/a-secret' }).end();
        },
        want: ClusterUnreachableError,
      },
      {
        name: 'a page of a proxy with 503',
        answer: (_request, response) => response.writeHead(503).end('a-secret'),
        want: ClusterUnreachableError,
        details: { status: 503 },
      },
      {
        name: '500',
        answer: (_request, response) => refuse(response, { code: 500, message: 'a-secret' }),
        want: ClusterUnreachableError,
      },
      {
        name: 'a path that the server does not know',
        answer: (_request, response) => response.writeHead(404).end('404 page not found'),
        want: NotFoundError,
        details: { kindMissing: true },
      },
      {
        name: '429 with Retry-After',
        answer: (_request, response) => refuse(response, { code: 429 }, { 'retry-after': '3' }),
        want: ThrottledError,
        details: { retryAfterSeconds: 3 },
      },
      {
        name: 'a type error of server-side apply',
        answer: (_request, response) =>
          refuse(response, {
            code: 500,
            message:
              'failed to create typed patch object (ns/one; v1, Kind=ConfigMap): .spec.mtu: expected numeric (int or float), got a-secret',
          }),
        want: RejectedByApiError,
        details: { fields: 'spec.mtu (expected numeric)' },
      },
    ];
    for (const { name, answer, want, details = {} } of cases) {
      it(`maps ${name}, and repeats nothing of it`, async () => {
        server.answer = answer;
        const client = await aClient({ clock: hurriedClock() });

        const error = await failureOf(client.get(ref, { signal }));

        expect(error).to.be.instanceOf(want);
        expect(error.details).to.include({
          cluster: 'rome',
          action: 'get ConfigMap/ns/one',
          ...details,
        });
        expect(inspect(error, { depth: 9 })).not.to.match(/a-secret/);
      });
    }

    it('sends a request again that was throttled', async () => {
      server.answer = (_request, response) => {
        if (server.requests.length < 3) refuse(response, { code: 429 }, { 'retry-after': '1' });
        else reply(response, object);
      };
      const client = await aClient({ clock: hurriedClock() });

      expect(await client.get(ref, { signal })).to.deep.equal(object);
      expect(server.requests).to.have.lengthOf(3);
    });

    it('has at most sixteen requests under way, whoever asks', async () => {
      const answers: (() => void)[] = [];
      server.answer = (_request, response) => answers.push(() => reply(response, object));
      const client = await aClient();
      const all = Promise.all(Array.from({ length: 20 }, () => client.get(ref, { signal })));

      await until('sixteen have come', () => answers.length === 16);
      for (let answered = 0; answered < 20; answered += 1) {
        await until('another has come', () => answers.length > answered);
        expect(answers.length - answered).to.be.at.most(16);
        answers[answered]?.();
      }

      expect(await all).to.have.lengthOf(20);
    });

    it('lets the renewal of a Lease wait for nothing', async () => {
      server.answer = ({ path }, response) => {
        if (path.includes('/leases/')) reply(response, { ...object, kind: 'Lease' });
      };
      const client = await aClient();
      const calling = new AbortController();
      const stuck = Array.from({ length: 20 }, () =>
        failureOf(client.get(ref, { signal: calling.signal })),
      );

      const lease = await client.get({ kind: LEASE, namespace: 'ns', name: 'one' }, { signal });

      expect(lease.kind).to.equal('Lease');
      calling.abort();
      await Promise.all(stuck);
    });

    it('reports a server that is not there', async () => {
      const client = await aClient();
      await server.stop();

      const error = await failureOf(client.get(ref, { signal }));

      expect(error).to.be.instanceOf(ClusterUnreachableError);
      expect(error.details).to.include({ transport: 'ECONNREFUSED' });
    });

    it('reports a certificate that it does not trust', async () => {
      const credentials = createCredentials({ server: server.url, token: 't' }, 'rome');
      const client = await aClient({ credentials });

      const error = await failureOf(client.get(ref, { signal }));

      expect(error).to.be.instanceOf(ClusterUnreachableError);
      expect(error.details['transport']).to.match(/CERT/);
    });

    it('gives up on a server that does not answer in time', async () => {
      server.answer = () => undefined;
      const client = await aClient({ requestTimeoutMs: 200 });

      expect(await failureOf(client.get(ref, { signal }))).to.be.instanceOf(TimeoutError);
    });

    it('gives up on an answer that does not end in time', async () => {
      server.answer = (_request, response) => response.writeHead(200).write('{');
      const client = await aClient({ requestTimeoutMs: 200 });

      expect(await failureOf(client.get(ref, { signal }))).to.be.instanceOf(TimeoutError);
    });

    it('leaves a connection that has died without a word, and makes a new one', async () => {
      const cable = new Cable(Number(new URL(server.url).port));
      try {
        const credentials = server.credentials({ server: await cable.start() });
        const client = await aClient({ credentials, requestTimeoutMs: 300 });
        server.answer = (_request, response) => reply(response, object);
        await client.get(ref, { signal });
        cable.goDead();

        const errors: unknown[] = [];
        for (;;) {
          const answer = await client.get(ref, { signal }).catch((error: unknown) => {
            errors.push(error);
            return undefined;
          });
          if (answer !== undefined) break;
        }

        expect(errors[0]).to.be.instanceOf(TimeoutError);
        expect(server.handshakes).to.equal(2);
      } finally {
        await cable.stop();
      }
    });
  });

  describe('calling off', () => {
    it('ends a request quietly', async () => {
      const stop = new AbortController();
      server.answer = () => stop.abort();
      const client = await aClient();

      expect((await failureOf(client.get(ref, { signal: stop.signal }))).name).to.equal(
        'AbortError',
      );
    });

    it('is a time-out when the time of the caller is up', async () => {
      server.answer = () => undefined;
      const client = await aClient();

      const error = await failureOf(client.get(ref, { signal: AbortSignal.timeout(20) }));

      expect(error).to.be.instanceOf(TimeoutError);
    });

    it('ends requests and watches when the client is closed', async () => {
      let asked = 0;
      const both = Promise.withResolvers<undefined>();
      server.answer = () => {
        asked += 1;
        if (asked === 2) both.resolve(undefined);
      };
      const client = await aClient();
      const request = failureOf(client.get(ref, { signal }));
      const watch = failureOf(eventsOf(client.watch(CONFIG_MAP, { resourceVersion: '1', signal })));
      await both.promise;

      await client.close();

      expect((await request).name).to.equal('AbortError');
      expect((await watch).name).to.equal('AbortError');
    });
  });

  it('waits for a write under way when the client is closed, takes no more, and hangs up', async () => {
    const asked = Promise.withResolvers<Http2ServerResponse>();
    server.answer = (_request, response) => asked.resolve(response);
    const client = await aClient();
    const write = client.patch(ref, { data: { a: 'b' } }, { signal });
    const response = await asked.promise;
    let isClosed = false;

    const closed = client.close().then(() => {
      isClosed = true;
    });
    const late = await failureOf(client.patch(ref, {}, { signal }));
    expect(isClosed).to.equal(false);
    reply(response, object);
    await closed;

    expect(late.name).to.equal('AbortError');
    expect(await write).to.deep.equal(object);
    await until('every connection is closed', () => server.connections === 0);
  });

  describe('watches', () => {
    const bookmark = line('BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: '9' } });

    it('give events and bookmarks, and return when the server closes', async () => {
      const text = line('ADDED', object) + bookmark + line('DELETED', object);
      server.answer = (_request, response) => {
        response.writeHead(200).write(text.slice(0, 30));
        response.end(text.slice(30));
      };
      const client = await aClient({ random: () => 0.5 });
      let opened = 0;

      const events = await eventsOf(
        client.watch(CONFIG_MAP, {
          namespace: 'ns',
          labelSelector: 'a',
          resourceVersion: '5',
          signal,
          onOpen: () => (opened += 1),
        }),
      );

      expect(events).to.deep.equal([
        { type: 'ADDED', object },
        { type: 'BOOKMARK', resourceVersion: '9' },
        { type: 'DELETED', object },
      ]);
      expect(opened).to.equal(1);
      expect(`${server.requests[0]?.path}?${server.requests[0]?.query.toString()}`).to.equal(
        '/api/v1/namespaces/ns/configmaps?labelSelector=a&resourceVersion=5&watch=true' +
          '&allowWatchBookmarks=true&timeoutSeconds=450',
      );
    });

    const failures: { name: string; text: string; want: new (...args: never[]) => Error }[] = [
      {
        name: 'an expired version',
        text: line('ERROR', { kind: 'Status', code: 410, reason: 'Expired' }),
        want: ExpiredError,
      },
      { name: 'an error without a code', text: line('ERROR', {}), want: ClusterUnreachableError },
      { name: 'garbage', text: '<html>a-secret</html>\n', want: ClusterUnreachableError },
      { name: 'half an event', text: '{"type":"ADDED","a-secret', want: ClusterUnreachableError },
      { name: 'an unknown event', text: line('SECRET', object), want: ClusterUnreachableError },
      { name: 'an empty bookmark', text: line('BOOKMARK', {}), want: ClusterUnreachableError },
    ];
    for (const { name, text, want } of failures) {
      it(`throw at ${name}, after the events before it`, async () => {
        server.answer = (_request, response) => response.writeHead(200).end(bookmark + text);
        const client = await aClient();
        const events: WatchEvent[] = [];

        const error = await failureOf(
          (async () => {
            for await (const event of client.watch(CONFIG_MAP, { resourceVersion: '5', signal })) {
              events.push(event);
            }
          })(),
        );

        expect(events).to.have.length(1);
        expect(error).to.be.instanceOf(want);
        expect(inspect(error, { depth: 9 })).not.to.match(/a-secret/);
      });
    }

    it('throw what a refusal stands for, and were never open', async () => {
      server.answer = (_request, response) => refuse(response, { code: 403, reason: 'Forbidden' });
      const client = await aClient();

      const watch = client.watch(CONFIG_MAP, {
        resourceVersion: '5',
        signal,
        onOpen: () => expect.fail('opened'),
      });

      expect(await failureOf(eventsOf(watch))).to.be.instanceOf(ClusterForbiddenError);
    });

    it('throw when the connection breaks', async () => {
      server.answer = (_request, response) => {
        response.writeHead(200).write(bookmark);
      };
      const client = await aClient();
      const watch = client.watch(CONFIG_MAP, { resourceVersion: '5', signal });
      const iterator = watch[Symbol.asyncIterator]();
      await iterator.next();

      server.drop();

      expect(await failureOf(iterator.next())).to.be.instanceOf(ClusterUnreachableError);
    });

    it('throw when the server stays silent', async () => {
      server.answer = (_request, response) => {
        response.writeHead(200).write(bookmark);
      };
      const client = await aClient({ watchInactivityMs: 200 });

      const error = await failureOf(
        eventsOf(client.watch(CONFIG_MAP, { resourceVersion: '5', signal })),
      );

      expect(error).to.be.instanceOf(ClusterUnreachableError);
      expect(error.details).to.include({ transport: 'UND_ERR_BODY_TIMEOUT' });
    });

    it('throw when the server takes the question and never answers', async () => {
      server.answer = () => undefined;
      const client = await aClient({ requestTimeoutMs: 200 });

      const error = await failureOf(
        eventsOf(client.watch(CONFIG_MAP, { resourceVersion: '5', signal })),
      );

      expect(error).to.be.instanceOf(TimeoutError);
    });

    it('end quietly when called off, and leave the request', async () => {
      const closed = Promise.withResolvers<undefined>();
      server.answer = (_request, response) => {
        response.on('close', () => closed.resolve(undefined));
        response.writeHead(200).write(bookmark);
      };
      const client = await aClient();
      const stop = new AbortController();
      const iterator = client
        .watch(CONFIG_MAP, { resourceVersion: '5', signal: stop.signal })
        [Symbol.asyncIterator]();
      await iterator.next();

      stop.abort();

      expect((await failureOf(iterator.next())).name).to.equal('AbortError');
      await closed.promise;
    });

    it('leave the request when nobody reads on', async () => {
      const closed = Promise.withResolvers<undefined>();
      server.answer = (_request, response) => {
        response.on('close', () => closed.resolve(undefined));
        response.writeHead(200).write(bookmark);
      };
      const client = await aClient();

      const iterator = client
        .watch(CONFIG_MAP, { resourceVersion: '5', signal })
        [Symbol.asyncIterator]();
      await iterator.next();

      await iterator.return?.();

      await closed.promise;
    });
  });
});
