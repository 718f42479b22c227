import { createKubeClient } from '../../src/kube/client-node-client.ts';
import { parseKubeconfig } from '../../src/kube/parse-kubeconfig.ts';
import { describeKubeClient } from '../contract/kube-client.contract.ts';
import { createRealServer } from './real-servers.ts';

describeKubeClient('client-node over HTTPS, against a real kube-apiserver', async () => {
  const server = createRealServer({ name: 'contract' });
  await server.start();
  server.addUser('nobody');
  const connect = (user: string, fieldManager = 'liqo-shortcuts') => {
    const credentials = parseKubeconfig(server.kubeconfig(user), { cluster: 'contract' });
    return createKubeClient({ credentials, cluster: 'contract', fieldManager });
  };
  const [client, other, nobody] = await Promise.all([
    connect('admin'),
    connect('admin', 'somebody-else'),
    connect('nobody'),
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
