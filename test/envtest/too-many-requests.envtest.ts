import { expect } from 'chai';

import { createKubeClient } from '../../src/kube/client-node-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import type { ApiServer } from '../../src/sandbox/kubernetes/api-server.ts';
import { HttpCaller } from '../sandbox/kubernetes/http-caller.ts';
import { TOO_MANY } from '../support/random-fates.ts';
import { signal } from '../support/scenario-wait.ts';
import { createRealServer } from './real-servers.ts';

/** One request at a time, and no queue: whoever comes beside it is sent away. */
const FLAGS = [
  '--enable-priority-and-fairness=false',
  '--max-requests-inflight=1',
  '--max-mutating-requests-inflight=1',
];
const USER = 'busy';
const SLOW = '/openapi/v2';

describe('A real kube-apiserver with too many requests', function () {
  this.timeout(120_000);
  let server: ApiServer;
  let http: HttpCaller;
  let client: KubeClient;

  before(async () => {
    server = createRealServer({ name: 'too-many', flags: FLAGS });
    await server.start();
    server.addUser(USER);
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: USER },
      // Of the group `system:masters`, nobody is ever sent away.
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'cluster-admin',
      },
      subjects: [{ kind: 'User', name: USER, apiGroup: 'rbac.authorization.k8s.io' }],
    };
    const kind = {
      apiVersion: binding.apiVersion,
      kind: binding.kind,
      plural: 'clusterrolebindings',
      namespaced: false,
    };
    await server.client().create(kind, binding, { signal });
    http = new HttpCaller(server, USER);
    const credentials = parseKubeconfig(server.kubeconfig(USER), { cluster: 'too-many' });
    client = await createKubeClient({ credentials, cluster: 'too-many' });
  });
  after(async () => {
    await http.close();
    await client.close();
    await server.stop();
  });

  it('sends them away as the faulty proxy does in its name', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => http.open('GET', SLOW)));

    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get('retry-after')).to.equal(TOO_MANY.headers['retry-after']);
    expect(refused?.headers.get('content-type')).to.equal(TOO_MANY.headers['content-type']);
    expect(await refused?.text()).to.equal(TOO_MANY.body);
  });

  it('is asked again by our client, which gets every answer', async () => {
    const crowd = Promise.all(Array.from({ length: 10 }, () => http.call('GET', SLOW)));
    const lists = await Promise.all(
      Array.from({ length: 5 }, () => client.list(NAMESPACE, { signal })),
    );

    const codes = (await crowd).map(({ code }) => code);
    expect(codes).to.include(429);
    for (const { items } of lists) {
      expect(items.map(({ metadata }) => metadata.name)).to.include('kube-system');
    }
  });
});
