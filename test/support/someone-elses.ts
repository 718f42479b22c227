import { CONFIGURATION, GATEWAY_CLIENT, GATEWAY_SERVER, PUBLIC_KEY } from '../../src/liqo/kinds.ts';
import {
  configuration,
  gatewayClient,
  gatewayServer,
  type Place,
  publicKey,
  tenantNamespace,
} from '../../src/liqo/objects.ts';
import { NAMESPACE } from '../../src/model/kinds.ts';
import type { KubeObject, ResourceKind } from '../../src/model/kube-object.ts';
import type { Scenario } from './scenario.ts';
import { signal, untilTrue } from './scenario-wait.ts';
import { findObject } from './scenario-objects.ts';

/** Kinds of the objects that `liqoctl network connect` writes for a peer. */
export type Part = 'namespace' | 'configuration' | 'server' | 'client' | 'key';

const KINDS: Readonly<Record<Part, ResourceKind>> = {
  namespace: NAMESPACE,
  configuration: CONFIGURATION,
  server: GATEWAY_SERVER,
  client: GATEWAY_CLIENT,
  key: PUBLIC_KEY,
};

/** Where somebody puts something for a peer, as liqoctl would, unless said otherwise. */
export interface Spot {
  readonly leaf: string;
  readonly peer: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** The kind of a part, and its address. */
export function addressOf(part: Part, spot: Spot): readonly [ResourceKind, string] {
  const { peer, namespace = `liqo-tenant-${peer}`, name = peer } = spot;
  return [KINDS[part], part === 'namespace' ? namespace : `${namespace}/${name}`];
}

/** As somebody with liqoctl or kubectl: makes one object for a peer, and nothing else. */
export async function makeSomeoneElses(
  scenario: Scenario,
  part: Part,
  spot: Spot,
): Promise<KubeObject> {
  return scenario.leaf(spot.leaf).create(KINDS[part], build(part, spot), { signal });
}

function build(part: Part, { peer, namespace = `liqo-tenant-${peer}`, name = peer }: Spot) {
  const place: Place = { namespace, name, peerID: peer };
  const template = { namespace: 'liqo' };
  switch (part) {
    case 'namespace':
      return tenantNamespace(namespace, peer, 'v1.2.0');
    case 'configuration':
      return configuration(place, { pod: ['10.200.0.0/16'], external: ['10.70.0.0/16'] });
    case 'server':
      return gatewayServer(place, {
        mtu: 1340,
        port: 51_840,
        serviceType: 'NodePort',
        template: { ...template, name: 'wireguard-server' },
      });
    case 'client':
      return gatewayClient(place, {
        mtu: 1340,
        endpoint: { addresses: ['192.0.2.10'], port: 31_840, protocol: 'UDP' },
        template: { ...template, name: 'wireguard-client' },
      });
    case 'key':
      return withoutOwner(publicKey(place, Buffer.alloc(32, 9).toString('base64'), NOBODY));
  }
}

const NOBODY: KubeObject = { apiVersion: 'v1', kind: 'None', metadata: { name: 'x', uid: 'x' } };

function withoutOwner(object: KubeObject): KubeObject {
  const { name, namespace = '', labels = {} } = object.metadata;
  return { ...object, metadata: { name, namespace, labels } };
}

/** As somebody with kubectl: deletes a namespace with all that lies in it, and waits. */
export async function deleteNamespace(
  scenario: Scenario,
  leaf: string,
  name: string,
): Promise<void> {
  const admin = scenario.leaf(leaf);
  if ((await findObject(admin, NAMESPACE, name)) === undefined) return;
  await admin.delete({ kind: NAMESPACE, name }, { signal });
  await untilTrue(`${name} is gone from ${leaf}`, async () => {
    return (await findObject(admin, NAMESPACE, name)) === undefined;
  });
}
