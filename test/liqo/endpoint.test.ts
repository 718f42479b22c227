import { expect } from 'chai';
import { readEndpoint, type ServerSurroundings } from '../../src/liqo/endpoint.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { anOwnNetwork } from '../support/builders/a-known-side.ts';

const OLD_ENDPOINT = { addresses: ['172.30.0.13'], port: 30000, protocol: 'UDP' };

function aServer(endpoint: unknown): KubeObject {
  return {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind: 'GatewayServer',
    metadata: { name: 'rome', namespace: 'liqo-tenant-rome', uid: 'current' },
    spec: { endpoint, serverTemplateRef: { name: 'wireguard-server', namespace: 'liqo' } },
    // A server that was made again shows the endpoint of the dying WgGatewayServer for a while.
    status: { endpoint: OLD_ENDPOINT },
  };
}

function aWgGateway(endpoint: unknown, owner = 'current'): KubeObject {
  return {
    apiVersion: 'networking.liqo.io/v1beta1',
    kind: 'WgGatewayServer',
    metadata: {
      name: 'rome',
      namespace: 'liqo-tenant-rome',
      ownerReferences: [
        {
          apiVersion: 'networking.liqo.io/v1beta1',
          kind: 'GatewayServer',
          name: 'rome',
          uid: owner,
        },
      ],
    },
    status: { endpoint },
  };
}

/** A cluster whose Services have addresses from 10.96.0.0/12. */
function around(...wgGateways: readonly KubeObject[]): ServerSurroundings {
  const ownNetworks = [anOwnNetwork({ type: 'service-cidr', cidr: '10.96.0.0/12' })];
  return { wgGateways, ownNetworks };
}

/** As Liqo renders the template for a Service of this type. */
function made(type: string, wg: KubeObject): KubeObject {
  return { ...wg, spec: { service: { spec: { type } } } };
}

const NODE_PORT = { serviceType: 'NodePort', port: 51840 };
const LOAD_BALANCER = { serviceType: 'LoadBalancer', port: 51840 };

describe('readEndpoint', () => {
  for (const [name, asked, endpoint, want] of [
    ['a node port', NODE_PORT, { addresses: ['a'], port: 32005, protocol: 'UDP' }, ['a']],
    [
      'a node port that was asked for',
      { ...NODE_PORT, nodePort: 32005 },
      { addresses: ['a'], port: 32005 },
      ['a'],
    ],
    [
      'a load balancer with names and addresses',
      LOAD_BALANCER,
      { addresses: ['', 'lb.example.test', '198.51.100.7'], port: 51840 },
      ['lb.example.test', '198.51.100.7'],
    ],
    [
      'a load balancer that has a name instead of the address asked for',
      { ...LOAD_BALANCER, loadBalancerIP: '203.0.113.7' },
      { addresses: ['lb.example.test'], port: 51840 },
      ['lb.example.test'],
    ],
    [
      'the address that was asked for',
      { ...LOAD_BALANCER, loadBalancerIP: '203.0.113.7' },
      { addresses: ['203.0.113.7'], port: 51840 },
      ['203.0.113.7'],
    ],
  ] as const) {
    it(`takes ${name}`, () => {
      expect(readEndpoint(aServer(asked), around(aWgGateway(endpoint)))).to.deep.equal({
        kind: 'published',
        endpoint: { addresses: want, port: endpoint.port, protocol: 'UDP' },
      });
    });
  }

  for (const [name, asked, wgGateways, want] of [
    [
      'no WgGatewayServer',
      NODE_PORT,
      [],
      /^its WgGatewayServer; if that lasts, see that there is a WgGatewayServerTemplate liqo\/wireguard-server$/,
    ],
    [
      'that of an earlier gateway only',
      NODE_PORT,
      [aWgGateway(OLD_ENDPOINT, 'earlier')],
      /^its WgGatewayServer; if that lasts, see that there is a WgGatewayServerTemplate liqo\/wireguard-server$/,
    ],
    [
      'an owner-less one only',
      NODE_PORT,
      [{ ...aWgGateway(OLD_ENDPOINT), metadata: { name: 'rome' } }],
      /^its WgGatewayServer; if that lasts, see that there is a WgGatewayServerTemplate liqo\/wireguard-server$/,
    ],
    [
      'no status yet',
      NODE_PORT,
      [aWgGateway(undefined)],
      /^an address .*NodePort\); if that lasts, see that the Pod of its gateway runs, or see the events of its WgGatewayServer$/,
    ],
    [
      'no status for a node port that may be taken',
      { ...NODE_PORT, nodePort: 31234 },
      [aWgGateway(undefined)],
      /^an address .*NodePort\); if that lasts, node port 31234 may be taken: choose another, or see/,
    ],
    [
      'a load balancer of which nothing is said yet',
      LOAD_BALANCER,
      [aWgGateway(undefined)],
      /^an address in status\.endpoint \(service type LoadBalancer\); if that lasts, see that the cluster has a load balancer/,
    ],
    [
      'a node that is not ready',
      NODE_PORT,
      [aWgGateway({ addresses: [''], port: 32005 })],
      /^an address/,
    ],
    ['no port', NODE_PORT, [aWgGateway({ addresses: ['a'] })], /^a port/],
    ['an impossible port', NODE_PORT, [aWgGateway({ addresses: ['a'], port: 70000 })], /^a port/],
    ['no service type, which means ClusterIP', {}, [aWgGateway({})], /service type ClusterIP/],
  ] as const) {
    it(`waits where there is ${name}`, () => {
      const published = readEndpoint(aServer(asked), around(...wgGateways));

      expect(published.kind).to.equal('pending');
      expect(published).to.have.property('message').that.matches(want);
    });
  }

  for (const [name, asked, wg, want] of [
    [
      'another node port than asked for',
      { ...NODE_PORT, nodePort: 32100 },
      aWgGateway({ addresses: ['a'], port: 32005 }),
      /^nodePort 32100 \(status\.endpoint still says 32005/,
    ],
    [
      'another port than asked for',
      { port: 51841 },
      aWgGateway({ addresses: ['a'], port: 51840 }),
      /^port 51841 \(status\.endpoint still says 51840/,
    ],
    [
      'another address than asked for',
      { ...LOAD_BALANCER, loadBalancerIP: '203.0.113.7' },
      aWgGateway({ addresses: ['198.51.100.7'], port: 51840 }),
      /^loadBalancerIP 203\.0\.113\.7 \(status\.endpoint still says 198\.51\.100\.7/,
    ],
    [
      'no address for a load balancer',
      LOAD_BALANCER,
      aWgGateway({ port: 51840 }),
      /^an address in status\.endpoint \(service type LoadBalancer\); if that lasts, see that the cluster has a load balancer/,
    ],
    [
      'a Service of another type than asked for',
      LOAD_BALANCER,
      made('NodePort', aWgGateway({ addresses: ['172.30.0.13'], port: 51840 })),
      /^service type LoadBalancer \(its WgGatewayServer has NodePort; .* template/,
    ],
    [
      "a load balancer's port where a node port is asked for",
      NODE_PORT,
      made('NodePort', aWgGateway({ addresses: ['172.30.0.13'], port: 51840 })),
      /^a node port \(status\.endpoint still says 51840/,
    ],
    [
      'an address from outside where one of the cluster is asked for',
      { serviceType: 'ClusterIP', port: 51840 },
      aWgGateway({ addresses: ['172.30.0.13'], port: 51840 }),
      /^an address for service type ClusterIP \(status\.endpoint still says 172\.30\.0\.13/,
    ],
    [
      'an address of the cluster where one from outside is asked for',
      LOAD_BALANCER,
      aWgGateway({ addresses: ['10.97.1.2'], port: 51840 }),
      /^an address for service type LoadBalancer/,
    ],
  ] as const) {
    it(`sees that what was asked for is not what is there: ${name}`, () => {
      const published = readEndpoint(aServer(asked), around(wg));

      expect(published.kind).to.equal('unrealised');
      expect(published).to.have.property('message').that.matches(want);
    });
  }

  it('says nothing of the kind of address where the Service CIDR is not known', () => {
    const wg = aWgGateway({ addresses: ['172.30.0.13'], port: 51840 });

    const published = readEndpoint(aServer({ port: 51840 }), { wgGateways: [wg], ownNetworks: [] });

    expect(published.kind).to.equal('published');
  });

  it('takes a node port that is the port of the Service too', () => {
    const wg = aWgGateway({ addresses: ['a'], port: 31000 });

    expect(readEndpoint(aServer({ ...NODE_PORT, port: 31000 }), around(wg)).kind).to.equal(
      'published',
    );
  });
});
