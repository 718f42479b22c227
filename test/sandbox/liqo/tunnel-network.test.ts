import { expect } from 'chai';
import {
  createTunnelNetwork,
  type Gateway,
  type TunnelNetwork,
} from '../../../src/sandbox/liqo/tunnel-network.ts';

const SERVER: Gateway = {
  id: 'milan/ns/1',
  clusterID: 'milan',
  remoteID: 'rome',
  role: 'server',
  target: 'milan/ns/rome',
  mtu: 1340,
  publicKey: 'milan-key',
  peerKey: 'rome-key',
  dials: undefined,
  frozen: false,
};
const CLIENT: Gateway = {
  ...SERVER,
  id: 'rome/ns/1',
  clusterID: 'rome',
  remoteID: 'milan',
  role: 'client',
  target: 'rome/ns/milan',
  publicKey: 'rome-key',
  peerKey: 'milan-key',
  dials: '172.30.0.13:32005',
};

/** What each side has been told last. */
function wire(
  server: Gateway,
  client: Gateway,
): { network: TunnelNetwork; links: Map<string, boolean> } {
  const network = createTunnelNetwork();
  const links = new Map<string, boolean>();
  for (const gateway of [server, client]) {
    network.attach(gateway, (up) => links.set(gateway.clusterID, up));
  }
  network.publish('milan/ns/gw-rome', ['172.30.0.13:32005'], 'milan/ns/rome');
  return { network, links };
}

describe('tunnel network', () => {
  const cases: readonly {
    name: string;
    server?: Partial<Gateway>;
    client?: Partial<Gateway>;
    up: boolean;
  }[] = [
    { name: 'links two sides that match', up: true },
    { name: 'does not link a wrong key on the server', server: { peerKey: 'other' }, up: false },
    { name: 'does not link a wrong key on the client', client: { peerKey: 'other' }, up: false },
    { name: 'does not link without a key', client: { peerKey: undefined }, up: false },
    { name: 'does not link different MTUs', client: { mtu: 1400 }, up: false },
    {
      name: 'does not link an address nobody publishes',
      client: { dials: '172.30.0.99:32005' },
      up: false,
    },
    { name: 'does not link a wrong port', client: { dials: '172.30.0.13:30000' }, up: false },
    { name: 'does not link two servers', client: { role: 'server' }, up: false },
    { name: 'does not link a client that dials nothing', client: { dials: undefined }, up: false },
    { name: 'does not link a program that hangs', server: { frozen: true }, up: false },
    { name: 'does not link while the other end hangs', client: { frozen: true }, up: false },
  ];
  for (const { name, server, client, up } of cases) {
    it(name, () => {
      const { links } = wire({ ...SERVER, ...server }, { ...CLIENT, ...client });

      expect(Object.fromEntries(links)).to.deep.equal({ milan: up, rome: up });
    });
  }

  it('follows changes: a key that comes, a Service that goes, a pod that dies', () => {
    const { network, links } = wire(SERVER, { ...CLIENT, peerKey: undefined });

    network.attach(CLIENT, () => expect.fail('the first listener stays'));
    expect(links.get('milan')).to.equal(true);
    network.withdraw('milan/ns/gw-rome');
    expect(links.get('milan')).to.equal(false);
    network.publish('milan/ns/gw-rome', ['172.30.0.13:32005'], 'milan/ns/rome');
    expect(links.get('rome')).to.equal(true);
    network.detach(SERVER.id);
    expect(links.get('rome')).to.equal(false);
  });

  it('tells only of changes', () => {
    const network = createTunnelNetwork();
    const told: boolean[] = [];
    network.attach(SERVER, (up) => told.push(up));
    network.publish('other', ['172.30.0.1:1'], 'other');
    network.withdraw('other');

    expect(told).to.deep.equal([false]);
  });

  it('cuts one pair or a whole cluster, and heals', () => {
    const { network, links } = wire(SERVER, CLIENT);

    network.cut('milan', 'naples', true);
    expect(links.get('rome'), 'another pair').to.equal(true);
    network.cut('milan', 'rome', true);
    expect(links.get('rome'), 'this pair').to.equal(false);
    network.cut('rome', 'milan', false);
    expect(links.get('rome'), 'healed from the other end').to.equal(true);
    network.cut('rome', undefined, true);
    expect(links.get('milan'), 'whole cluster').to.equal(false);
    network.cut('rome', undefined, false);
    expect(links.get('milan')).to.equal(true);
  });

  it('translates addresses in front of a leaf', () => {
    const { network, links } = wire(SERVER, { ...CLIENT, dials: 'vpn.milan.example:51840' });
    expect(links.get('rome')).to.equal(false);

    network.forward('vpn.milan.example:51840', '172.30.0.13:32005');

    expect(links.get('rome')).to.equal(true);
  });
});
