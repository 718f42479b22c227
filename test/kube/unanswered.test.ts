import { expect } from 'chai';

import { TimeoutError } from '../../src/errors/errors.ts';
import { createKubeClient } from '../../src/kube/client-node-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { LEASE } from '../../src/kube/lease-record.ts';
import { CONFIG_MAP } from '../../src/model/kinds.ts';
import type { KubeObject, ObjectRef } from '../../src/model/kube-object.ts';
import { type RawApiServer, reply, startRawApiServer } from '../support/raw-api-server.ts';

const signal = new AbortController().signal;
const ref: ObjectRef = { kind: CONFIG_MAP, namespace: 'ns', name: 'one' };
const lease: ObjectRef = { kind: LEASE, namespace: 'ns', name: 'one' };

function anObject({ kind, namespace = '', name }: ObjectRef): KubeObject {
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { namespace, name } };
}

/** Every kind of request that there is. */
const REQUESTS: Readonly<Record<string, (client: KubeClient) => Promise<unknown>>> = {
  get: (client) => client.get(ref, { signal }),
  list: (client) => client.list(CONFIG_MAP, { signal }),
  watch: (client) => Array.fromAsync(client.watch(CONFIG_MAP, { resourceVersion: '1', signal })),
  create: (client) => client.create(CONFIG_MAP, anObject(ref), { signal }),
  apply: (client) => client.apply(CONFIG_MAP, anObject(ref), { force: true, signal }),
  patch: (client) => client.patch(ref, {}, { signal }),
  delete: (client) => client.delete(ref, { signal }),
  'access review': (client) => client.isAllowed({ verb: 'get', kind: CONFIG_MAP }, { signal }),
  'look at a Lease': (client) => client.get(lease, { signal }),
  'creation of a Lease': (client) => client.create(LEASE, anObject(lease), { signal }),
  'renewal of a Lease': (client) => client.patch(lease, {}, { signal }),
};

/** How a request can be left hanging. */
const HANGS: Readonly<Record<string, RawApiServer['answer']>> = {
  'is taken and never answered': () => undefined,
  'is answered with a head and hardly more': (_request, response) => {
    response.writeHead(200).write(' ');
  },
};

describe('a request that', () => {
  let server: RawApiServer;
  let client: KubeClient;

  beforeEach(async () => {
    server = await startRawApiServer();
    client = await createKubeClient({
      credentials: server.credentials(),
      cluster: 'rome',
      requestTimeoutMs: 100,
      watchInactivityMs: 400,
    });
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  for (const [how, hang] of Object.entries(HANGS)) {
    describe(how, () => {
      for (const [name, send] of Object.entries(REQUESTS)) {
        it(`fails in time and can be made again: ${name}`, async () => {
          server.answer = hang;

          const error: unknown = await send(client).catch((thrown: unknown) => thrown);

          // A watch that has begun is not late: it has fallen silent.
          const isSilence = name === 'watch' && how.startsWith('is answered');
          if (isSilence) expect(error).to.have.nested.property('details.transport');
          else expect(error).to.be.instanceOf(TimeoutError);
          server.answer = (_request, response) =>
            reply(response, {
              ...anObject(ref),
              metadata: { name: 'one', resourceVersion: '1' },
              items: [],
              status: { allowed: true },
              type: 'BOOKMARK',
              object: { metadata: { resourceVersion: '1' } },
            });
          await send(client);
        });
      }
    });
  }

  it('nobody answers takes no place from a Lease', async () => {
    server.answer = ({ path }, response) => {
      if (path.includes('/leases/')) reply(response, anObject(lease));
    };
    const patient = await createKubeClient({ credentials: server.credentials(), cluster: 'rome' });
    const stop = new AbortController();
    const hanging = Array.from({ length: 40 }, () =>
      patient.get(ref, { signal: stop.signal }).catch((error: unknown) => error),
    );

    const first = await Promise.race([patient.get(lease, { signal }), ...hanging]);

    expect(first).to.deep.equal(anObject(lease));
    stop.abort();
    await Promise.all(hanging);
    await patient.close();
  });
});
