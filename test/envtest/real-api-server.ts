import { createKubeClient } from '../../src/kube/client-node-client.ts';
import { createCredentials } from '../../src/kube/credentials.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { FIELD_MANAGER } from '../../src/model/names.ts';
import { type Faults, faultsOf, noFaults } from '../../src/sandbox/kubernetes/access/faults.ts';
import { RequestCounts } from '../../src/sandbox/kubernetes/access/request-counts.ts';
import { ADMIN, Users } from '../../src/sandbox/kubernetes/access/users.ts';
import type { ApiServer, ClientOptions } from '../../src/sandbox/kubernetes/api-server.ts';
import { createCertificate } from '../../src/sandbox/kubernetes/http/certificate.ts';
import { renderKubeconfig } from '../../src/sandbox/kubernetes/http/kubeconfig.ts';
import type { ControlPlane } from './control-plane.ts';
import { FrontDoor } from './front-door.ts';
import { lazyClient } from './lazy-client.ts';

export interface RealApiServerOptions {
  readonly name: string;
  readonly startPlane: () => Promise<ControlPlane>;
}

/**
 * A real kube-apiserver with the face of the embedded one. What the two cannot have in common: the garbage collector
 * cannot be delayed, only held, and with it the controllers of namespaces and service accounts; a client of any user but
 * `admin` comes in through the door, asked to or not.
 */
export function createRealApiServer({ name, startPlane }: RealApiServerOptions): ApiServer {
  const certificate = createCertificate(name, Date.now());
  const requests = new RequestCounts();
  const state = noFaults();
  const users = new Users([]);
  const frontDoor = new FrontDoor({ certificate, counts: requests, state, users });
  const started = Promise.withResolvers<ControlPlane>();
  const clients = new Set<KubeClient>();
  let plane: ControlPlane | undefined;
  let port: number | undefined;

  const faults: Faults = faultsOf(state, {
    door: frontDoor.door,
    reader: frontDoor,
    collector: {
      setMode(mode) {
        if (typeof mode !== 'boolean') throw new Error('a real collector cannot be delayed');
        void plane?.holdControllers(!mode);
      },
    },
    dropConnections: () => frontDoor.dropConnections(),
  });

  function url(): string {
    if (port === undefined) throw new Error('the API server has not been started');
    return `https://127.0.0.1:${port}`;
  }

  function addUser(user: string, groups: readonly string[] = []): string {
    return users.add(user, groups);
  }

  function tokenOf(user: string): string {
    return users.find(user)?.token ?? addUser(user);
  }

  async function connect({ user = ADMIN, outside = false, ...rest }: ClientOptions) {
    const { url: direct, certificate: authority, adminToken } = await started.promise;
    const isDirect = user === ADMIN && !outside;
    const credentials = createCredentials(
      {
        server: isDirect ? direct : url(),
        caData: Buffer.from(isDirect ? authority : certificate.certificate).toString('base64'),
        token: isDirect ? adminToken : tokenOf(user),
      },
      name,
    );
    const fieldManager = rest.fieldManager ?? FIELD_MANAGER;
    return createKubeClient({ credentials, cluster: name, fieldManager });
  }

  return {
    name,
    requests,
    faults,
    get url() {
      return url();
    },
    async start() {
      plane = await startPlane();
      port = await frontDoor.open(plane);
      started.resolve(plane);
    },
    async stop() {
      await Promise.all([...clients].map((client) => client.close()));
      await frontDoor.close();
      await plane?.stop();
    },
    client(options = {}) {
      const client = lazyClient(() => connect(options));
      clients.add(client);
      return client;
    },
    addUser,
    kubeconfig(user) {
      const token = users.find(user)?.token;
      if (token === undefined) throw new Error(`unknown user "${user}"`);
      const { certificate: text } = certificate;
      return renderKubeconfig({ cluster: name, url: url(), certificate: text, user, token });
    },
  };
}
