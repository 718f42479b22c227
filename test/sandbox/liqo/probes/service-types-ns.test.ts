import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { NAMESPACE, SECRET } from '../../../../src/model/kinds.ts';
import { listAt, numberAt, textAt, textsAt, valueAt } from '../../../../src/sandbox/liqo/fields.ts';
import {
  CONNECTION,
  FOREIGN_CLUSTER,
  GATEWAY_SERVER,
  PUBLIC_KEY,
  SERVICE,
} from '../../../../src/sandbox/liqo/kinds.ts';
import { createTunnelNetwork } from '../../../../src/sandbox/liqo/tunnel-network.ts';
import {
  connect,
  createConfiguration,
  createServer,
  endpointOf,
  eventually,
  startLeaf,
  stopAll,
  tenant,
  type TestLeaf,
} from '../leaf-pair.ts';
import { type LeafView, viewOf } from './leaf-view.ts';
import { untilSays } from './probed-pair.ts';

const signal = new AbortController().signal;
const NODE_ADDRESS = '172.30.0.16';

// probes/service-types-ns: bari is the server, turin the client.
describe('probe: another Service type in place, what cannot be, a node away, the namespace gone', () => {
  let bari: TestLeaf;
  let turin: TestLeaf;
  let onBari: LeafView;
  let identities: readonly unknown[];
  let later = 0;

  before(async () => {
    const network = createTunnelNetwork();
    turin = await startLeaf('turin', network, { address: '172.30.0.15' });
    bari = await startLeaf('bari', network, {
      address: NODE_ADDRESS,
      options: { serviceCIDR: '10.115.0.0/16' },
    });
    await connect(turin, bari);
    onBari = viewOf(bari, 'turin');
    identities = await lasting();
    bari.liqo.faults.noLoadBalancerAddress(true);
  });
  after(() => stopAll(bari, turin));

  /** What no change in place makes anew. */
  const lasting = () =>
    Promise.all(
      [GATEWAY_SERVER, SECRET, PUBLIC_KEY, CONNECTION].map(
        async (kind) => (await onBari.get(kind))?.metadata.uid,
      ),
    );
  const endpoint = async () => valueAt(await onBari.get(GATEWAY_SERVER), 'status.endpoint');
  const service = async () => (await onBari.get(SERVICE))!;
  const nodePort = async () => numberAt(listAt(await service(), 'spec.ports')[0], 'nodePort');

  /** Asks for this, in place. */
  async function ask(change: object): Promise<void> {
    await onBari.change(GATEWAY_SERVER, { spec: { endpoint: change } });
  }

  async function untilPublished(addresses: readonly string[], port?: number): Promise<void> {
    await eventually(`${addresses.join()} ${port ?? ''}`, async () => {
      const current = await endpoint();
      const found = textsAt(current, 'addresses');
      return (
        found.join('|') === addresses.join('|') &&
        (port === undefined || numberAt(current, 'port') === port)
      );
    });
  }

  /** Another gateway that was made later is served: the leaf has tried what was asked before. */
  async function untilTried(): Promise<void> {
    const peer = `later-${(later += 1)}`;
    await createConfiguration(bari, peer);
    await createServer(bari, peer);
    await endpointOf(bari, peer);
  }

  it('NodePort to ClusterIP: its cluster IP and port', async () => {
    await ask({ serviceType: 'ClusterIP' });

    await untilPublished([textAt(await service(), 'spec.clusterIP') ?? ''], 51840);
    expect(valueAt(await service(), 'spec.ports')).to.deep.equal([
      { port: 51840, protocol: 'UDP', targetPort: 51840 },
    ]);
    expect(await lasting()).to.deep.equal(identities);
  });

  it('to LoadBalancer: no addresses at all until one is given; it has a node port', async () => {
    const clusterIP = textAt(await service(), 'spec.clusterIP');
    await ask({ serviceType: 'LoadBalancer' });

    await eventually('pending', async () =>
      isDeepStrictEqual(await endpoint(), { port: 51840, protocol: 'UDP' }),
    );
    expect(textAt(await service(), 'spec.clusterIP')).to.equal(clusterIP);
    expect(await nodePort()).to.be.within(30_000, 32_767);
    expect(await lasting()).to.deep.equal(identities);
  });

  it('back to NodePort: with the node port of the load balancer', async () => {
    const allotted = await nodePort();
    await ask({ serviceType: 'NodePort' });

    await untilPublished([NODE_ADDRESS], allotted);
    expect(await lasting()).to.deep.equal(identities);
  });

  it('a load balancer with names and addresses: all of them, an entry’s address before its name', async () => {
    await ask({ serviceType: 'LoadBalancer' });
    await eventually('pending', async () => valueAt(await endpoint(), 'addresses') === undefined);
    bari.liqo.faults.noLoadBalancerAddress(false);
    await eventually('given', async () => textsAt(await endpoint(), 'addresses').length === 1);
    const ingress = [
      { hostname: 'lb.example.test' },
      { ip: '198.51.100.7' },
      { hostname: 'two.example.test' },
    ];
    const ref = { kind: SERVICE, namespace: tenant('turin'), name: 'gw-turin' };
    const status = { loadBalancer: { ingress } };
    await bari.client.patch(ref, { status }, { signal, subresource: 'status' });

    await untilPublished(['lb.example.test', '198.51.100.7', 'two.example.test'], 51840);
  });

  it('ExternalName: the former endpoint, and no word', async () => {
    const former = await endpoint();
    await ask({ serviceType: 'ExternalName' });
    await untilTried();

    expect(await endpoint()).to.deep.equal(former);
    expect(textAt(await service(), 'spec.type')).to.equal('LoadBalancer');
  });

  it('a node port out of range: the former one, and no word; without one: it stays too', async () => {
    await ask({ serviceType: 'NodePort', nodePort: 32100 });
    await untilPublished([NODE_ADDRESS], 32100);

    await ask({ nodePort: 80 });
    await untilTried();
    expect(numberAt(await endpoint(), 'port')).to.equal(32100);

    await ask({ nodePort: null });
    await untilTried();
    expect(numberAt(await endpoint(), 'port')).to.equal(32100);
    expect(await lasting()).to.deep.equal(identities);
  });

  it('a node that is not ready: one empty address, until it is', async () => {
    await bari.liqo.faults.nodeNotReady(true);
    await untilPublished([''], 32100);

    await bari.liqo.faults.nodeNotReady(false);
    await untilPublished([NODE_ADDRESS], 32100);
  });

  it('the tenant namespace deleted under a live tunnel: all goes, and the other side turns to Error', async () => {
    await onBari.remove(NAMESPACE, tenant('turin'));

    await onBari.untilGone(NAMESPACE, tenant('turin'));
    await untilSays(viewOf(turin, 'bari'), 'Error');
    const networking = async () =>
      valueAt(await onBari.get(FOREIGN_CLUSTER), 'status.modules.networking');
    await eventually('disabled', async () => valueAt(await networking(), 'enabled') === false);
    // What it says of the gateway depends on what went first, and Kubernetes empties a namespace in no order.
    expect((await onBari.conditions()).map(([type]) => type)).to.deep.equal([
      'NetworkGatewayPresence',
    ]);
  });
});
