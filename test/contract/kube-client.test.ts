import { expect } from 'chai';
import { ClusterUnauthorizedError } from '../../src/errors/errors.ts';
import { createKubeClient } from '../../src/kube/client-node-client.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import { type ApiServer, createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { describeKubeClient } from './kube-client.contract.ts';

describeKubeClient('in process, against the embedded API server', async () => {
  const server = createApiServer({ name: 'contract' });
  await server.start();
  server.addUser('nobody');
  return {
    client: server.client({ outside: true }),
    other: server.client({ outside: true, fieldManager: 'somebody-else' }),
    nobody: server.client({ outside: true, user: 'nobody' }),
    faults: server.faults,
    stop: () => server.stop(),
  };
});

function connect(server: ApiServer, user: string, fieldManager = 'liqo-shortcuts') {
  const credentials = parseKubeconfig(server.kubeconfig(user), { cluster: 'contract' });
  return createKubeClient({ credentials, cluster: 'contract', fieldManager });
}

describeKubeClient('client-node over HTTPS, against the embedded API server', async () => {
  const server = createApiServer({ name: 'contract' });
  await server.start();
  server.addUser('nobody');
  const [client, other, nobody] = await Promise.all([
    connect(server, 'admin'),
    connect(server, 'admin', 'somebody-else'),
    connect(server, 'nobody'),
  ]);
  return {
    client,
    other,
    nobody,
    faults: server.faults,
    stop: async () => {
      await Promise.all([client.close(), other.close(), nobody.close()]);
      await server.stop();
    },
  };
});

describe('client-node over HTTPS', () => {
  const signal = new AbortController().signal;
  let server: ApiServer;

  beforeEach(async () => {
    server = createApiServer({ name: 'contract' });
    await server.start();
  });

  afterEach(() => server.stop());

  it('makes one TLS handshake for requests and watches, however many', async () => {
    const client = await connect(server, 'admin');
    const stop = new AbortController();
    const { resourceVersion } = await client.list(NAMESPACE, { signal });
    const watches = Array.from({ length: 9 }, () => {
      const opened = Promise.withResolvers<undefined>();
      const onOpen = () => opened.resolve(undefined);
      const watch = client.watch(NAMESPACE, { resourceVersion, signal: stop.signal, onOpen });
      void Array.fromAsync(watch).catch(() => undefined);
      return opened.promise;
    });
    await Promise.all(watches);

    await Promise.all(Array.from({ length: 50 }, () => client.list(NAMESPACE, { signal })));

    expect(server.requests.snapshot().tlsHandshakes).to.equal(1);
    expect(server.requests.snapshot().watchesOpenNow).to.equal(9);
    stop.abort();
    await client.close();
  });

  it('is refused with a token that nobody gave', async () => {
    const credentials = parseKubeconfig(server.kubeconfig('admin'), { cluster: 'contract' });
    const client = await createKubeClient({
      credentials: { ...credentials, token: 'made-up' },
      cluster: 'contract',
    });

    const error = await client.list(NAMESPACE, { signal }).catch((thrown: unknown) => thrown);

    expect(error).to.be.instanceOf(ClusterUnauthorizedError);
    await client.close();
  });
});
