import { expect } from 'chai';

import { createKubeClient } from '../../src/kube/client-node-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import { CONFIG_MAP, NAMESPACE } from '../../src/model/kinds.ts';
import { createApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { behindProxy } from './behind-proxy.ts';
import type { Fate, ProxiedRequest } from './front-proxy.ts';
import { hurriedClock } from './hurried-clock.ts';
import { signal } from './scenario-wait.ts';

const PASS: Fate = { kind: 'pass' };

describe('a proxy in front of an API server', () => {
  const inner = createApiServer({ name: 'rome' });
  let fate: (request: ProxiedRequest) => Fate = () => PASS;
  const server = behindProxy(inner, (_cluster, request) => fate(request));
  let client: KubeClient;

  before(async () => {
    await server.start();
    const credentials = parseKubeconfig(server.kubeconfig('admin'), { cluster: 'rome' });
    client = await createKubeClient({
      clock: hurriedClock(),
      credentials,
      cluster: 'rome',
    });
  });
  beforeEach(() => {
    fate = () => PASS;
  });
  after(async () => {
    await client.close();
    await server.stop();
  });

  const namespaces = () => client.list(NAMESPACE, { signal });

  function configMap(name: string) {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
  }

  async function codeOf(call: () => Promise<unknown>): Promise<unknown> {
    return call().then(
      () => 'done',
      (error: unknown) => (error as { code?: unknown }).code,
    );
  }

  it('lets a request through', async () => {
    expect((await namespaces()).items.map(({ metadata }) => metadata.name)).to.include('default');
  });

  it('lets the events of a watch through as they come', async () => {
    const { resourceVersion } = await client.list(CONFIG_MAP, { namespace: 'default', signal });
    const watch = client.watch(CONFIG_MAP, { namespace: 'default', resourceVersion, signal });
    const events = watch[Symbol.asyncIterator]();
    const first = events.next();
    await client.create(CONFIG_MAP, configMap('seen'), { signal });

    const { value } = (await first) as { value: { type: string } };

    expect(value.type).to.equal('ADDED');
    await events.return?.();
  });

  for (const { fate: done, code } of [
    { fate: { kind: 'answer', status: 503, body: 'try again' }, code: 'CLUSTER_UNREACHABLE' },
    { fate: { kind: 'answer', status: 429, body: '{}' }, code: 'API_THROTTLED' },
    { fate: { kind: 'answer', status: 200, body: '<html>' }, code: 'CLUSTER_UNREACHABLE' },
    { fate: { kind: 'drop', when: 'before' }, code: 'CLUSTER_UNREACHABLE' },
    { fate: { kind: 'truncate', bytes: 20, then: 'end' }, code: 'CLUSTER_UNREACHABLE' },
    { fate: { kind: 'truncate', bytes: 20, then: 'break' }, code: 'CLUSTER_UNREACHABLE' },
  ] satisfies { fate: Fate; code: string }[]) {
    it(`does as it is told: ${JSON.stringify(done)}`, async () => {
      fate = () => done;

      expect(await codeOf(namespaces)).to.equal(code);
    });
  }

  it('can break off after the server has carried the request out', async () => {
    fate = ({ method }) => (method === 'POST' ? { kind: 'drop', when: 'after' } : PASS);

    const code = await codeOf(() => client.create(CONFIG_MAP, configMap('lost'), { signal }));

    expect(code).to.equal('CLUSTER_UNREACHABLE');
    const { items } = await client.list(CONFIG_MAP, { namespace: 'default', signal });
    expect(items.map(({ metadata }) => metadata.name)).to.include('lost');
  });

  it('can fall silent until the caller gives up', async () => {
    fate = () => ({ kind: 'truncate', bytes: 20, then: 'silence' });

    const caller = new AbortController();
    setTimeout(() => caller.abort(), 50);

    const failed = await client.list(NAMESPACE, { signal: caller.signal }).catch((e: unknown) => e);
    expect((failed as Error).name).to.equal('AbortError');
  });
});
